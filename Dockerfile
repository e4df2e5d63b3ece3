# syntax=docker/dockerfile:1

# The operator's image: the files that src/release/package names, as in the image of the local cluster, and nothing else.
FROM node:24-bookworm-slim AS build
# What the program is bundled from is seen here alone.
ARG BUILDKIT_SBOM_SCAN_STAGE=true
RUN apt-get update \
 && apt-get install --yes --no-install-recommends ca-certificates \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY src src
RUN node_modules/.bin/node src/release/package/main.ts root /root.tar \
 && mkdir /image \
 && tar --extract --file /root.tar --directory /image

FROM scratch
COPY --from=build /image/ /
USER 65532:65532
WORKDIR /
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
ENV SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt
ENV NODE_ENV=production
ENTRYPOINT ["/usr/bin/node", "/app/dormouse.mjs"]

import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import * as z from 'zod';
import { parsedJson } from '#base/json.ts';
import type { ArchiveKind } from '#sources/model-uri.ts';
import type { OciUri } from '#sources/oci.ts';
import { permanent, retryable } from '../../errors.ts';
import type { Page, RemoteFile, Source, SourceOptions } from '../../source.ts';
import { contentReader } from '../content.ts';
import { Registry, unreachable } from './registry.ts';
import { readRegistryCredentials } from './settings.ts';

const digest = z.string().regex(/^sha256:[a-f0-9]{64}$/);
const descriptor = z.object({
  mediaType: z.string().default(''),
  digest,
  size: z.int().nonnegative(),
  annotations: z.record(z.string(), z.string()).nullish(),
  platform: z.object({ architecture: z.string(), os: z.string() }).nullish(),
});
const manifest = z.union([
  z.object({ manifests: z.array(descriptor).min(1) }),
  z.object({ layers: z.array(descriptor) }),
]);
type Descriptor = z.infer<typeof descriptor>;

/** What manifests are asked for as (https://github.com/opencontainers/image-spec/blob/main/media-types.md). */
const accept = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

const architectures: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };
const title = 'org.opencontainers.image.title';

/**
 * An image, whose layers are unpacked one over the other, or an artifact, whose layers are files with titles, in a registry
 * (https://github.com/opencontainers/distribution-spec/blob/main/spec.md).
 */
export function openSource(
  { registry: { origin, host }, repository, reference, path, shown }: OciUri,
  { env, flags }: SourceOptions,
): Source {
  const registry = new Registry(new URL(origin), shown, readRegistryCredentials(env, host, flags));
  const url = (below: string): URL => new URL(`${origin}/v2/${repository}/${below}`);

  async function readManifest(
    name: string,
    signal: AbortSignal,
  ): Promise<{ layers: Descriptor[]; revision: string }> {
    const request = { where: shown, advice: unreachable, headers: { accept } };
    const answer = await registry.send(url(`manifests/${name}`), request, signal);
    if (answer.statusCode !== 200) throw await registry.failure(shown, answer);
    const bytes = Buffer.from(await answer.body.arrayBuffer());
    const revision = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
    if (name.startsWith('sha256:') && name !== revision)
      throw retryable(`${shown}: the registry sent a manifest of another digest, ${revision}`);
    const { data } = manifest.safeParse(parsedJson(bytes.toString()));
    if (!data) throw permanent(`${shown}: the registry sent no manifest of an image: check the URI.`);
    if ('layers' in data) return { layers: data.layers, revision };
    return readManifest(ofPlatform(data.manifests), signal);
  }

  /** The manifest of an index that is for this machine, or the only one. */
  function ofPlatform(manifests: readonly Descriptor[]): string {
    const wanted = architectures[process.arch] ?? process.arch;
    const found =
      manifests.find(({ platform }) => platform?.os === 'linux' && platform.architecture === wanted) ??
      (manifests.length === 1 ? manifests[0] : undefined);
    if (found) return found.digest;
    const there = manifests.map(({ platform }) => `${platform?.os}/${platform?.architecture}`);
    throw permanent(
      `${shown}: there is no image for linux/${wanted}, but ${there.join(', ')}: push one for it.`,
    );
  }

  const describe = ({ digest: id, size }: Descriptor, below: string): RemoteFile => ({
    id,
    path: below,
    where: shown,
    size,
    digest: { algorithm: 'sha256', value: id.slice('sha256:'.length) },
    ranges: true,
  });

  function files(layers: readonly Descriptor[]): readonly RemoteFile[] {
    const named = layers.map((layer) => ({ layer, name: layer.annotations?.[title] ?? '' }));
    const below = named.flatMap(({ layer, name }) => {
      const inside =
        name === path
          ? posix.basename(name)
          : path === ''
            ? name
            : name.startsWith(`${path}/`)
              ? name.slice(path.length + 1)
              : '';
      return inside ? [describe(layer, inside)] : [];
    });
    if (below.length > 0) return below;
    const some = named.slice(0, 3).map(({ name }) => name);
    throw permanent(
      `${shown}: there is no ${path} in it, but ${some.join(', ')}: check what stands behind the #.`,
    );
  }

  return {
    async list(_, signal): Promise<Page> {
      const { layers, revision } = await readManifest(reference, signal);
      if (layers.some(({ annotations }) => annotations?.[title])) return { files: files(layers), revision };
      const kinds = layers.map(({ mediaType }) => kindOf(mediaType));
      return {
        files: layers.map((layer, index) => describe(layer, `layer-${index}`)),
        revision,
        layers: { kinds, path },
      };
    },

    ...contentReader({
      client: registry.client,
      send: registry.send,
      urlOf: ({ id }) => url(`blobs/${id}`),
      advice: unreachable,
      failure: (where, answer) => registry.failure(where, answer),
    }),

    close() {
      registry.close();
    },
  };

  function kindOf(mediaType: string): ArchiveKind {
    if (/[.+]tar[.+]gzip$/.test(mediaType)) return 'tar.gz';
    if (/[.+]tar[.+]zstd$/.test(mediaType)) return 'tar.zst';
    if (/[.+]tar$/.test(mediaType)) return 'tar';
    throw permanent(
      `${shown}: a layer is "${mediaType}", neither a file with a title nor a tar: push the model anew.`,
    );
  }
}

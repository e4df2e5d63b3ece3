import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Descriptor, type Entry, writeTar } from '#release/package/layer.ts';
import type { ImageFile } from '#release/package/libraries.ts';
import { environment, rootEntries, user } from '#release/package/root.ts';

/** Part of every cache key: to be raised when the same input would give other bytes. */
export const writerVersion = '1';

/** What one image holds and runs. */
export type Image = {
  /** Full reference, e.g. `dev.local/pause:1`. */
  readonly name: string;
  /** Files, and folders that are copied whole with the symbolic links inside them. A later target wins. */
  readonly files: readonly ImageFile[];
  readonly entrypoint?: readonly string[];
  readonly cmd?: readonly string[];
  /** Default `65532:65532`, which the image knows as `nonroot`. */
  readonly user?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Default `/`. */
  readonly workdir?: string;
  /** True for an absolute path in the image that is left out, with everything below it. */
  readonly exclude?: (path: string) => boolean;
};

const manifestType = 'application/vnd.oci.image.manifest.v1+json';

/**
 * Writes a one-layer image archive that `ctr images import`, `kind load image-archive` and `docker load` read:
 * an OCI image layout (https://github.com/opencontainers/image-spec/blob/v1.1.0/image-layout.md) with the
 * `manifest.json` beside it that kind and Docker take the tags from. The same input gives the same bytes.
 *
 * Gives the digest of the manifest and the size of the archive in bytes. Throws when a source cannot be read;
 * `archivePath` then stays as it was.
 */
export async function writeImage(archivePath: string, image: Image): Promise<Descriptor> {
  await mkdir(dirname(archivePath), { recursive: true });
  const scratch = await mkdtemp(`${archivePath}.`);
  try {
    const entries = await rootEntries(image.files, image.exclude);
    const layer = await writeTar(join(scratch, 'layer'), entries);
    const config = json(imageConfig(image, layer));
    const manifest = json({
      schemaVersion: 2,
      mediaType: manifestType,
      config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...describe(config) },
      layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar', ...layer }],
    });
    const { digest } = describe(manifest);
    const { size } = await writeTar(
      join(scratch, 'archive'),
      new Map<string, Entry>([
        ['oci-layout', text('{"imageLayoutVersion":"1.0.0"}')],
        ['index.json', { kind: 'data', data: index(image.name, describe(manifest)) }],
        ['manifest.json', { kind: 'data', data: dockerManifest(image.name, describe(config), layer) }],
        [blobPath(describe(config)), { kind: 'data', data: config }],
        [blobPath(describe(manifest)), { kind: 'data', data: manifest }],
        [blobPath(layer), { kind: 'file', mode: 0o644, source: join(scratch, 'layer'), size: layer.size }],
      ]),
    );
    await rename(join(scratch, 'archive'), archivePath);
    return { digest, size };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function imageConfig(image: Image, layer: Descriptor): unknown {
  const env = { ...environment, ...image.env };
  return {
    created: '1970-01-01T00:00:00Z',
    architecture: process.arch === 'x64' ? 'amd64' : process.arch,
    os: 'linux',
    config: {
      User: image.user ?? user,
      Env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
      Entrypoint: image.entrypoint,
      Cmd: image.cmd,
      WorkingDir: image.workdir ?? '/',
    },
    rootfs: { type: 'layers', diff_ids: [layer.digest] },
  };
}

function index(name: string, manifest: Descriptor): Buffer {
  const annotations = {
    'io.containerd.image.name': name,
    'org.opencontainers.image.ref.name': name.slice(name.lastIndexOf(':') + 1),
  };
  return json({ schemaVersion: 2, manifests: [{ mediaType: manifestType, ...manifest, annotations }] });
}

function dockerManifest(name: string, config: Descriptor, layer: Descriptor): Buffer {
  return json([{ Config: blobPath(config), RepoTags: [name], Layers: [blobPath(layer)] }]);
}

function describe(blob: Buffer): Descriptor {
  return { digest: `sha256:${createHash('sha256').update(blob).digest('hex')}`, size: blob.length };
}

function blobPath({ digest }: Descriptor): string {
  return `blobs/${digest.replace(':', '/')}`;
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

function text(data: string): Entry {
  return { kind: 'data', data: Buffer.from(data) };
}

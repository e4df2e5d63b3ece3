import { namedBy, UriError } from './model-uri.ts';

/** A model that is mounted where it lies: on a PersistentVolumeClaim, or in an image. */
export type MountedUri = {
  /** Below the root of the claim or image; empty for all of it. */
  readonly path: string;
  /** Whether the path is that of a file, by its ending. A folder whose name has a dot is written with a `/` at its end. */
  readonly isFile: boolean;
} & (
  | { readonly scheme: 'pvc'; readonly claim: string }
  | { readonly scheme: 'oci'; readonly reference: string }
);

/**
 * Reads `pvc://claim/path`, or `oci://registry/image:tag#path`. Kubernetes takes no path that leads out of a volume, and
 * nothing of it is decoded.
 * @throws UriError
 */
export function parseMounted(uri: string): MountedUri {
  const [, claim, claimPath = ''] = /^pvc:\/\/([^/]*)\/?(.*)$/i.exec(uri) ?? [];
  if (claim !== undefined) {
    if (!/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/.test(claim))
      throw new UriError(
        `${uri}: "${claim}" cannot be the name of a PersistentVolumeClaim: write pvc://claim/path.`,
      );
    return { scheme: 'pvc', claim, ...pathIn(uri, claimPath) };
  }
  const [, reference = '', imagePath = ''] = /^oci:\/\/([^#]*)#?(.*)$/i.exec(uri) ?? [];
  if (!/^[a-z0-9][-_.:/@a-zA-Z0-9]*[a-zA-Z0-9]$/.test(reference))
    throw new UriError(
      `${uri}: "${reference}" cannot be an image: write oci://registry.example.com/iris:v3.`,
    );
  return { scheme: 'oci', reference, ...pathIn(uri, imagePath) };
}

function pathIn(uri: string, text: string): Pick<MountedUri, 'path' | 'isFile'> {
  const parts = text.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) throw new UriError(`${uri}: ".." leads out of it: write the path without.`);
  return {
    path: parts.join('/'),
    isFile: /[^.]\.[a-zA-Z][a-zA-Z0-9]*$/.test(namedBy(text).name) && !text.endsWith('/'),
  };
}

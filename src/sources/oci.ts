import { type Located, namedBy, UriError, type UriOptions } from './model-uri.ts';
import { parseMounted } from './mounted.ts';

/** A model in a registry of OCI images: the layers of an image, or the files of an artifact. */
export interface OciUri extends Located {
  readonly scheme: 'oci';
  /** Protocol, host and port. */
  readonly registry: URL;
  readonly repository: string;
  /** A tag or a digest. */
  readonly reference: string;
  /** Below the root of the image; empty for all of it. */
  readonly path: string;
}

const loopback = /^(localhost|127\.\d+\.\d+\.\d+)(:\d+)?$/;

/**
 * Reads `oci://registry/image:tag#path`, of which the reference is one as container engines have it: without a registry it is of
 * Docker Hub (https://github.com/distribution/reference). As for these, registries of this machine are asked by http.
 */
export function parseOci(text: string, { allowHttp = false }: UriOptions): OciUri {
  const mounted = parseMounted(text);
  const whole = mounted.scheme === 'oci' ? mounted.reference : '';
  const [, name = '', tag, digest] =
    /^(.+?)(?::([A-Za-z0-9_][A-Za-z0-9._-]{0,127}))?(?:@(sha256:[a-f0-9]{64}))?$/.exec(whole) ?? [];
  const [first = '', ...rest] = name.split('/');
  const hasHost = rest.length > 0 && /[.:]|^localhost$/.test(first);
  const host = hasHost ? first : 'docker.io';
  const path = hasHost ? rest.join('/') : name;
  const repository = host === 'docker.io' && !path.includes('/') ? `library/${path}` : path;
  const registry = `${allowHttp || loopback.test(host) ? 'http' : 'https'}://${host === 'docker.io' ? 'registry-1.docker.io' : host}`;
  if (!/^[a-z0-9]+([._/-]+[a-z0-9]+)*$/.test(repository) || !URL.canParse(registry))
    throw new UriError(`${text}: "${whole}" cannot be an image: write oci://registry.example.com/iris:v3.`);
  return {
    scheme: 'oci',
    shown: text,
    registry: new URL(registry),
    repository,
    reference: digest ?? tag ?? 'latest',
    path: mounted.path,
    ...namedBy(mounted.path),
  };
}

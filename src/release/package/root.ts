import { existsSync } from 'node:fs';
import { type Entry, layerEntries } from './layer.ts';
import type { ImageFile } from './libraries.ts';

const certificates = '/etc/ssl/certs/ca-certificates.crt';
const text = (data: string): Entry => ({ kind: 'data', data: Buffer.from(data) });

const base: ReadonlyMap<string, Entry> = new Map<string, Entry>([
  ['tmp', { kind: 'directory', mode: 0o1777 }],
  ['etc/group', text('root:x:0:\nnonroot:x:65532:\n')],
  ['etc/passwd', text('root:x:0:0:root:/:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/tmp:/sbin/nologin\n')],
]);

/** The user of every image of ours, which knows it as `nonroot`. */
export const user = '65532:65532';

/** Environment of every image of ours. */
export const environment = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  SSL_CERT_FILE: certificates,
};

/** All files of an image: those given, the users, and the certificate authorities that this machine trusts. */
export function rootEntries(
  files: readonly ImageFile[],
  exclude: (path: string) => boolean = () => false,
): Promise<Map<string, Entry>> {
  const trust = existsSync(certificates) ? [{ source: certificates, target: certificates }] : [];
  return layerEntries(base, [...trust, ...files], exclude);
}

import { join } from 'node:path';
import { run } from '../cluster/exec.ts';

/**
 * Makes `name.crt` and `name.key` in a folder: self-signed, or by the authority of that name, which was made there before.
 * @returns the path of the certificate
 */
export async function issue(
  folder: string,
  name: string,
  options: { by?: string; names?: string } = {},
): Promise<string> {
  const at = (file: string) => join(folder, file);
  const signer = options.by ? ['-CA', at(`${options.by}.crt`), '-CAkey', at(`${options.by}.key`)] : [];
  const names = options.names ? ['-addext', `subjectAltName=${options.names}`] : [];
  const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc', '-days', '2'];
  const files = ['-out', at(`${name}.crt`), '-keyout', at(`${name}.key`)];
  await run(['openssl', 'req', ...kind, '-subj', `/CN=${name}`, ...signer, ...names, ...files]);
  return at(`${name}.crt`);
}

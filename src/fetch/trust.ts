import { readFileSync } from 'node:fs';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { permanent } from './errors.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Trusts the certificate authorities that the environment names besides those of Node.js, in every connection of this
 * process: those of a file (`AWS_CA_BUNDLE`), or PEM text (`DORMOUSE_CA_CERTIFICATES`), as a key of a Secret can be.
 * @throws FetchError
 */
export function trustAuthorities({ AWS_CA_BUNDLE: file, DORMOUSE_CA_CERTIFICATES: text }: Environment): void {
  const added = [
    ...(file ? certificates(readBundle(file), `AWS_CA_BUNDLE, ${file},`) : []),
    ...(text ? certificates(text, 'DORMOUSE_CA_CERTIFICATES') : []),
  ];
  if (added.length > 0) setDefaultCACertificates([...getCACertificates('default'), ...added]);
}

function readBundle(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw permanent(`AWS_CA_BUNDLE: cannot read ${file}: name a readable file of PEM certificates.`, {
      cause,
    });
  }
}

function certificates(pem: string, where: string): string[] {
  const found = pem.match(/-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----/gs) ?? [];
  if (found.length === 0)
    throw permanent(`${where} holds no certificate: give PEM, with BEGIN CERTIFICATE lines.`);
  return found;
}

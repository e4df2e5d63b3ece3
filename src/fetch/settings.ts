import { readFileSync } from 'node:fs';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { permanent } from './errors.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** What flags say; they win over variables. */
export interface SourceFlags {
  readonly endpoint?: string | undefined;
  readonly region?: string | undefined;
  readonly anonymous?: boolean | undefined;
}

const proxyNames = ['http_proxy', 'https_proxy', 'HTTP_PROXY', 'HTTPS_PROXY'];

/** True where requests may have to go through a proxy. @throws FetchError where the address of one is wrong */
export function hasProxy(env: Environment): boolean {
  return proxyNames.filter((name) => readUrl(env, name, name) !== undefined).length > 0;
}

/**
 * Trusts the certificate authorities that the environment names besides those of Node.js, in every connection of this
 * process: those of a file (`AWS_CA_BUNDLE`), or PEM text (`DORMOUSE_CA_CERTIFICATES`), as a key of a Secret can be.
 * @throws FetchError
 */
export function trustAuthorities(env: Environment): void {
  const file = env.AWS_CA_BUNDLE?.trim();
  const text = env.DORMOUSE_CA_CERTIFICATES?.trim();
  // Node.js reads this one itself, and goes on without it where it cannot.
  if (env.NODE_EXTRA_CA_CERTS) readBundle('NODE_EXTRA_CA_CERTS', env.NODE_EXTRA_CA_CERTS);
  const added = [
    ...(file ? certificates(readBundle('AWS_CA_BUNDLE', file), `AWS_CA_BUNDLE, ${file},`) : []),
    ...(text ? certificates(text, 'DORMOUSE_CA_CERTIFICATES') : []),
  ];
  if (added.length === 0) return;
  try {
    setDefaultCACertificates([...getCACertificates('default'), ...added]);
  } catch (cause) {
    throw permanent(
      `${file ? 'AWS_CA_BUNDLE' : 'DORMOUSE_CA_CERTIFICATES'} holds a damaged certificate: give PEM as its authority made it.`,
      { cause },
    );
  }
}

function readBundle(name: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw permanent(`${name}: cannot read ${file}: name a readable file of PEM certificates.`, { cause });
  }
}

function certificates(pem: string, where: string): string[] {
  const found = pem.match(/-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----/gs) ?? [];
  if (found.length === 0)
    throw permanent(`${where} holds no certificate: give PEM, with BEGIN CERTIFICATE lines.`);
  return found;
}

/** A value without space around it; undefined where nothing is left. */
export function read(env: Environment, name: string, shown = name): string | undefined {
  const text = env[name]?.trim();
  if (!text) return undefined;
  if (/[\s\p{Cc}]/u.test(text))
    throw permanent(`${shown} holds a space or a line break: write its value alone.`);
  return text;
}

export function readFlag(env: Environment, name: string): boolean | undefined {
  const text = read(env, name)?.toLowerCase();
  if (text === undefined || text === 'true' || text === 'false') return text && text === 'true';
  throw permanent(`${name} is "${text}": write true or false.`);
}

export function readEndpoint(env: Environment, name: string, shown = name): string | undefined {
  return readUrl(env, name, shown)?.href.replace(/\/$/, '');
}

/** @throws FetchError for all but the address of a server; a password in it is not shown */
function readUrl(env: Environment, name: string, shown: string): URL | undefined {
  const text = read(env, name, shown);
  if (text === undefined) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && ['http:', 'https:'].includes(url.protocol) && url.host) {
    if (url.search || url.hash)
      throw permanent(`${shown} has a query or a fragment: write the address of the server alone.`);
    return url;
  }
  const isBare = /^[-.\w]+(:\d+)?(\/|$)/.test(text);
  throw permanent(
    isBare
      ? `${shown} is "${text}", without a scheme: write http://${text} or https://${text}.`
      : `${shown} is no URL of a server: write one such as https://minio.example:9000.`,
  );
}

import { readFileSync } from 'node:fs';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { type Advice, permanent } from './errors.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface S3Settings {
  /** A server that is not AWS. */
  readonly endpoint?: string | undefined;
  readonly region?: string | undefined;
  /** True for `host/bucket`, false for `bucket.host`. */
  readonly pathStyle: boolean;
  /** Ask without credentials. */
  readonly anonymous: boolean;
  /** Unset where the SDK is to look for them: a web identity, a profile, the machine's own. */
  readonly credentials?: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
  /** Names of variables that look like credentials and are not read: the keys of a Secret of another tool. */
  readonly unread: readonly string[];
}

/** What flags say; they win over variables. */
export interface S3Flags {
  readonly endpoint?: string | undefined;
  readonly region?: string | undefined;
  readonly anonymous?: boolean | undefined;
}

/** How to write a setting where it is wrong: a flag or variable at the prompt, a field or key of a Secret in a pod. */
export const adviceOf = {
  endpoint: {
    Prompt: 'check AWS_ENDPOINT_URL',
    Pod: 'check spec.model.endpoint, or AWS_ENDPOINT_URL in its Secret',
  },
  region: { Prompt: 'set AWS_REGION', Pod: 'set spec.model.region, or AWS_REGION in its Secret' },
  noCredentials: {
    Prompt:
      'set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or a web identity, or ask without any (--anonymous)',
    Pod: 'name a Secret with the keys AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in spec.model.credentials, or with AWS_NO_SIGN_REQUEST: "true" for a public bucket',
  },
} as const satisfies Record<string, Advice>;

/**
 * The settings of S3 that flags and the environment give. Space around a value is cut off: keys of Secrets often end in
 * a line break.
 * @throws FetchError, permanent, which names the variable and never shows a secret
 */
export function readS3Settings(env: Environment, flags: S3Flags = {}): S3Settings {
  const accessKeyId = read(env, 'AWS_ACCESS_KEY_ID');
  const secretAccessKey = read(env, 'AWS_SECRET_ACCESS_KEY');
  const sessionToken = read(env, 'AWS_SESSION_TOKEN');
  if (!accessKeyId !== !secretAccessKey) {
    const [there, missing] = accessKeyId
      ? ['ACCESS_KEY_ID', 'SECRET_ACCESS_KEY']
      : ['SECRET_ACCESS_KEY', 'ACCESS_KEY_ID'];
    throw permanent(`AWS_${there} is set and AWS_${missing} is not: set both.`);
  }
  const endpoint =
    readEndpoint({ endpoint: flags.endpoint }, 'endpoint', '--endpoint') ??
    readEndpoint(env, 'AWS_ENDPOINT_URL_S3') ??
    readEndpoint(env, 'AWS_ENDPOINT_URL');
  return {
    endpoint,
    region:
      readRegion({ region: flags.region }, 'region', '--region') ??
      readRegion(env, 'AWS_REGION') ??
      readRegion(env, 'AWS_DEFAULT_REGION'),
    // A server of one's own seldom has a name for each bucket.
    pathStyle: readFlag(env, 'AWS_S3_FORCE_PATH_STYLE') ?? endpoint !== undefined,
    anonymous: flags.anonymous ?? readFlag(env, 'AWS_NO_SIGN_REQUEST') ?? false,
    ...(accessKeyId &&
      secretAccessKey && {
        credentials: { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) },
      }),
    unread: Object.keys(env).filter(looksLikeCredentials).sort(),
  };
}

/** Variables that the SDK reads, or that name no secret. */
const known = /^(AWS_|DORMOUSE_|NODE_|npm_|KUBERNETES_|SSH_|GPG_|GITHUB_|XDG_)/;
/** Of services in the same namespace (https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables). */
const serviceLink = /_(SERVICE_(HOST|PORT)|PORT)(_|$)/;
const misspelt = /^AWS_?(ACCESS_?KEY|SECRET_?KEY|SECRET)$/i;

function looksLikeCredentials(name: string): boolean {
  if (misspelt.test(name)) return true;
  return (
    !known.test(name) && !serviceLink.test(name) && /access.?key|secret|root.?(user|password)/i.test(name)
  );
}

/** The value of `Authorization` for https, if one is set. @throws FetchError where it is no value of a header */
export function readAuthorization(env: Environment): string | undefined {
  const text = env.DORMOUSE_HTTP_AUTHORIZATION?.trim();
  if (text && !/^[\x20-\x7e]+$/.test(text))
    throw permanent(
      'DORMOUSE_HTTP_AUTHORIZATION holds a line break or a character that no header may: write "Bearer ..." or "Basic ..." on one line.',
    );
  return text || undefined;
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
function read(env: Environment, name: string, shown = name): string | undefined {
  const text = env[name]?.trim();
  if (!text) return undefined;
  if (/[\s\p{Cc}]/u.test(text))
    throw permanent(`${shown} holds a space or a line break: write its value alone.`);
  return text;
}

function readFlag(env: Environment, name: string): boolean | undefined {
  const text = read(env, name)?.toLowerCase();
  if (text === undefined || text === 'true' || text === 'false') return text && text === 'true';
  throw permanent(`${name} is "${text}": write true or false.`);
}

function readRegion(env: Environment, name: string, shown = name): string | undefined {
  const text = read(env, name, shown);
  if (text === undefined || /^[a-zA-Z0-9]([-a-zA-Z0-9]{0,61}[a-zA-Z0-9])?$/.test(text)) return text;
  throw permanent(`${shown} is "${text}": write the name of a region, such as eu-central-1.`);
}

function readEndpoint(env: Environment, name: string, shown = name): string | undefined {
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

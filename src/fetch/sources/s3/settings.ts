import { permanent } from '../../errors.ts';
import { type Environment, read, readEndpoint, readFlag, type SourceFlags } from '../../settings.ts';

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

/**
 * The settings of S3 that flags and the environment give. Space around a value is cut off: keys of Secrets often end in
 * a line break.
 * @throws FetchError, permanent, which names the variable and never shows a secret
 */
export function readS3Settings(env: Environment, flags: SourceFlags = {}): S3Settings {
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

function readRegion(env: Environment, name: string, shown = name): string | undefined {
  const text = read(env, name, shown);
  if (text === undefined || /^[a-zA-Z0-9]([-a-zA-Z0-9]{0,61}[a-zA-Z0-9])?$/.test(text)) return text;
  throw permanent(`${shown} is "${text}": write the name of a region, such as eu-central-1.`);
}

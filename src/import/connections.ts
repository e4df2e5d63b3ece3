import type { Model } from '#api/v1alpha1/model.ts';
import { compact } from './compact.ts';
import { Source } from './source.ts';

/** With what a model is read, and where; a bucket and a scheme for one that names a path alone. */
export interface Connection {
  readonly scheme: string | undefined;
  readonly bucket: string | undefined;
  readonly fields: Pick<Model, 'credentials' | 'endpoint' | 'region'>;
  /** The Secret that has the credentials. */
  readonly secret: string;
}

type Values = Readonly<Record<string, string | undefined>>;

interface InputSecret {
  readonly source: Source;
  readonly name: string;
  readonly namespace: string | undefined;
  readonly values: Values;
}

/** The Secret of KServe that has one connection in each key, as JSON. */
const storageConfig = 'storage-config';

/** The names that KServe, its storage-config, and data connections of OpenShift AI have for the same thing. */
const names = {
  id: ['AWS_ACCESS_KEY_ID', 'awsAccessKeyID', 'access_key_id'],
  key: ['AWS_SECRET_ACCESS_KEY', 'awsSecretAccessKey', 'secret_access_key'],
  session: ['AWS_SESSION_TOKEN', 'session_token'],
  endpoint: ['AWS_ENDPOINT_URL', 'AWS_S3_ENDPOINT', 'S3_ENDPOINT', 'endpoint_url'],
  https: ['S3_USE_HTTPS'],
  region: ['AWS_REGION', 'AWS_DEFAULT_REGION', 'region'],
  bucket: ['AWS_S3_BUCKET', 'bucket', 'default_bucket'],
  anonymous: ['AWS_NO_SIGN_REQUEST', 'awsAnonymousCredential', 'anonymous'],
} as const;
/** Variables by which fetchers of other schemes know their credentials. */
const otherVariables = [
  'GOOGLE_APPLICATION_CREDENTIALS_JSON',
  'gcloud-application-credentials.json',
  'HF_TOKEN',
  'AZURE_CLIENT_ID',
  'AZURE_STORAGE_ACCESS_KEY',
  'AZURE_STORAGE_SAS_TOKEN',
];

/** The Secrets and ServiceAccounts of an input, as far as models need them. */
export class Connections {
  readonly #secrets: readonly InputSecret[];
  readonly #accounts: readonly Source[];
  /** What was read, by its source, and the Secrets that were made of it, by their names. */
  readonly #read = new Map<Source, Map<string, object>>();

  constructor(sources: readonly Source[]) {
    this.#secrets = sources.filter((source) => source.at('kind').is('Secret')).map(secretOf);
    this.#accounts = sources.filter((source) => source.at('kind').is('ServiceAccount'));
  }

  /** The Secrets that were made of an object; undefined where no model needed it. */
  madeOf(source: Source): object[] | undefined {
    const made = this.#read.get(source);
    return made && [...made.values()];
  }

  /**
   * The connection that `storage.key` names: a key of a Secret (`storage-config`, if no other is named), or a Secret that is a
   * data connection of OpenShift AI.
   */
  ofKey(
    namespace: string | undefined,
    key: string | undefined,
    secret = storageConfig,
  ): Connection | undefined {
    const held = this.#find(namespace, secret);
    const text = held?.values[key ?? 'default_s3'] ?? (key === undefined ? held?.values.default : undefined);
    if (held && text !== undefined) return this.#ofJson(held, key ?? 'default', text);
    return key === undefined ? undefined : this.ofSecret(namespace, key);
  }

  /** The connection of a Secret that has variables; undefined where it is not in the input. */
  ofSecret(namespace: string | undefined, name: string): Connection | undefined {
    const secret = this.#find(namespace, name);
    return secret && this.#ofValues(secret, secret.values, `${name}-aws`, true);
  }

  /** The connection of the first Secret of a ServiceAccount that has one, as KServe looks for it. */
  ofAccount(namespace: string | undefined, name = 'default'): Connection | undefined {
    const account = this.#accounts.find(
      (source) => source.at('metadata', 'name').is(name) && isWithin(source, namespace),
    );
    for (const item of account?.at('secrets').items() ?? []) {
      const found = this.ofSecret(namespace, item.at('name').text ?? '');
      if (!account || !found) continue;
      this.#read.set(account, new Map());
      return found;
    }
    return undefined;
  }

  #find(namespace: string | undefined, name: string): InputSecret | undefined {
    return this.#secrets.find((secret) => secret.name === name && isWithin(secret.source, namespace));
  }

  #ofJson(secret: InputSecret, key: string, text: string): Connection | undefined {
    const values = parsed(text);
    if (!values) return undefined;
    return this.#ofValues(secret, values, `${secret.name}-${key}`, false);
  }

  #ofValues(secret: InputSecret, values: Values, made: string, isVariables: boolean): Connection | undefined {
    const annotation = (name: string) =>
      isVariables
        ? secret.source.at('metadata', 'annotations', `serving.kserve.io/s3-${name}`).text
        : undefined;
    const first = (which: keyof typeof names) => names[which].map((name) => values[name]).find(Boolean);
    const isAnonymous = (annotation('useanoncredential') ?? first('anonymous')) === 'true';
    const variables: Values = isAnonymous
      ? { AWS_NO_SIGN_REQUEST: 'true' }
      : {
          AWS_ACCESS_KEY_ID: first('id'),
          AWS_SECRET_ACCESS_KEY: first('key'),
          AWS_SESSION_TOKEN: first('session'),
        };
    const isS3 = isAnonymous || (first('id') !== undefined && first('key') !== undefined);
    if (!isS3 && !otherVariables.some((name) => values[name] !== undefined)) return undefined;
    const written = compact(variables);
    const isAsIs =
      isVariables && Object.entries(written).every(([name, value]) => !isS3 || values[name] === value);
    const name = isAsIs ? secret.name : objectNameOf(made);
    const known = this.#read.get(secret.source) ?? new Map<string, object>();
    this.#read.set(secret.source, known);
    if (!isAsIs) known.set(name, makeSecret(name, secret.namespace, written));
    const useHttps = (annotation('usehttps') ?? first('https')) !== '0';
    return {
      scheme: values.type ?? (isS3 ? 's3' : undefined),
      bucket: first('bucket'),
      secret: name,
      fields: {
        credentials: { secretRef: { name } },
        ...(isS3 &&
          compact({
            endpoint: endpointOf(annotation('endpoint') ?? first('endpoint'), useHttps),
            region: annotation('region') ?? first('region'),
          })),
      },
    };
  }
}

/** Files name no namespace where the one who applies them does. */
const isWithin = (source: Source, namespace: string | undefined): boolean => {
  const own = source.at('metadata', 'namespace').text;
  return own === undefined || namespace === undefined || own === namespace;
};

function secretOf(source: Source): InputSecret {
  const encoded = Object.entries(source.at('data').texts()).map(([key, text]) => [key, decoded(text)]);
  return {
    source,
    name: source.at('metadata', 'name').text ?? '',
    namespace: source.at('metadata', 'namespace').text,
    values: { ...Object.fromEntries(encoded), ...source.at('stringData').texts() },
  };
}

const decoded = (text: string): string | undefined => {
  try {
    return new TextDecoder().decode(Uint8Array.from(atob(text), (char) => char.charCodeAt(0)));
  } catch {
    return undefined;
  }
};

function parsed(json: string): Values | undefined {
  try {
    return new Source(JSON.parse(json)).texts();
  } catch {
    return undefined;
  }
}

/** KServe writes endpoints without a scheme. AWS itself is meant where none is named. */
function endpointOf(text: string | undefined, useHttps: boolean): string | undefined {
  const trimmed = text?.trim().replace(/\/+$/, '');
  if (!trimmed || /^(https?:\/\/)?s3([.-][-a-z0-9]+)?\.amazonaws\.com(\.cn)?$/.test(trimmed))
    return undefined;
  return /^https?:\/\//.test(trimmed) ? trimmed : `${useHttps ? 'https' : 'http'}://${trimmed}`;
}

const objectNameOf = (text: string): string =>
  text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');

const makeSecret = (name: string, namespace: string | undefined, stringData: object): object => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name, ...compact({ namespace }) },
  type: 'Opaque',
  stringData,
});

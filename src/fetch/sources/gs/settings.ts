import { permanent } from '../../errors.ts';
import { type Environment, read, readEndpoint, type SourceFlags } from '../../settings.ts';

export interface GsSettings {
  /** Of the JSON API. */
  readonly endpoint: string;
  /** Whether that is another server than Google's. */
  readonly isElsewhere: boolean;
  /** Ask without credentials. */
  readonly anonymous: boolean;
  /** What the JSON of a credential says; unset where Google's library is to look for one. */
  readonly credentials?: object | undefined;
  /** Whether a file is named that has it. */
  readonly isFileNamed: boolean;
}

/**
 * The settings of Cloud Storage that flags and the environment give. The JSON of a credential, as Google's console hands it
 * out, may stand in any variable: Secrets call its key `gcloud-application-credentials.json` (KServe,
 * pkg/credentials/gcs/gcs_secret.go), `key.json` or whatever, and Kubernetes lets these be names of variables.
 * @throws FetchError, permanent, which names the variable and never shows a secret
 */
export function readGsSettings(env: Environment, flags: SourceFlags = {}): GsSettings {
  const endpoint =
    readEndpoint({ endpoint: flags.endpoint }, 'endpoint', '--endpoint') ??
    readEndpoint({ host: emulatorOf(env) }, 'host', 'STORAGE_EMULATOR_HOST');
  const held = Object.entries(env).filter(([, text]) => looksLikeCredential(text));
  const [first, second] = held.filter(
    ([, text], index) => held.findIndex(([, one]) => one === text) === index,
  );
  if (first && second)
    throw permanent(
      `${first[0]} and ${second[0]} hold credentials of Google that differ: leave one of them.`,
    );
  const file = first?.[0] === 'GOOGLE_APPLICATION_CREDENTIALS' ? undefined : fileOf(env);
  return {
    endpoint: endpoint ?? 'https://storage.googleapis.com',
    isElsewhere: endpoint !== undefined,
    anonymous: flags.anonymous ?? false,
    credentials: first && parsed(first[0], first[1]),
    isFileNamed: file !== undefined,
  };
}

/** Clients of Google take it with a scheme and without. */
function emulatorOf(env: Environment): string | undefined {
  const text = read(env, 'STORAGE_EMULATOR_HOST');
  return text === undefined || /^https?:\/\//.test(text) ? text : `http://${text}`;
}

const fileOf = (env: Environment): string | undefined => read(env, 'GOOGLE_APPLICATION_CREDENTIALS');

/** The kinds are those of https://google.aip.dev/auth/4112 and its neighbours. */
const looksLikeCredential = (text: string | undefined): boolean =>
  text !== undefined &&
  /^\s*\{.*"type"\s*:\s*"(service_account|authorized_user|external_account\w*|impersonated_service_account)"/s.test(
    text,
  );

function parsed(name: string, text = ''): object {
  try {
    return JSON.parse(text);
  } catch {
    throw permanent(`${name} holds damaged JSON: give the credential's file as it was downloaded.`);
  }
}

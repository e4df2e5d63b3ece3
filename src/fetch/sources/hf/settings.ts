import { type Environment, read, readEndpoint, type SourceFlags } from '../../settings.ts';

export interface HfSettings {
  /** The hub, or a mirror of it. */
  readonly endpoint: string;
  readonly token?: string | undefined;
}

const publicHub = 'https://huggingface.co';

/**
 * The settings of the hub that flags and the environment give, under the names of its own client
 * (https://huggingface.co/docs/huggingface_hub/package_reference/environment_variables).
 * @throws FetchError, permanent, which names the variable and never shows a secret
 */
export function readHfSettings(env: Environment, { endpoint, anonymous }: SourceFlags = {}): HfSettings {
  return {
    endpoint:
      readEndpoint({ endpoint }, 'endpoint', '--endpoint') ?? readEndpoint(env, 'HF_ENDPOINT') ?? publicHub,
    token: anonymous ? undefined : (read(env, 'HF_TOKEN') ?? read(env, 'HUGGING_FACE_HUB_TOKEN')),
  };
}

import type { HfUri } from '#sources/hf.ts';
import { type Advice, type FetchError, retryAfter, statusError } from '../../errors.ts';
import { discard, type HttpAnswer } from '../../http-client.ts';
import type { HfSettings } from './settings.ts';

const token: Advice = {
  Prompt: 'check the URI; a private repository takes a token of an account that may read it, in HF_TOKEN',
  Pod: 'check the URI; a private repository takes a token of an account that may read it, under the key HF_TOKEN of the Secret that spec.model.credentials names',
};
const wrongToken = 'make a new token, and set HF_TOKEN to it';
const revision = 'check what stands behind the @: a branch, a tag or a commit';
/** Strangers may ask less than accounts (https://huggingface.co/docs/hub/rate-limits). */
const tooOften: Advice = {
  Prompt: 'give a token in HF_TOKEN, with which the hub lets you ask more often',
  Pod: 'name a Secret with a token under the key HF_TOKEN in spec.model.credentials: with it the hub lets you ask more often',
};

const accept = ({ endpoint }: HfSettings, { repo }: HfUri): Advice => ({
  Prompt: `accept the terms at ${endpoint}/${repo}, and give a token of that account in HF_TOKEN`,
  Pod: `accept the terms at ${endpoint}/${repo}, and name a Secret with a token of that account under the key HF_TOKEN in spec.model.credentials`,
});

/** The failure behind an answer of the hub, which says in headers what is wrong. */
export function hfError(
  where: string,
  { statusCode: status, headers, body }: HttpAnswer,
  uri: HfUri,
  settings: HfSettings,
): FetchError {
  discard({ body });
  const text = (name: string): string | undefined =>
    typeof headers[name] === 'string' ? headers[name] : undefined;
  const code = text('x-error-code');
  const message = text('x-error-message');
  return statusError(where, {
    status,
    code,
    message,
    retryAfterMs: retryAfter(headers['retry-after'], Date.now()) ?? windowMs(text('ratelimit')),
    rights: token,
    advice: adviceFor(),
  });

  function adviceFor(): Advice | undefined {
    if (status === 429) return settings.token ? undefined : tooOften;
    if (code === 'GatedRepo') return accept(settings, uri);
    if (code === 'RevisionNotFound') return revision;
    if (code === 'RepoNotFound') return token;
    return status === 401 && /invalid credentials/i.test(message ?? '') ? wrongToken : undefined;
  }
}

/**
 * Milliseconds until the hub answers again, of a header such as `"api";r=0;t=55`
 * (https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-ratelimit-headers-09).
 */
function windowMs(header: string | undefined): number | undefined {
  const seconds = /;\s*r\s*=\s*0\s*;\s*t\s*=\s*(\d+)/.exec(header ?? '')?.[1];
  return seconds === undefined ? undefined : Number(seconds) * 1000;
}

import type { Dispatcher } from 'undici';
import { type Advice, retryAfter, statusError } from '../../errors.ts';
import { noCredentials } from './tokens.ts';

/** What to do about what Cloud Storage says (https://cloud.google.com/storage/docs/json_api/v1/status-codes). */
const adviceByReason: Readonly<Record<string, Advice>> = {
  userProjectMissing: 'name a project that pays in GOOGLE_CLOUD_QUOTA_PROJECT',
  authError: 'renew the credential',
  userProjectAccountProblem: 'open the billing account of the project',
  accountDisabled: 'open the billing account of the project',
};

const rights: Advice =
  'check the credential, and that it may do storage.objects.get (and, for a folder, storage.objects.list) there: the role roles/storage.objectViewer';

/** The failure behind an answer of Cloud Storage. */
export async function gsError(
  answer: Dispatcher.ResponseData,
  where: string,
  isAnonymous: boolean,
): Promise<Error> {
  const text = await answer.body.text().catch(() => '');
  const { reason, message } = saidIn(text);
  return statusError(where, {
    status: answer.statusCode,
    code: reason,
    message,
    retryAfterMs: retryAfter(answer.headers['retry-after'], Date.now()),
    rights: isAnonymous ? noCredentials : rights,
    advice: reason === undefined ? undefined : adviceByReason[reason],
  });
}

/** The API answers in JSON, and a download in plain text. */
function saidIn(text: string): { reason?: string | undefined; message?: string | undefined } {
  try {
    const { error } = JSON.parse(text);
    return { reason: error?.errors?.[0]?.reason, message: error?.message };
  } catch {
    return { message: text.startsWith('<') ? undefined : text };
  }
}

import { permanent } from '../../errors.ts';
import type { Environment } from '../../settings.ts';

/** The value of `Authorization` for https, if one is set. @throws FetchError where it is no value of a header */
export function readAuthorization(env: Environment): string | undefined {
  const text = env.DORMOUSE_HTTP_AUTHORIZATION?.trim();
  if (text && !/^[\x20-\x7e]+$/.test(text))
    throw permanent(
      'DORMOUSE_HTTP_AUTHORIZATION holds a line break or a character that no header may: write "Bearer ..." or "Basic ..." on one line.',
    );
  return text || undefined;
}

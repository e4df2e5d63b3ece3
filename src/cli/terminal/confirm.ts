import { createInterface } from 'node:readline/promises';
import { PlainError } from '../action.ts';

/**
 * Asks on standard error whether to go on, and gives the answer; anything but yes is no.
 * @param flag the one that makes this question, for whoever cannot be asked
 * @throws PlainError where no user can be asked
 */
export async function confirmed(question: string, flag: string): Promise<boolean> {
  if (!process.stdin.isTTY)
    throw new PlainError(`${flag} asks before it changes anything: use --yes where no user can answer`);
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await prompt.question(`${question} [y/N] `)).trim());
  } finally {
    prompt.close();
  }
}

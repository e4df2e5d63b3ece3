import { once } from 'node:events';
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
  // Ctrl-C and Ctrl-D close it; of a question that is open then, not each Node.js says something.
  const closed = once(prompt, 'close').then(() => '\n');
  const asked = prompt.question(`${question} [y/N] `).catch(() => closed);
  try {
    const answer = await Promise.race([asked, closed]);
    if (answer === '\n') process.stderr.write(answer);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    prompt.close();
  }
}

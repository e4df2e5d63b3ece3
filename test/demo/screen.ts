const started = performance.now();
const colours = process.stdout.isTTY && !process.env.NO_COLOR;
const paint = (code: number, text: string): string => (colours ? `\u001b[${code}m${text}\u001b[0m` : text);

/** Starts a part of the demo: what is about to happen. */
export const title = (text: string): void => console.log(`\n${paint(1, text)}`);

/** What happens within a part, with the seconds since the demo began. */
export function say(text: string): void {
  const seconds = ((performance.now() - started) / 1000).toFixed(1).padStart(6);
  console.log(`${paint(2, `${seconds}s`)}  ${text}`);
}

/** A command that the viewer may type, too. */
export const command = (text: string): void => console.log(`${paint(2, '       $')}  ${paint(36, text)}`);

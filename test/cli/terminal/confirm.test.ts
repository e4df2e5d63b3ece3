import { PassThrough } from 'node:stream';
import { expect, it, vi } from 'vitest';
import { confirmed } from '#cli/terminal/confirm.ts';

it.each([
  ['y\n', true],
  [' YES \n', true],
  ['\n', false],
  ['yeah\n', false],
  // Ctrl-D
  ['', false],
])('%j in answer to a question is %s', async (typed, answer) => {
  const stdin = Object.assign(new PassThrough(), { isTTY: true });
  const spies = [
    vi.spyOn(process, 'stdin', 'get').mockReturnValue(stdin as never),
    vi.spyOn(process.stderr, 'write').mockReturnValue(true),
  ];
  try {
    const given = confirmed('go on?', 'eject');
    stdin.end(typed);
    expect(await given).toBe(answer);
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
});

it('where no user can be asked, the flag is named', async () => {
  const spy = vi.spyOn(process, 'stdin', 'get').mockReturnValue(new PassThrough() as never);
  await expect(confirmed('go on?', 'eject')).rejects.toThrow(
    'eject asks before it changes anything: use --yes',
  );
  spy.mockRestore();
});

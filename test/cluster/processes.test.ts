import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findProcess, parsePidFile, parseStat } from './processes.ts';

const fields = 'S 1 7 7 0 -1 4194560 0 0 0 0 0 0 0 0 20 0 3 0 8841 0';

test.each([
  ['a plain name', `42 (etcd) ${fields}`],
  ['a name with blanks and brackets', `42 (a) S (b) ${fields}`],
])('the fields of /proc/PID/stat are found behind %s', (_, line) => {
  expect(parseStat(line)).toEqual({ pid: 42, state: 'S', threads: 3, start: '8841' });
});

test.each(['', '42', `42 (etcd) ${fields}`])('a pid file cut short names no process: %j', (text) => {
  expect(parsePidFile(text)).toBeUndefined();
});

test('only the process that wrote a pid file is found by it, not a later one with its number', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'pid-'));
  const file = join(folder, 'pid');
  const stat = (await readFile('/proc/self/stat', 'utf8')).trim();
  const boot = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
  const start = parseStat(stat)?.start ?? '';

  await writeFile(file, `${stat}\n${boot}\n`);
  expect(await findProcess(file)).toEqual({ pid: process.pid, start, boot });

  await writeFile(file, `${stat.replace(` ${start} `, ' 1 ')}\n${boot}\n`);
  expect(await findProcess(file)).toBeUndefined();

  await writeFile(file, `${stat}\nanother-boot\n`);
  expect(await findProcess(file)).toBeUndefined();
  await rm(folder, { recursive: true });
});

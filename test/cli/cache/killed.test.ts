import { existsSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { markerName } from '#base/marker.ts';
import { readCache } from '#fetch/cache/cache.ts';
import { fetchInto, temporaryFolder } from '../../support/fetching.ts';
import { start } from '../process.ts';

const files = 300;

test('whenever a prune is killed, the next fetch gives the whole model', { timeout: 120_000 }, async () => {
  const [folder, source] = [await temporaryFolder(), await temporaryFolder()];
  await mkdir(join(source, 'weights'));
  for (let index = 0; index < files; index++) await writeFile(join(source, `weights/${index}`), 'x');
  const model = join(folder, 'dormouse/a');
  const uri = `file://${source}`;
  await fetchInto(model, uri);
  for (const delayMs of [0, 2, 5, 12]) {
    const args = ['cache', 'prune', folder, '--max-size', '0', '--ignore-revisions'];
    const { child, ended } = start(args);
    while (child.exitCode === null && existsSync(join(model, markerName))) await setTimeout(1);
    await setTimeout(delayMs);
    child.kill('SIGKILL');
    await ended;
    const { models, foreign } = await readCache(folder);
    expect(models.filter(({ state }) => state !== 'unfinished')).toEqual([]);
    expect(foreign.filter(({ problem }) => problem !== 'is empty')).toEqual([]);
    expect((await fetchInto(model, uri)).fetched).toBe(true);
    expect(await readdir(join(model, 'weights'))).toHaveLength(files);
  }
});

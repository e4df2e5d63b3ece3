import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, open, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bundle, writeBundle } from '#release/package/bundle.ts';
import { findOrBuild } from '../cluster/binaries.ts';
import { run } from '../cluster/exec.ts';
import { progress } from '../cluster/progress.ts';
import { median } from '../demo/predictions.ts';
import { cached, defaultCache } from '../images/cache.ts';
import { startS3Server } from '../support/versitygw.ts';
import { type Cost, measure } from './measure.ts';

// How long a model takes from an S3 server on this machine: `dormouse fetch` as it is in the image, beside s5cmd and
// KServe's storage initializer. They take turns, in one order and then the other.
const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, mebibytes: { type: 'string', default: '2048' } },
});
const rounds = Number(values.rounds);
const mebibytes = Number(values.mebibytes);
const kserveStorage = 'kserve-storage==0.21.0';
const download = 'import sys; from kserve_storage import Storage; Storage.download(*sys.argv[1:])';

const { s5cmd } = await findOrBuild(['s5cmd'], progress(console.log));
const python = join(await kserveEnvironment(), 'venv/bin/python');
const server = await startS3Server(console.log);
const scratch = await mkdtemp(join(tmpdir(), 'dormouse-bench-'));
try {
  const env = { ...server.env, S3_ENDPOINT_URL: server.endpoint, HOME: scratch };
  const [program = ''] = (await writeBundle(join(scratch, 'program'), await bundle())).filter((file) =>
    file.endsWith('/dormouse.mjs'),
  );
  const model = join(scratch, 'model.bin');
  const digest = await writeRandom(model, mebibytes);
  await run([s5cmd, 'mb', 's3://models'], { env });
  await run([s5cmd, 'cp', model, 's3://models/model.bin'], { env });
  await rm(model);

  const uri = 's3://models/model.bin';
  const target = join(scratch, 'target');
  const dormouse = [process.execPath, program, 'fetch', '--progress', 'none'];
  const subjects: Readonly<Record<string, readonly string[]>> = {
    dormouse: [...dormouse, uri, target],
    'dormouse --digest': [...dormouse, '--digest', `sha256:${digest}`, uri, target],
    s5cmd: [s5cmd, 'cp', uri, `${target}/`],
    [kserveStorage]: [python, '-c', download, uri, target],
  };
  const names = Object.keys(subjects);
  const costs = new Map<string, Cost[]>(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const name of round % 2 ? names.toReversed() : names) {
      await mkdir(target);
      const cost = await measure(subjects[name] ?? [], env);
      await rm(target, { recursive: true });
      costs.get(name)?.push(cost);
      console.log(`round ${round + 1}, ${name}: ${cost.seconds.toFixed(2)} s`);
    }
  }

  const of = (name: string, which: keyof Cost) => (costs.get(name) ?? []).map((cost) => cost[which]);
  const fastest = Math.min(...names.map((name) => median(of(name, 'seconds'))));
  const rows = names.map((name) => {
    const seconds = median(of(name, 'seconds'));
    return [
      name,
      {
        'median (s)': seconds.toFixed(2),
        'best (s)': Math.min(...of(name, 'seconds')).toFixed(2),
        'speed to the fastest': (fastest / seconds).toFixed(2),
        'CPU (s)': median(of(name, 'cpuSeconds')).toFixed(2),
        'peak memory (MiB)': Math.round(Math.max(...of(name, 'peakMiB'))),
      },
    ] as const;
  });
  console.log(
    `${mebibytes} MiB into ${tmpdir()}, ${rounds} rounds; load of the machine ${loadavg()[0]?.toFixed(1)}`,
  );
  console.table(Object.fromEntries(rows));
} finally {
  await rm(scratch, { recursive: true, force: true });
  await server.stop();
}

/** KServe's storage initializer, in a Python environment of its own. */
function kserveEnvironment(): Promise<string> {
  const key = `kserve-${createHash('sha256').update(kserveStorage).digest('hex').slice(0, 16)}`;
  return cached(defaultCache(), key, async (folder) => {
    console.log(`installing ${kserveStorage} (once)`);
    // Not activated but called by its path, so it may be moved.
    await run(['python3', '-m', 'venv', join(folder, 'venv')]);
    await run([join(folder, 'venv/bin/python'), '-m', 'pip', 'install', '--quiet', kserveStorage]);
  });
}

/** Writes a file that nothing can compress, and gives its SHA-256 in hex. */
async function writeRandom(path: string, size: number): Promise<string> {
  const hash = createHash('sha256');
  const file = await open(path, 'w');
  try {
    for (let count = 0; count < size; count += 1) {
      const block = randomBytes(1024 * 1024);
      hash.update(block);
      await file.write(block);
    }
  } finally {
    await file.close();
  }
  return hash.digest('hex');
}

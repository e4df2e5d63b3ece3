import { cp, mkdir, mkdtemp, readFile, rm, stat, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operatorConfig } from '#release/package/operator.ts';
import { environment, user } from '#release/package/root.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { run } from '../cluster/exec.ts';

const root = join(import.meta.dirname, '../..');

interface Instruction {
  readonly verb: string;
  readonly text: string;
}

/** The instructions of each stage, continued lines joined. */
async function stages(): Promise<Instruction[][]> {
  const text = await readFile(join(root, 'Dockerfile'), 'utf8');
  const lines = text.replaceAll('\\\n', '').split('\n');
  const instructions = lines
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => ({ verb: line.split(' ', 1)[0] ?? '', text: line.slice(line.indexOf(' ') + 1) }));
  const starts = instructions.flatMap(({ verb }, index) => (verb === 'FROM' ? [index] : []));
  return starts.map((start, stage) => instructions.slice(start, starts[stage + 1]));
}

const of = (stage: readonly Instruction[] | undefined, verb: string): string[] =>
  (stage ?? []).filter((each) => each.verb === verb).map(({ text }) => text);

describe('the Dockerfile', () => {
  let folder: string;
  let build: Instruction[] | undefined;
  let final: Instruction[] | undefined;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'dormouse-dockerfile-'));
    [build, final] = await stages();
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('runs the program as the image of the local cluster does', () => {
    const env = Object.fromEntries(of(final, 'ENV').map((text) => text.split('=')));
    expect(env).toEqual({ ...environment, ...operatorConfig.env });
    expect(of(final, 'USER')).toEqual([user]);
    expect(JSON.parse(of(final, 'ENTRYPOINT')[0] ?? '')).toEqual(operatorConfig.entrypoint);
    expect(of(final, 'COPY')).toEqual(['--from=build /image/ /']);
  });

  it('builds on a Node.js of the major version that is put into the image', () => {
    const [pinned] = packageJson.devDependencies.node.split('.');
    expect(of(build, 'FROM')).toEqual([`node:${pinned}-bookworm-slim AS build`]);
  });

  it('makes an image that runs, of no more than it copies', async () => {
    const source = join(folder, 'src');
    await mkdir(source);
    await symlink(join(root, 'node_modules'), join(source, 'node_modules'));
    for (const copy of of(build, 'COPY')) {
      const paths = copy.split(' ').slice(0, -1);
      for (const path of paths) await cp(join(root, path), join(source, path), { recursive: true });
    }
    const last = of(build, 'RUN').at(-1) ?? '';
    const command = last.replaceAll(/(?<= )\/(?=root\.tar|image)/g, `${folder}/`);
    await run(['sh', '-c', command], { cwd: source });
    const image = join(folder, 'image');
    const { mode } = await stat(join(image, 'tmp'));
    expect(mode & 0o7777).toBe(0o1777);
    const [uid, gid] = user.split(':');
    const inside = ['chroot', `--userspec=${uid}:${gid}`, image, ...operatorConfig.entrypoint];
    expect(await run([...inside, '--version'])).toBe(`${packageJson.version}\n`);
    expect(await run(['du', '--summarize', '--block-size=1M', image])).toMatch(/^1[0-5]\d\t/);
    // What its shell is for: waiting.
    expect(await run(['chroot', image, '/bin/sh', '-c', '/bin/sleep 0 && echo awake'])).toBe('awake\n');
  });
});

import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import packageJson from '../../package.json' with { type: 'json' };
import { findOrBuild } from '../cluster/binaries.ts';
import { run } from '../cluster/exec.ts';
import { progress } from '../cluster/progress.ts';
import { irisYaml } from '../support/rendered.ts';
import { nodeFolder, nodeVersions } from './nodes.ts';

const root = join(import.meta.dirname, '../..');

describe('the npm package', () => {
  let folder: string;
  let empty: string;
  let kubectl: string;
  let files: readonly string[];

  beforeAll(async () => {
    ({ kubectl } = await findOrBuild(['kubectl'], progress(console.log)));
    folder = await mkdtemp(join(tmpdir(), 'dormouse-package-'));
    empty = join(folder, 'empty');
    await mkdir(empty);
    const packed = await run(['npm', 'pack', '--json', '--pack-destination', folder], { cwd: root });
    const [archive = ''] = (await readdir(folder)).filter((name) => name.endsWith('.tgz'));
    // What the scripts of the package print comes before.
    const told = JSON.parse(packed.slice(packed.search(/^[[{]/m)));
    const [{ files: all }] = Object.values(told) as [{ files: { path: string }[] }];
    files = all.map(({ path }) => path);
    const install = ['install', '--prefix', folder, '--offline', '--loglevel=error', join(folder, archive)];
    await run(['npm', ...install], { cwd: empty });
  });
  afterAll(() => rm(folder, { recursive: true }));

  /** Runs a command in an empty folder, where `dormouse` is in PATH as npm has put it there. */
  async function at(version: string, command: readonly string[], input = '') {
    const bin = join(folder, 'node_modules/.bin');
    const path = [bin, await nodeFolder(version), dirname(kubectl), '/usr/bin', '/bin'].join(delimiter);
    const [name = '', ...args] = command;
    const env = { PATH: path, HOME: empty };
    const running = promisify(execFile)(name, args, { cwd: empty, env });
    running.child.stdin?.end(input);
    return running;
  }

  it('has the program and nothing that was there to make it', () => {
    expect(files).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'dist/dormouse.mjs']));
    expect(files.filter((file) => /^(src|test|manifests)\/|\.ts$/.test(file))).toEqual([]);
    expect(packageJson).not.toHaveProperty('dependencies');
  });

  it('runs on the oldest Node.js that it names', () => {
    expect(nodeVersions[0]).toBe(`${packageJson.engines.node.replace('>=', '')}.0`);
  });

  it.each(nodeVersions)('on Node.js %s: kubectl dormouse render', async (version) => {
    expect((await at(version, ['node', '--version'])).stdout).toBe(`v${version}\n`);
    const { stdout } = await at(version, ['kubectl', 'dormouse', 'render', '-f', '-'], irisYaml);
    expect(parse(stdout)).toMatchObject({ kind: 'Service', metadata: { name: 'iris' } });
  });

  it.each(nodeVersions)('on Node.js %s: every command finds what it is made of', async (version) => {
    expect((await at(version, ['dormouse', '--version'])).stdout).toBe(`${packageJson.version}\n`);
    const { stdout: help } = await at(version, ['dormouse', '--help']);
    const commands = [...help.matchAll(/^ {2}([a-z]+) /gm)].map(([, name]) => name ?? '');
    expect(commands).toContain('controller');
    for (const command of commands.filter((name) => name !== 'help'))
      expect((await at(version, ['dormouse', command, '--help'])).stdout).toContain('Usage:');
    await expect(at(version, ['dormouse', 'fetch', 'file:///missing', 'model'])).rejects.toThrow(
      /file:\/\/\/missing/,
    );
    await expect(
      at(version, ['dormouse', 'doctor', '--kubeconfig', '/missing/kubeconfig']),
    ).rejects.toMatchObject({ code: 2 });
  });
});

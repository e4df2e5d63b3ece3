import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from '../cluster/exec.ts';
import { cacheFolder } from '../cluster/folder.ts';
import { cached, contentKey } from '../images/cache.ts';
import { install } from '../images/pip.ts';
import { findPython, type Python } from '../images/python.ts';

export type Question = {
  readonly protocol: 'http' | 'grpc';
  /** Where to connect, as `host:port`. */
  readonly address: string;
  /** What an ingress at that address routes by: the Host header of HTTP, the authority of gRPC. */
  readonly host: string;
  readonly model: string;
  readonly rows: readonly (readonly number[])[];
};

export type Answers = {
  readonly live: boolean;
  readonly ready: boolean;
  readonly modelReady: boolean;
  readonly metadata: { readonly name: string; readonly platform?: string };
  /** All numbers of the model's first output, row after row. */
  readonly predictions: readonly number[];
};

/**
 * What NVIDIA's client library for the V2 protocol, tritonclient, gets from a server: a client that others wrote. It is
 * installed from PyPI into the user's cache folder at first use. Throws with the library's own words when it fails.
 */
export async function tritonClient(question: Question): Promise<Answers> {
  const python = await findPython();
  const env = { PYTHONPATH: await library(python) };
  const answers = await run([python.command, '-s', path('ask.py')], { env, input: JSON.stringify(question) });
  return JSON.parse(answers);
}

async function library(python: Python): Promise<string> {
  const requirements = path('requirements.txt');
  const key = `tritonclient-${await contentKey([requirements], [python.version, python.executable])}`;
  return cached(join(cacheFolder, 'clients'), key, (folder) => install(python, requirements, folder));
}

function path(name: string): string {
  return fileURLToPath(new URL(`triton/${name}`, import.meta.url));
}

import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { duration, seconds } from '#api/schema/scalars.ts';
import { messageOf } from '#kube/client/errors.ts';
import { exitCodes, PlainError } from '../action.ts';
import { findModels } from '../cluster/model.ts';
import { openCluster } from '../cluster/open.ts';
import type { Target } from '../flags.ts';
import { harmless, log } from '../terminal/terminal.ts';
import { resolveEndpoint } from './endpoint.ts';
import { protocolOf, replicasOf, send, tensorMetadata, timeWords } from './predict.ts';
import { type Input, inputOf, type Protocol, parseRows, requestOf } from './request.ts';

export interface PredictFlags extends Target {
  readonly filename?: string;
  readonly rows?: string;
  readonly text?: string;
  readonly protocol?: Protocol;
  readonly model?: string;
  readonly path?: string;
  readonly via?: string;
  readonly timeout: string;
}

/** Asks a model, prints its answer, and gives the exit code. */
export async function runPredict(name: string, flags: PredictFlags): Promise<number> {
  const input = await readInput(flags);
  if (flags.path !== undefined && input.type !== 'request')
    throw new PlainError('--path takes a whole request: use -f');
  if (!duration('1s', '24h').safeParse(flags.timeout).success)
    throw new PlainError(`--timeout is "${flags.timeout}": write a duration from 1s to 24h, such as 90s`);
  const timeoutMs = seconds(flags.timeout) * 1000;
  await using cluster = await openCluster(flags);
  const { client, namespace } = cluster;
  for (const model of await findModels(client, [name], namespace)) {
    const protocol = flags.path ? undefined : (flags.protocol ?? (await protocolOf(client, model)));
    await using way = await resolveEndpoint(cluster, model, flags.via);
    const replicas = await replicasOf(client, model);
    const started = performance.now();
    const called = flags.model ?? name;
    const tensor =
      protocol === 'v2' && input.type === 'rows' ? await tensorMetadata(way, called, timeoutMs) : undefined;
    const request = protocol
      ? requestOf(protocol, called, input, tensor)
      : { path: flags.path ?? '/', body: input.type === 'request' ? input.body : '' };
    const answer = await send(way, { ...request, timeoutMs });
    const failed = answer.statusCode >= 400;
    const output = failed ? process.stderr : process.stdout;
    let last = '';
    // As it comes: a language model may stream its words.
    for await (const chunk of answer.body.setEncoding('utf8')) {
      output.write(output.isTTY ? harmless(chunk) : chunk);
      last = chunk;
    }
    if (last && !last.endsWith('\n')) output.write('\n');
    log(timeWords(name, replicas, performance.now() - started, way.words));
    if (failed)
      throw new PlainError(`${name} answered POST ${request.path} with status ${answer.statusCode}`);
  }
  return exitCodes.done;
}

async function readInput(flags: PredictFlags): Promise<Input> {
  const { filename, rows, text: prompt } = flags;
  const given = Object.entries({ '-f': filename, '--rows': rows, '--text': prompt })
    .filter(([, value]) => value !== undefined)
    .map(([flag]) => flag);
  if (given.length === 0) throw new PlainError('there is nothing to ask: give one of -f, --rows and --text');
  if (given.length > 1) throw new PlainError(`${given.join(' and ')} exclude each other: give one of them`);
  if (rows !== undefined) return { type: 'rows', rows: parseRows(rows, '--rows') };
  if (prompt !== undefined) return { type: 'text', text: prompt };
  const where = filename === '-' ? 'standard input' : (filename ?? '');
  const source = await (filename === '-' ? text(process.stdin) : readFile(where, 'utf8')).catch((cause) => {
    throw new PlainError(`${where}: ${messageOf(cause)}`, { cause });
  });
  return inputOf(source, where);
}

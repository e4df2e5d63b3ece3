import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import type { Dispatcher } from 'undici';
import { exitCodes, PlainError } from '../action.ts';
import { timeoutMsOf } from '../cluster/await-model.ts';
import { type FoundModel, findModels } from '../cluster/model.ts';
import { type OpenCluster, openCluster } from '../cluster/open.ts';
import type { Target } from '../flags.ts';
import { fileProblem } from '../input/documents.ts';
import { causes } from '../status/cause.ts';
import { readModelObjects } from '../status/model-objects.ts';
import { type Progress, progressOf } from '../terminal/progress.ts';
import { log, pass, print } from '../terminal/terminal.ts';
import { resolveEndpoint } from './endpoint.ts';
import { NoAnswerError, noAnswerText, serverError } from './failure.ts';
import { grpcText, podsOf, replicasOf, send, speechOf, tensorMetadata, timingText } from './predict.ts';
import { type Input, inputOf, type Protocol, parseRows, requestOf } from './request.ts';
import { phaseOf } from './waking.ts';

export interface PredictFlags extends Target {
  readonly filename?: string;
  readonly rows?: string;
  readonly text?: string;
  readonly protocol?: Protocol;
  readonly model?: string;
  readonly path?: string;
  readonly via?: string;
  readonly timeout: string;
  readonly verbose?: boolean;
}

/** Sends a request to a model, prints its answer, and gives the exit code. */
export async function runPredict(name: string, flags: PredictFlags): Promise<number> {
  const input = await readInput(flags);
  if (flags.path !== undefined && input.type !== 'request')
    throw new PlainError('--path takes a whole request: use -f');
  const timeoutMs = timeoutMsOf(flags.timeout);
  await using cluster = await openCluster(flags);
  const [model] = await findModels(cluster.client, [name], cluster.namespace);
  if (model) await predict(cluster, model, input, { ...flags, timeoutMs });
  return exitCodes.done;
}

async function predict(
  cluster: OpenCluster,
  model: FoundModel,
  input: Input,
  flags: PredictFlags & { readonly timeoutMs: number },
): Promise<void> {
  const { client } = cluster;
  const { timeoutMs } = flags;
  const { name } = model.metadata;
  const speech = await speechOf(client, model);
  const protocol = flags.path ? undefined : (flags.protocol ?? speech.protocol);
  await using endpoint = await resolveEndpoint(cluster, model, { ...flags, ...speech }).catch((error) =>
    explained(cluster, model, error),
  );
  if (speech.transport === 'h2c') throw new PlainError(grpcText(name, protocol, endpoint));
  if (!protocol && !flags.path)
    throw new PlainError(
      `${name} does not say which protocol it speaks: use --protocol, or --path with -f for one of its own`,
    );
  const replicas = await replicasOf(client, model);
  const started = performance.now();
  using progress = progressOf();
  using _ = follow(cluster, model, replicas, progress);
  const called = flags.model ?? name;
  try {
    const tensor =
      protocol === 'v2' && input.type === 'rows'
        ? await tensorMetadata(endpoint, called, timeoutMs)
        : undefined;
    const request = protocol
      ? requestOf(protocol, called, input, tensor)
      : { path: flags.path ?? '/', body: input.type === 'request' ? input.body : '' };
    const answer = await send(endpoint, { ...request, timeoutMs });
    progress.clear();
    if (answer.statusCode >= 400)
      throw await failureOf(cluster, model, answer, { ...flags, path: request.path });
    await printAnswer(answer);
    log(timingText(name, replicas, performance.now() - started, endpoint.description));
  } catch (error) {
    progress.clear();
    return explained(cluster, model, error);
  }
}

/** @throws the error; where there was no answer, with the root cause */
async function explained(cluster: OpenCluster, model: FoundModel, error: unknown): Promise<never> {
  if (!(error instanceof NoAnswerError)) throw error;
  const cause = await rootCause(cluster, model);
  throw new PlainError(noAnswerText(model.metadata.name, { what: error.message, cause }), { cause: error });
}

/** As it comes: a language model may stream its words. */
async function printAnswer({ body }: Dispatcher.ResponseData): Promise<void> {
  const last = await pass(body.setEncoding('utf8'));
  if (last && !last.endsWith('\n')) print('\n');
}

/** Statuses with which the ingress and the activator answer for a model that does not. */
const gatewayStatuses = new Set([502, 503, 504]);

/** What went wrong by an answer with a status of failure: its last line first, all of it with --verbose. */
async function failureOf(
  cluster: OpenCluster,
  model: FoundModel,
  { body, statusCode }: Dispatcher.ResponseData,
  { verbose, path }: PredictFlags,
): Promise<PlainError> {
  const { name } = model.metadata;
  const { cause, details } = serverError(await body.text());
  if (verbose) for (const line of details) log(line);
  const what = `it answered POST ${path} with status ${statusCode}: ${cause}`;
  if (gatewayStatuses.has(statusCode)) {
    const root = await rootCause(cluster, model);
    return new PlainError(noAnswerText(name, { what, cause: root }));
  }
  const more = details.length > 0 && !verbose ? ` (--verbose shows the ${details.length} lines before)` : '';
  return new PlainError(`${name}: ${what}${more}`);
}

/** Why a model is not ready, as `dormouse status` says; nothing where it is, or the user may not see it. */
async function rootCause({ client }: OpenCluster, { metadata }: FoundModel): Promise<string | undefined> {
  try {
    const [now] = await findModels(client, [metadata.name], metadata.namespace);
    return now && causes(await readModelObjects(client, now)).find(({ message }) => message !== '')?.message;
  } catch {
    return undefined;
  }
}

/** Shows what the request waits for, with its seconds, while it takes longer than a moment. */
function follow(
  { client }: OpenCluster,
  model: FoundModel,
  replicas: number,
  progress: Progress,
): Disposable {
  const { name } = model.metadata;
  let phase = replicas === 0 ? 'waking' : 'waiting for the answer';
  const state = replicas === 0 ? 'asleep' : 'awake';
  progress.show(() => `${name} is ${state}; ${phase}`);
  const timer = setInterval(async () => {
    if (!progress.isShown) return;
    const pods = await podsOf(client, model).catch(() => undefined);
    if (pods && replicas === 0) phase = phaseOf(pods);
  }, 1000);
  timer.unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

async function readInput(flags: PredictFlags): Promise<Input> {
  const { filename, rows, text: prompt } = flags;
  const inputs = Object.entries({ '-f': filename, '--rows': rows, '--text': prompt })
    .filter(([, value]) => value !== undefined)
    .map(([flag]) => flag);
  if (inputs.length === 0) throw new PlainError('there is nothing to ask: give one of -f, --rows and --text');
  if (inputs.length > 1) throw new PlainError(`${inputs.join(' and ')} exclude each other: give one of them`);
  if (rows !== undefined) return { type: 'rows', rows: parseRows(rows, '--rows') };
  if (prompt !== undefined) return { type: 'text', text: prompt };
  const where = filename === '-' ? 'standard input' : (filename ?? '');
  const source = await (filename === '-' ? text(process.stdin) : readFile(where, 'utf8')).catch((cause) => {
    throw new PlainError(`${where}: ${fileProblem(cause)}`, { cause });
  });
  return inputOf(source, where);
}

import { evict } from '#fetch/cache/cache.ts';
import { type CachedModel, chooseEvictions, type Eviction } from '#fetch/cache/eviction.ts';
import { shownBytes } from '#fetch/disk.ts';
import { messageOf } from '#kube/client/errors.ts';
import { exitCodes } from '../action.ts';
import type { Format, Target } from '../flags.ts';
import { age, counted, printed } from '../terminal/output.ts';
import { log, print } from '../terminal/terminal.ts';
import { heldText, isExpected, oneLine, openCache, printable } from './contents.ts';
import { ageMsOf, bytesOf } from './limits.ts';
import { neededModels } from './needed.ts';

export interface PruneFlags extends Target {
  readonly maxSize?: string;
  readonly olderThan?: string;
  readonly keep?: readonly string[];
  readonly ignoreRevisions?: boolean;
  readonly dryRun?: boolean;
  readonly output?: Format;
}

/** Evicts models from a cache, and gives the exit code. */
export async function runCachePrune(folder: string, flags: PruneFlags): Promise<number> {
  const { maxSize, olderThan, keep = [], ignoreRevisions, dryRun, output } = flags;
  const maxBytes = maxSize === undefined ? undefined : bytesOf(maxSize);
  const maxAgeMs = olderThan === undefined ? undefined : ageMsOf(olderThan);
  // Before the revisions: the pod of one that comes later asks for its model later, and that is seen before it is evicted.
  const { models, foreign } = await openCache(folder);
  const needed = ignoreRevisions ? undefined : await neededModels(flags);
  if (needed)
    log(`${counted(needed.keys.length, 'model')} that revisions in ${needed.namespace} may need: kept`);
  const now = Date.now();
  const kept = new Set([...keep, ...(needed?.keys ?? [])]);
  const evicted: Eviction[] = [];
  let failures = 0;
  for (const eviction of chooseEvictions(models, { keep: kept, maxBytes, maxAgeMs, now })) {
    const { model } = eviction;
    try {
      const obstacle = dryRun ? undefined : await evict(folder, model);
      log(`${nameOf(model)}: ${obstacle ? `stays: ${obstacle}` : doneText(eviction, now, dryRun)}`);
      if (!obstacle) evicted.push(eviction);
    } catch (error) {
      if (!isExpected(error)) throw error;
      failures += 1;
      log(`error: ${nameOf(model)}: ${oneLine(messageOf(error))}`);
    }
  }
  const gone = new Set(evicted.map(({ model }) => model));
  const left = models.filter((model) => !gone.has(model));
  log(`${dryRun ? 'would be evicted' : 'evicted'}: ${heldText([...gone])}; left: ${heldText(left)}`);
  if (maxBytes !== undefined && sizeOf(left) > maxBytes)
    log(`more than ${maxSize} is left: the rest is needed, or kept, or in use`);
  if (output)
    print(
      printed(
        {
          evicted: evicted.map(({ model, reason }) => ({ ...printable(model), reason })),
          left: left.map(printable),
          foreign,
        },
        output,
      ),
    );
  return failures > 0 ? exitCodes.failed : exitCodes.done;
}

const sizeOf = (models: readonly CachedModel[]) => models.reduce((sum, { bytes }) => sum + bytes, 0);

const nameOf = ({ key, uri }: CachedModel) => oneLine(uri === undefined ? key : `${key} (${uri})`);

function doneText({ model, reason }: Eviction, now: number, dryRun: boolean | undefined): string {
  const unused = age(new Date(model.lastUsed).toISOString(), new Date(now));
  const why = {
    unfinished: `its download was given up ${unused} ago`,
    age: `last used ${unused} ago`,
    size: `last used ${unused} ago, and the cache is too large`,
  }[reason];
  return `${dryRun ? 'would be evicted' : 'evicted'}, ${shownBytes(model.bytes)}: ${why}`;
}

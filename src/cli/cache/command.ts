import type { Command } from 'commander';
import { action } from '../action.ts';
import { withExamples, withOutput, withTarget } from '../flags.ts';
import type { ListFlags } from './ls.ts';
import type { PruneFlags } from './prune.ts';

/** Adds `dormouse cache` and the commands below it. */
export function addCache(program: Command): void {
  const cache = withExamples(
    program.command('cache').description('List and evict the models on the claim of a cache.'),
    'dormouse cache ls /mnt/cache',
    'dormouse cache prune /mnt/cache --max-size 100Gi --older-than 30d',
  );
  const folder = 'folder where the claim is mounted';

  const ls = cache
    .command('ls')
    .description('List the models in a cache, least recently used first.')
    .argument('<folder>', folder);
  withExamples(withOutput(ls), 'dormouse cache ls /mnt/cache', 'dormouse cache ls /mnt/cache -o json').action(
    action(async (path: string, flags: ListFlags) => (await import('./ls.ts')).runCacheLs(path, flags)),
  );

  const prune = cache
    .command('prune')
    .description(
      'Evict models from a cache: those that nobody has asked for in a long time, then the least recently used until the rest is small enough. Models of which a revision in the namespace may need a pod stay, as does what is fetched now. Downloads that were given up go after a day.',
    )
    .argument('<folder>', folder)
    .option('--max-size <quantity>', 'what the models may have together, such as 100Gi')
    .option(
      '--older-than <duration>',
      'evict models that nobody has asked for in that time, such as 30d or 12h',
    )
    .option('--keep <key...>', 'keys of further models that stay')
    .option('--ignore-revisions', 'ask no cluster: evict what revisions may need, too')
    .option('--dry-run', 'say what would be evicted, and evict nothing');
  withExamples(
    withOutput(withTarget(prune)),
    'dormouse cache prune /mnt/cache --max-size 100Gi --dry-run',
    'dormouse cache prune /mnt/cache --older-than 30d -n team',
    'dormouse cache prune /mnt/cache --max-size 0 --ignore-revisions    # empties it',
  ).action(
    action(async (path: string, flags: PruneFlags) =>
      (await import('./prune.ts')).runCachePrune(path, flags),
    ),
  );
}

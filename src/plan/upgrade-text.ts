import { details, nameOf, type Paint, type Style } from './text.ts';
import type { ModelUpgrade, UpgradeState } from './upgrade.ts';

const states: readonly UpgradeState[] = ['current', 'behind', 'pending', 'refused'];

/** For people. Models that are as they would be made today are only counted. */
export function upgradeText(upgrades: readonly ModelUpgrade[], paint: Paint): string {
  const blocks = upgrades
    .filter(({ state }) => state !== 'current')
    .map((upgrade) => {
      const [mark, style, headline] = looks(upgrade);
      const name = paint(style, `${mark} ${nameOf(upgrade.diff)}`);
      const lines = upgrade.state === 'pending' ? [] : details(upgrade.diff);
      return [`${name}: ${headline}`, ...lines].join('\n    ');
    });
  const counted = states
    .map((state) => [state, upgrades.filter((each) => each.state === state).length] as const)
    .filter(([, count]) => count > 0)
    .map(([state, count]) => `${count} ${state}`);
  return `${[...blocks, paint('bold', `models: ${counted.join(', ')}`)].join('\n')}\n`;
}

function looks({
  state,
  diff: { live },
}: ModelUpgrade): readonly [mark: string, style: Style, headline: string] {
  switch (state) {
    case 'refused':
      return ['!', 'red', `cannot be adopted here${live ? `; ${live} goes on` : ''}`];
    case 'pending':
      return ['=', 'dim', live ? `${live} is being replaced anyway` : 'nothing of it runs'];
    default:
      return ['~', 'yellow', `${live} is held; to adopt would be another revision`];
  }
}

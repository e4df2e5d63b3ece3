import { aborted } from '#base/deadline.ts';
import { LeaderElector } from '#kube/election/leader-election.ts';
import { recordingLogger } from './fixtures.ts';
import { LeaseServer, type Network } from './lease-server.ts';
import { ManualClock } from './manual-clock.ts';

export const settled = () => new Promise(setImmediate);
export const lease = { namespace: 'system', name: 'operator' };
export const fieldManager = 'test';

/** A server with one Lease, and electors for it on one clock. */
export function setUp() {
  const server = new LeaseServer();
  const clock = new ManualClock();
  const logger = recordingLogger();

  /** Starts an elector whose work lasts until it is stopped or loses. */
  const elect = (identity: string, network?: Network) => {
    const client = server.client(clock, network);
    const options = { client, clock, logger, lease, identity, fieldManager, random: () => 0 };
    const elector = new LeaderElector(options);
    const stop = new AbortController();
    const works: AbortSignal[] = [];
    const finish = Promise.withResolvers<void>();
    const ended = elector
      .run(stop.signal, async (lost) => {
        works.push(lost);
        await aborted(stop.signal, lost);
        if (!lost.aborted) await finish.promise;
      })
      .then(
        () => 'ended',
        (error: unknown) => error,
      );
    return { elector, works, ended, stop, finish };
  };

  /** Lets so much time pass, and everything happen that falls due meanwhile. */
  const pass = async (ms: number): Promise<void> => {
    await settled();
    for (const end = clock.monotonic() + ms; clock.monotonic() < end; await settled())
      clock.advance(Math.min(clock.next ?? ms, end - clock.monotonic()));
  };
  return { server, clock, logger, elect, pass };
}

import { findOrBuild } from '../cluster/binaries.ts';
import { progress } from '../cluster/progress.ts';
import { engines } from './verdicts.ts';

/** What Flux and Argo CD judge with is built before the tests, which have less patience. */
export default async function setup(): Promise<void> {
  await findOrBuild(engines, progress(console.log));
}

import { buildTools } from '../support/tools.ts';

/** Helm and the checkers, for all files of the project. */
export default async function setup(): Promise<void> {
  await buildTools(console.log);
}

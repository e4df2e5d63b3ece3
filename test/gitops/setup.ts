import { gitOpsPrograms } from './programs.ts';

export default async function setup(): Promise<void> {
  await gitOpsPrograms();
}

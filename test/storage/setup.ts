import type { TestProject } from 'vitest/node';
import { type GcsServer, startGcsServer } from '../support/gcs.ts';
import { startS3Server } from '../support/versitygw.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    readonly s3: Readonly<Record<string, string>>;
    readonly gcs: Omit<GcsServer, 'stop'>;
  }
}

/** One server of each kind for all files of the project. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const log = (line: string): void => console.log(line);
  const stops: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const one of stops) await one();
  };
  try {
    const s3 = await startS3Server(log);
    stops.push(s3.stop);
    project.provide('s3', s3.env);
    const { stop: stopGcs, ...gcs } = await startGcsServer(log);
    stops.push(stopGcs);
    project.provide('gcs', gcs);
    return stop;
  } catch (error) {
    await stop();
    throw error;
  }
}

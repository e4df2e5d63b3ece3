import type { TestProject } from 'vitest/node';
import { startS3Server } from '../support/versitygw.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    readonly s3: Readonly<Record<string, string>>;
  }
}

/** One S3 server for all files of the project. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startS3Server((line) => console.log(line));
  project.provide('s3', server.env);
  return server.stop;
}

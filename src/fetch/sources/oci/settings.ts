import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
// Not { z }: that brings all of zod into the bundle, its languages too.
import * as z from 'zod';
import { parsedJson } from '#base/json.ts';
import { permanent } from '../../errors.ts';
import type { Environment, SourceFlags } from '../../settings.ts';

const config = z.object({
  auths: z
    .record(
      z.string(),
      z.object({
        auth: z.string().optional(),
        username: z.string().optional(),
        password: z.string().optional(),
      }),
    )
    .default({}),
});

/** The names under which Docker keeps the credentials of its own hub. */
const dockerHub = ['https://index.docker.io/v1/', 'index.docker.io', 'docker.io', 'registry-1.docker.io'];

/**
 * `user:password` for a registry, from what Docker writes into its config.json: of a variable, or the file. The second name is
 * the key of a Secret of type kubernetes.io/dockerconfigjson, which Kubernetes takes as a variable from 1.34 on.
 * @throws FetchError, permanent, which never shows a secret
 */
export function readRegistryCredentials(
  env: Environment,
  host: string,
  { anonymous }: SourceFlags = {},
): string | undefined {
  if (anonymous) return undefined;
  const [name, text] = source(env);
  if (!text) return undefined;
  const names = host === 'registry-1.docker.io' ? dockerHub : [host, `https://${host}`];
  const { success, data } = config.safeParse(parsedJson(text));
  if (!success)
    throw permanent(
      `${name} is not what Docker writes into its config.json: write {"auths": {"${host}": {"auth": "..."}}}.`,
    );
  const found = names.map((key) => data.auths[key]).find(Boolean);
  if (found?.auth) return Buffer.from(found.auth, 'base64').toString();
  return found?.username ? `${found.username}:${found.password ?? ''}` : undefined;
}

function source(env: Environment): [string, string | undefined] {
  for (const name of ['DOCKER_AUTH_CONFIG', '.dockerconfigjson']) if (env[name]) return [name, env[name]];
  const home = env.HOME ?? homedir();
  const file = join(env.DOCKER_CONFIG || join(home, '.docker'), 'config.json');
  try {
    return [file, readFileSync(file, 'utf8')];
  } catch {
    return [file, undefined];
  }
}

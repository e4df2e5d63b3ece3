const names = ['http_proxy', 'https_proxy', 'HTTP_PROXY', 'HTTPS_PROXY'];

/** True where requests may have to go through a proxy. */
export function behindProxy(env: Readonly<Record<string, string | undefined>>): boolean {
  return names.some((name) => env[name]);
}

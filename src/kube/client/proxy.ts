import { BlockList, isIP } from 'node:net';
import { domainToASCII } from 'node:url';

/**
 * The proxy that the environment names for a server, as Go finds it and so kubectl: `https_proxy` or `http_proxy` by the
 * scheme of the server, in lower case first, unless `no_proxy` excludes the server. Servers on loopback have none.
 * https://pkg.go.dev/golang.org/x/net/http/httpproxy
 *
 * Undici's EnvHttpProxyAgent reads no CIDR ranges and no addresses of IPv6.
 */
export function proxyFor(server: URL, env: Readonly<Record<string, string | undefined>>): string | undefined {
  const variable = (name: string) => env[name] || env[name.toUpperCase()];
  const proxy = variable(`${server.protocol.slice(0, -1)}_proxy`);
  if (!proxy || isExcluded(server, variable('no_proxy') ?? '')) return undefined;
  return /^[a-z][-+.a-z0-9]*:\/\//i.test(proxy) ? proxy : `http://${proxy}`;
}

function isExcluded({ hostname, port: given, protocol }: URL, noProxy: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '').toLowerCase();
  const port = given || (protocol === 'https:' ? '443' : '80');
  if (host === 'localhost' || isLoopback(host)) return true;
  const entries = noProxy
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .filter(Boolean);
  if (entries.includes('*')) return true;
  return entries.some((entry) =>
    isIP(host) ? matchesAddress(entry, host, port) : matchesName(entry, host, port),
  );
}

/** `10.0.0.0/8`, `fd00::/8`, `10.0.0.1`, `10.0.0.1:6443`, `[fd00::1]:6443`. */
function matchesAddress(entry: string, host: string, port: string): boolean {
  const [network = '', length] = entry.split('/');
  if (length !== undefined) return isIP(network) > 0 && contains(host, network, Number(length));
  const { name, port: wanted } = splitPort(entry);
  return isIP(name) > 0 && contains(host, name) && (wanted === undefined || wanted === port);
}

/** `example.com` and `*.example.com` with all names below; `.example.com` with these alone; each with or without a port. */
function matchesName(entry: string, host: string, port: string): boolean {
  const { name, port: wanted } = splitPort(entry);
  if (wanted !== undefined && wanted !== port) return false;
  const isSuffix = name.startsWith('.') || name.startsWith('*.');
  const domain = name.replace(/^\*?\./, '');
  const ascii = domainToASCII(domain) || domain;
  return ascii !== '' && (host.endsWith(`.${ascii}`) || (!isSuffix && host === ascii));
}

function splitPort(entry: string): { readonly name: string; readonly port?: string } {
  const [, bracketed, plain, port] = /^(?:\[([^\]]*)\]|([^:]*)):(\d+)$/.exec(entry) ?? [];
  if (port === undefined) return { name: entry };
  return { name: bracketed ?? plain ?? '', port };
}

const family = (address: string) => (isIP(address) === 6 ? 'ipv6' : 'ipv4');

function contains(address: string, network: string, length = isIP(network) === 6 ? 128 : 32): boolean {
  try {
    const block = new BlockList();
    block.addSubnet(network, length, family(network));
    return block.check(address, family(address));
  } catch {
    // A length that there is not: Go passes over the entry.
    return false;
  }
}

const isLoopback = (host: string): boolean =>
  isIP(host) > 0 && (contains(host, '127.0.0.0', 8) || contains(host, '::1'));

/** A fetch that failed. Its message is one sentence that says what is wrong and what to do. */
export class FetchError extends Error {
  override readonly name = 'FetchError';
  /** True when the same fetch may succeed later. */
  readonly retryable: boolean;
  /** How long the server asks us to wait, in milliseconds. */
  readonly retryAfterMs: number;

  constructor(message: string, options: FailureOptions & { readonly retryable: boolean }) {
    super(message, { cause: options.cause });
    this.retryable = options.retryable;
    this.retryAfterMs = options.retryAfterMs ?? 0;
  }
}

interface FailureOptions {
  readonly cause?: unknown;
  readonly retryAfterMs?: number | undefined;
}

/** Failed for good: only a change of the request, the rights or the model helps. */
export const permanent = (message: string, options: FailureOptions = {}): FetchError =>
  new FetchError(message, { ...options, retryable: false });

/** Worth trying again. */
export const retryable = (message: string, options: FailureOptions = {}): FetchError =>
  new FetchError(message, { ...options, retryable: true });

/** A file is no longer what it was when the fetch began: its parts must not be mixed. */
export class ChangedError extends Error {
  override readonly name = 'ChangedError';

  constructor(where: string) {
    super(`${where} changed while it was downloaded`);
  }
}

/** What a server refused, as far as it said. */
export interface Answer {
  readonly status: number;
  /** The server's own word for it, e.g. `AccessDenied`. */
  readonly code?: string | undefined;
  readonly retryAfterMs?: number | undefined;
  /** What to do about a refusal for want of rights. */
  readonly rights: string;
  readonly cause?: unknown;
}

/** The failure that an HTTP status from 400 up stands for. */
export function statusError(where: string, answer: Answer): FetchError {
  const { status, code, cause, retryAfterMs } = answer;
  const said = code && code !== String(status) ? `${status} ${code}` : String(status);
  if (status === 401 || status === 403) {
    return permanent(`${where}: access is denied (${said}): ${answer.rights}.`, { cause });
  }
  if (status === 404 || status === 410) {
    return permanent(`${where}: there is nothing (${said}): check the URI.`, { cause });
  }
  if (status >= 500 || status === 408 || status === 425 || status === 429) {
    return retryable(`${where}: the server answered ${said}`, { cause, retryAfterMs });
  }
  return permanent(`${where}: the server refused the request (${said}): check the URI and the settings.`, {
    cause,
  });
}

/** Milliseconds that a `Retry-After` header asks for: seconds or a date (RFC 9110, section 10.2.3). */
export function retryAfter(header: unknown, now: number): number | undefined {
  const text = Array.isArray(header) ? header[0] : header;
  if (typeof text !== 'string' || text === '') return undefined;
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now;
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

const untrusted =
  /^(CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|ERR_TLS_CERT|INVALID_CA|INVALID_PURPOSE|HOSTNAME_MISMATCH)/;
const otherTls = /^(EPROTO|ERR_SSL_|ERR_TLS_)/;

/** The failure behind whatever a network or file operation threw. `where` says what was asked for. */
export function explain(error: unknown, where: string): FetchError {
  if (error instanceof FetchError) return error;
  const { code = '', message, hostname, host, path, syscall } = rootOf(error);
  const cause = error;
  if (code === 'ENOTFOUND') {
    return permanent(
      `${where}: the host ${hostname ?? host ?? 'of it'} is unknown: check its name and the DNS.`,
      {
        cause,
      },
    );
  }
  if (untrusted.test(code)) {
    return permanent(
      `${where}: the server's certificate is not trusted (${code}): name the file of its CA in NODE_EXTRA_CA_CERTS.`,
      { cause },
    );
  }
  if (otherTls.test(code)) {
    return permanent(
      `${where}: no TLS connection comes about (${code}): check that the server speaks HTTPS there.`,
      {
        cause,
      },
    );
  }
  const reason = syscall === 'connect' ? undefined : fileReasons[code];
  if (reason) return permanent(`${path ?? where}: ${reason}.`, { cause });
  // Whatever is left is a connection that did not come about, or was cut.
  return retryable(`${where}: ${code && !message.includes(code) ? `${message} (${code})` : message}`, {
    cause,
  });
}

const fileReasons: Readonly<Record<string, string>> = {
  EACCES: 'this user may not read or write it: check its owner and mode',
  EPERM: 'this user may not read or write it: check its owner and mode',
  EROFS: 'the file system is read-only: give a folder that can be written',
  ENOENT: 'there is no such file or folder: check the URI',
  ENOTDIR: 'a part of the path is a file, where a folder is needed: give another folder',
  EISDIR: 'it is a folder, where a file is needed',
  ENAMETOOLONG: 'the name is too long for this file system',
  EIO: 'the disk failed to read or write it: look at the machine',
  EFBIG: 'the file system takes no file of that size: give another folder',
  EMFILE: 'too many files are open: lower --concurrency',
};

/** True when the disk, or the user's share of it, is full. */
export function isDiskFull(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT'].includes(rootOf(error).code ?? '');
}

type SystemError = Error & {
  readonly code?: string;
  readonly hostname?: string;
  readonly host?: string;
  readonly path?: string;
  readonly syscall?: string;
};

/** The innermost error with a code: clients wrap what the system said, some of them several times. */
function rootOf(error: unknown): SystemError {
  let root = error instanceof Error ? (error as SystemError) : (new Error(String(error)) as SystemError);
  for (let depth = 0; depth < 5; depth++) {
    const inner = root instanceof AggregateError ? root.errors[0] : root.cause;
    if (!(inner instanceof Error)) break;
    root = inner as SystemError;
  }
  return root;
}

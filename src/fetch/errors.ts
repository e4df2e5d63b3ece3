import type { Place } from '#sources/schemes.ts';

/** What to do about a failure: the same everywhere, or one thing at the prompt and another in the status of a pod. */
export type Advice = string | Readonly<Record<Place, string>>;

/** A fetch that failed. Its message is one sentence that says what is wrong and what to do. */
export class FetchError extends Error {
  override readonly name = 'FetchError';
  /** What is wrong, without what to do. */
  readonly problem: string;
  readonly advice: Advice | undefined;
  /** True when the same fetch may succeed later. */
  readonly retryable: boolean;
  /** True when no server was reached. */
  readonly unreachable: boolean;
  /** How long the server asks us to wait, in milliseconds. */
  readonly retryAfterMs: number;

  constructor(problem: string, options: FailureOptions & { readonly retryable: boolean }) {
    super(sentence(problem, options.advice, 'Prompt'), { cause: options.cause });
    this.problem = problem;
    this.advice = options.advice;
    this.retryable = options.retryable;
    this.unreachable = options.unreachable ?? false;
    this.retryAfterMs = options.retryAfterMs ?? 0;
  }

  /** The message as it is to be read in some place. */
  messageIn(place: Place): string {
    return sentence(this.problem, this.advice, place);
  }
}

function sentence(problem: string, advice: Advice | undefined, place: Place): string {
  if (advice === undefined) return problem;
  return `${problem}: ${typeof advice === 'string' ? advice : advice[place]}.`;
}

interface FailureOptions {
  readonly advice?: Advice | undefined;
  readonly unreachable?: boolean;
  readonly cause?: unknown;
  readonly retryAfterMs?: number | undefined;
}

/** Failed for good: only a change of the request, the rights or the model helps. */
export const permanent = (message: string, options: FailureOptions = {}): FetchError =>
  new FetchError(message, { ...options, retryable: false });

/** Worth trying again. */
export const retryable = (message: string, options: FailureOptions = {}): FetchError =>
  new FetchError(message, { ...options, retryable: true });

/** No byte came for `ms` milliseconds. */
export const stalled = (where: string, ms: number): FetchError =>
  retryable(`${where}: nothing came for ${ms / 1000} s`);

/** A file is no longer what it was when the fetch began: its parts must not be mixed. */
export class ChangedError extends Error {
  override readonly name = 'ChangedError';

  constructor(where: string) {
    super(`${where} changed while it was downloaded`);
  }
}

/** What a server answered that gives no file. */
export interface Answer {
  readonly status: number;
  /** The server's own word for it, e.g. `AccessDenied`. */
  readonly code?: string | undefined;
  /** The server's own sentence. */
  readonly message?: string | undefined;
  readonly retryAfterMs?: number | undefined;
  /** What to do where rights are missing. */
  readonly rights: Advice;
  /** What to do about this code, where more is known than the status says. */
  readonly advice?: Advice | undefined;
  readonly cause?: unknown;
}

/** The failure that an HTTP status from 300 up stands for. */
export function statusError(where: string, answer: Answer): FetchError {
  const { status, cause, retryAfterMs } = answer;
  const reason = reasonOf(answer);
  if (status >= 500 || status === 408 || status === 425 || status === 429) {
    const { advice } = answer;
    return retryable(`${where}: the server answered ${reason}`, { advice, cause, retryAfterMs });
  }
  const [problem, advice]: [string, Advice] =
    status === 401 || status === 403
      ? ['access is denied', answer.rights]
      : status === 404 || status === 410
        ? ['there is nothing', 'check the URI']
        : ['the server refused the request', 'check the URI and the settings'];
  return permanent(`${where}: ${problem} (${reason})`, { advice: answer.advice ?? advice, cause });
}

/** `403 AccessDenied: what the server says`, as far as it says anything. */
function reasonOf({ status, code, message }: Answer): string {
  const named = code && code !== String(status) ? `${status} ${code}` : String(status);
  const text = message
    ?.replace(/\s+/g, ' ')
    .replace(/[.\s]+$/, '')
    .trim();
  return text && text !== code ? `${named}: ${text.length > 200 ? `${text.slice(0, 200)}...` : text}` : named;
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

/** Certificates of a private authority. */
const trustAdvice: Advice = {
  Prompt: 'name the file of its CA in AWS_CA_BUNDLE or NODE_EXTRA_CA_CERTS',
  Pod: 'give its CA as PEM text under the key DORMOUSE_CA_CERTIFICATES of the Secret that spec.model.credentials names',
};
const unreachableCodes = [
  'EAI_AGAIN',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
];

/**
 * The failure behind whatever a network or file operation threw. `where` says what was asked for, `advice` what to check
 * where no server was reached.
 */
export function explain(
  error: unknown,
  where: string,
  advice: Advice = 'check the host in the URI, and the network to it',
): FetchError {
  if (error instanceof FetchError) return error;
  const { name, code = '', message, hostname, host, address, port, path, syscall } = rootOf(error);
  const cause = error;
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    const problem = `${where}: the host ${hostname ?? host ?? 'of it'} is unknown (${code})`;
    const options = { advice, unreachable: true, cause };
    return code === 'ENOTFOUND' ? permanent(problem, options) : retryable(problem, options);
  }
  if (untrusted.test(code))
    return permanent(`${where}: the server's certificate is not trusted (${code})`, {
      advice: trustAdvice,
      cause,
    });
  if (otherTls.test(code)) {
    return permanent(
      `${where}: no TLS connection comes about (${code}): check that the server speaks HTTPS there.`,
      { cause },
    );
  }
  if ((unreachableCodes.includes(code) && (syscall ?? 'connect') === 'connect') || name === 'TimeoutError') {
    const at = address ? ` at ${address}${port ? `:${port}` : ''}` : '';
    const problem = `${where}: no server answers${at} (${code || 'no connection in time'})`;
    return retryable(problem, { advice, unreachable: true, cause });
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

/**
 * True when the system does not let this user make or write it. Of a folder within a folder that cannot be made, Node.js'
 * recursive `mkdir` says that it is not there.
 */
export function isDenied(error: unknown): boolean {
  const { code = '', syscall } = rootOf(error);
  return ['EACCES', 'EPERM', 'EROFS'].includes(code) || (code === 'ENOENT' && syscall === 'mkdir');
}

type SystemError = Error & {
  readonly code?: string;
  readonly hostname?: string;
  readonly host?: string;
  readonly address?: string;
  readonly port?: number;
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

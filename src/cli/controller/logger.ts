import { type Logger, pino } from 'pino';
import type { Config } from '#config/load.ts';
import { messageOf } from '#kube/client/errors.ts';
import { harmless } from '../terminal/terminal.ts';

/** Where lines go. */
interface Output {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** A logger that writes a line a message: JSON, or text for people. */
export function makeLogger(
  { logLevel, logFormat }: Pick<Config, 'logLevel' | 'logFormat'>,
  output: Output,
): Logger {
  const text = logFormat === 'text' || (logFormat === 'auto' && output.isTTY === true);
  const options = {
    level: logLevel,
    base: undefined,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (level: string) => ({ level }) },
    serializers: { err: logLevel === 'debug' ? withStack : withoutStack },
  };
  return pino(
    options,
    text ? { write: (line: string) => void output.write(harmless(readable(line))) } : output,
  );
}

/**
 * Of an error, only what is named here: errors of libraries carry requests and headers, and so may carry secrets. The
 * message of the line says the error's own already.
 */
function withoutStack(error: unknown): object {
  const { name, code, reason, request } = error as Record<string, unknown>;
  return { name, code, reason, request };
}

function withStack(error: unknown): object {
  if (!(error instanceof Error)) return { message: String(error) };
  const { stack, cause } = error;
  return { ...withoutStack(error), stack, ...(cause !== undefined && { cause: messageOf(cause) }) };
}

/** A line of JSON as `time LEVEL message key=value`, with a stack on lines of its own. */
function readable(line: string): string {
  const { level, time, msg, err, ...fields } = JSON.parse(line);
  const { stack, ...error } = err ?? {};
  const pairs = Object.entries({ ...fields, ...error }).map(([key, value]) =>
    typeof value === 'string' && !/[\s"=]/.test(value)
      ? `${key}=${value}`
      : `${key}=${JSON.stringify(value)}`,
  );
  const words = [time.slice(11, 23), level.toUpperCase().padEnd(5), msg, ...pairs].join(' ');
  return stack ? `${words}\n${stack}\n` : `${words}\n`;
}

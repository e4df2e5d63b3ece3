type Log = (fields: object, message: string) => void;

/** The part of pino's logger that this folder uses. */
export interface Logger {
  readonly debug: Log;
  readonly info: Log;
  readonly warn: Log;
  readonly error: Log;
  child(fields: object): Logger;
}

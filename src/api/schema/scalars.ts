import * as z from 'zod';
import { rule, withExtras } from './rules.ts';

/** Characters as the API server counts them: code points, not UTF-16 units. */
const codePoints = (text: string) => [...text].length;

/** Any text up to `max` characters. */
export const text = (max: number) =>
  withExtras(
    z
      .string()
      .refine((value) => codePoints(value) <= max, { message: `must have at most ${max} characters` }),
    { merge: { maxLength: max } },
  );

const celMatches = (form: RegExp) => `self.matches(r"${form.source.replaceAll('\\/', '/')}")`;

/**
 * Text of one form; `hint` says in a few words what to write. A CEL rule and not a `pattern`, since the API server
 * would show its user the regular expression alone.
 */
export const stringMatching = (form: RegExp, max: number, hint: string) =>
  rule(z.string().max(max), celMatches(form), `must be ${hint}`, (value) => form.test(value));

export const dns1035 = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;

export const dns1123Label = stringMatching(
  /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/,
  63,
  'lower case letters, digits and "-"',
);

export const namespaceName = stringMatching(
  /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/,
  63,
  'the name of a namespace: lower case letters, digits and "-"',
);

export const objectName = stringMatching(
  /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/,
  253,
  'a name of lower case letters, digits, "-" and "."',
);

export const dataKey = stringMatching(
  /^([-_a-zA-Z0-9]|\.[-_a-zA-Z0-9])[-._a-zA-Z0-9]*$/,
  253,
  'a key of a Secret or ConfigMap: letters, digits, "-", "_" and "."',
);

const hostPart = '[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?';
const pathPart = '[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*';

const imageForm = new RegExp(
  `^(${hostPart}(\\.${hostPart})*(:[0-9]{1,5})?/)?${pathPart}(/${pathPart})*(:[a-zA-Z0-9_][-.a-zA-Z0-9_]{0,127})?(@sha256:[a-f0-9]{64})?$`,
);
/** Knative's parser asks for two characters in the path behind the host. */
const pathOfOne = /^(([^/]*[.:][^/]*|localhost)\/)?[a-z0-9]([:@].*)?$/;

/** The reference grammar of container images: `[host[:port]/]path[:tag][@sha256:digest]`. */
export const imageReference = rule(
  z.string().max(255),
  `${celMatches(imageForm)} && !${celMatches(pathOfOne)}`,
  'must be an image reference, such as registry.example/team/server:1.4',
  (value) => imageForm.test(value) && !pathOfOne.test(value),
);

/** Leaves the empty text to {@link duration}. */
const durationForm = /^([0-9]{1,4}h)?([0-9]{1,5}m)?([0-9]{1,6}s)?$/;

/** Seconds of a duration such as `90s`, `5m` or `1h30m`, as {@link duration} accepts it. */
export function seconds(duration: string): number {
  const [, hours, minutes, rest] = durationForm.exec(duration) ?? [];
  return (
    Number.parseInt(hours ?? '0', 10) * 3600 +
    Number.parseInt(minutes ?? '0', 10) * 60 +
    Number.parseInt(rest ?? '0', 10)
  );
}

const isDuration = (value: string) => value !== '' && durationForm.test(value);

/** Whether a text is written as a duration, in CEL. */
export const celDuration = (text: string) => `${text} != '' && ${text}.matches(r"${durationForm.source}")`;

/** A duration in whole seconds between two bounds, both included, as it is written: 90s, 5m or 1h30m. */
export const durationText = (least: string, most: string) =>
  rule(
    z.string().max(16),
    `${celDuration('self')} && duration(self) >= duration('${least}') && duration(self) <= duration('${most}')`,
    `must be a duration from ${least} to ${most}, such as 90s, 5m or 1h30m`,
    (value) => isDuration(value) && seconds(value) >= seconds(least) && seconds(value) <= seconds(most),
  );

/** The same, in seconds once it is read. */
export const duration = (least: string, most: string) => durationText(least, most).transform(seconds);

export const portNumber = z.int().min(1).max(65535);
export const count = z.int().min(0).max(2147483647);

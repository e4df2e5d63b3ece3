/** The longest sentence that anybody reads to its end, in characters. */
const longest = 1000;

const faults: Readonly<Record<string, (sentence: string) => boolean>> = {
  'says nothing': (sentence) => sentence.trim() === '',
  // The API server repeats what was written.
  'is too long': (sentence) => withoutQuotes(sentence).length > longest,
  'shows a stack': (sentence) => /\n\s+at |goroutine \d|node:internal/.test(sentence),
  'shows a value that was not written for people': (sentence) =>
    /\[object \w+\]|\bundefined\b|\bNaN\b|<nil>|0x[0-9a-f]{8}/.test(sentence),
  'shows a regular expression': (sentence) =>
    /\^[([\\]|\[\^?[-\w]+-[-\w]*\][*+{]|\(\?[:!=]|[^\w]\)\$/.test(sentence),
  'names neither a field nor an object': (sentence) =>
    !/\b(spec|metadata|status|apiVersion|kind)\b|[a-z]\.[a-z]|["'`][^"'`]+["'`]|[a-z]\[\d+\]/i.test(sentence),
};

/** What the API server says of objects of any kind, before it looks at what is ours. */
const notOurs = [
  /^the object provided is unrecognized \(must be of type InferenceModel\)/,
  /^the API version in the data \(.*\) does not match the expected API version/s,
  /^.* in version ".*" cannot be handled as a /s,
  /^<nil>: Invalid value: "?null"?: some validation rules were not checked/,
  /^<nil>: Invalid value: "": Checked value must be of type \w+ \(default format\) in spec\./,
  /^metadata\.(name|generateName): .* a lowercase RFC 1123 subdomain must/s,
  // The scale subresource reads its field, in vain where spec.scale is no mapping.
  /^\.spec\.scale\.minReplicas: .* accessor error: /s,
  /^resourceVersion should not be set on objects to be created$/,
  /^the namespace of the provided object does not match the namespace sent on the request$/,
  /^Request entity too large: limit is \d+$/,
  /^etcdserver: request is too large$/,
  /^rpc error: code = ResourceExhausted desc = trying to send message larger than max/,
];

/** What is wrong with a sentence that a person must read and act on; nothing for one that will do. */
export const faultsOf = (sentence: string): string[] =>
  notOurs.some((form) => form.test(sentence))
    ? []
    : Object.entries(faults)
        .filter(([, has]) => has(sentence))
        .map(([fault]) => fault);

const withoutQuotes = (sentence: string) => sentence.replaceAll(/"(?:[^"\\]|\\.)*"/gs, '"…"');

/** The sentence without what differs from one model to the next, so that those of one kind can be counted. */
export function normalised(sentence: string): string {
  return withoutQuotes(sentence)
    .replaceAll(/[\p{C}\p{Z}]+/gu, ' ')
    .replaceAll(/\[\d+\]/g, '[n]')
    .replaceAll(/\b\d+(\.\d+)?\b/g, '0')
    .replaceAll(/\b(env|args|command|limits|requests)\.[-\w./]+/g, '$1.…')
    .slice(0, 300);
}

/** Lines, and what the only thing that fits their last word makes of it. */
export const lines: readonly (readonly [string, string])[] = [
  ['dormouse sta', 'status'],
  ['dormouse get --all', '--all-namespaces'],
  ['dormouse get -o j', 'json'],
  ['dormouse cache pr', 'prune'],
  ['dormouse cache prune /mnt --max', '--max-size'],
  ['dormouse predict iris --protocol o', 'openai'],
  ['dormouse fetch s3://x ./y --progress l', 'lines'],
];

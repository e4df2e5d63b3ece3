/**
 * Whether a path fits one of some patterns, as `hf download --include` understands them, and Python's fnmatch: `*` stands for
 * any characters, `/` among them, `?` for one, and `[...]` for one of some; a pattern that ends in `/` is of all in that folder.
 */
export function matcher(patterns: readonly string[]): (path: string) => boolean {
  const forms = patterns.map(
    (pattern) => new RegExp(`^${pattern.replace(/\/$/, '/*').replace(tokens, formOf)}$`, 'su'),
  );
  return (path) => forms.some((form) => form.test(path));
}

/** What a pattern is made of: stars, `?`, a set of characters, and any other character. */
const tokens = /\*+|\?|\[(!?)(\]?[^\]]*)\]|./gsu;

function formOf(token: string, isNot: string | undefined, set: string | undefined): string {
  if (token.startsWith('*')) return '.*';
  if (token === '?') return '.';
  if (set) return `[${isNot ? '^' : ''}${set.replace(/[\\\][^&~|]/g, '\\$&')}]`;
  return token.replace(/[$()*+.?[\\\]^{|}/-]/gu, '\\$&').replace('\\-', '-');
}

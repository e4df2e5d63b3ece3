import { type Located, namedBy, percentDecoded, UriError } from './model-uri.ts';

/** A repository of models on the Hugging Face hub, or a folder or file in it. */
export interface HfUri extends Located {
  readonly scheme: 'hf';
  /** `organization/name`, or a name alone: the first models of the hub have no organization. */
  readonly repo: string;
  /** A branch, a tag or a commit. */
  readonly revision: string;
  /** Below the root of the repository; empty for all of it. */
  readonly path: string;
}

const name = '[A-Za-z0-9][A-Za-z0-9._-]{0,95}';
/** Of all revisions these have a `/` and are still written as they stand. */
const revision = 'refs/(?:convert/[\\w.-]+|pr/\\d+)|[^/]+';
const form = new RegExp(
  `^hf://(?:models/(?=[^/]+/))?(${name}/${name}|${name}(?=@|$))(?:@(${revision}))?(?:/(.*))?$`,
  's',
);
/** Repositories of another kind than models. */
const otherKinds = /^hf:\/\/(datasets|spaces|kernels|buckets)\//;

/**
 * Reads `hf://organization/model@revision/path` as the hub's own client does; of the revision alone, percent signs are
 * decoded (https://huggingface.co/docs/huggingface_hub/package_reference/hf_uris).
 */
export function parseHf(text: string): HfUri {
  const uri = text.replace(/^hf:/i, 'hf:');
  const [, kind] = otherKinds.exec(uri) ?? [];
  if (kind) throw new UriError(`${text}: ${kind} of the hub hold no models: write hf://organization/model.`);
  const [, repo = '', encoded = 'main', path = ''] = form.exec(uri) ?? [];
  // As KServe writes it.
  const [, before, after] = /^(hf:\/\/[^:@]+):([^/]+)$/.exec(uri) ?? [];
  if (before && after)
    throw new UriError(`${text}: a revision stands behind an @: write ${before}@${after}.`);
  const decoded = percentDecoded(encoded);
  if (!repo || !decoded || /[\p{Cc} ?#]/u.test(decoded) || decoded.split('/').includes('..'))
    throw new UriError(
      `${text}: this is no repository of the hub: write hf://organization/model, hf://organization/model@revision or hf://organization/model@revision/path.`,
    );
  const inside = path.replace(/^\/+|\/+$/g, '');
  if (inside.split('/').some((part) => part === '.' || part === '..' || (part === '' && inside !== '')))
    throw new UriError(`${text}: the path holds "//", "." or "..": write it without.`);
  return { scheme: 'hf', shown: text, repo, revision: decoded, path: inside, ...namedBy(inside) };
}

/** The branch that a full ref names; null for a ref of anything else. */
export const branchOf = (ref: string): string | null => after(ref, "refs/heads/");

/** The tag that a full ref names; null for a ref of anything else. */
export const tagOf = (ref: string): string | null => after(ref, "refs/tags/");

const after = (ref: string, prefix: string): string | null =>
  ref.startsWith(prefix) && ref.length > prefix.length ? ref.slice(prefix.length) : null;

const longestRef = 1024;

/**
 * Whether git would take this as the full name of a ref (https://git-scm.com/docs/git-check-ref-format). Names that look
 * like commands, tags of HTML or Arabic letters are fine: they are only ever data.
 */
export const isRefName = (ref: string): boolean =>
  ref.length <= longestRef &&
  /^refs\/(?:heads|tags|pull)\/./u.test(ref) &&
  // oxlint-disable-next-line no-control-regex -- control characters are what git refuses
  !/[\u0000-\u0020\u007f~^:?*[\\]|\.\.|@\{|\/\/|\/$|\.$/u.test(ref) &&
  ref.split("/").every((part) => !part.startsWith(".") && !part.endsWith(".lock"));

/** Whether this is the full hash of a commit. */
export const isSha = (text: string): boolean => /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/u.test(text);

/** Git's way of saying that there is no commit: nothing but zeros. */
export const isNoSha = (text: string): boolean => /^0+$/u.test(text);

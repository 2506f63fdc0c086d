/** What is known of a name that may be a pull request's number. */
export interface KnownNames {
  /** Whether the forge has an open pull request of this number, or a preview of it is there. */
  readonly isPull: (number: number) => Promise<boolean>;
  /** Whether git knows a branch, a tag or a commit by this name. */
  readonly isRevision: (ref: string) => Promise<boolean>;
}

/**
 * The number of the pull request that somebody means, or null where it is a revision. Digits alone may be the short form of a
 * commit too (one in 27 of seven digits has no letter): they are one where git knows it and no such pull request is open.
 */
export async function pullOfRef(ref: string, { isPull, isRevision }: KnownNames): Promise<number | null> {
  const [, mark, digits] = /^(#|pr-)?(\d{1,9})$/u.exec(ref) ?? [];
  if (digits === undefined) return null;
  const number = Number(digits);
  if (mark !== undefined || (await isPull(number))) return number;
  return (await isRevision(ref)) ? null : number;
}

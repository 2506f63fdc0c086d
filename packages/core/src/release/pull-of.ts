/**
 * The number of the pull request that a commit's subject names, as GitHub, GitLab and Gitea write it when they merge or squash;
 * null where it names none. It is what somebody wrote, so it is a hint and no proof.
 */
export function pullOf(subject: string): number | null {
  const found =
    /^Merge pull request #(\d{1,9})\b/.exec(subject) ??
    /^Merge pull request '.*' \(#(\d{1,9})\)/.exec(subject) ??
    /\((?:#|!)(\d{1,9})\)\s*$/.exec(subject);
  return found === null ? null : Number(found[1]);
}

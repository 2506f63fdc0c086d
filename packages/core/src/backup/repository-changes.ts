/** What a repository of backups holds, so that two looks at it can be compared. */
export interface RepositoryFingerprint {
  /** Of each backup, by its id: the same text for as long as nobody changes it. */
  readonly backups: Readonly<Record<string, string>>;
  /** Timelines of its log: whoever promotes a restored server against the real archive begins one. */
  readonly timelines: readonly string[];
}

/** What has become of a repository between two looks. */
export interface RepositoryChanges {
  /** What neither a backup that is made beside it nor one that its owner expires does: in words, one each. */
  readonly wrong: readonly string[];
  /** Backups that are gone and may be, as keeping so many of them takes old ones away. */
  readonly expired: readonly string[];
}

/**
 * Tells what only its owner does from what a drill has done. Backups are made and expired beside a drill at any time; which of
 * the old ones a rule of keeping takes differs (one of each week may stay), but none takes the newest, and none changes one.
 */
export function repositoryChanges(
  before: RepositoryFingerprint,
  after: RepositoryFingerprint,
  newest: string,
): RepositoryChanges {
  const gone = Object.keys(before.backups).filter((id) => after.backups[id] === undefined);
  const altered = Object.entries(before.backups).filter(
    ([id, mark]) => after.backups[id] !== undefined && after.backups[id] !== mark,
  );
  const begun = after.timelines.filter((timeline) => !before.timelines.includes(timeline));
  return {
    wrong: [
      ...altered.map(([id]) => `${id} was changed`),
      ...begun.map((timeline) => `timeline ${timeline} has begun`),
      ...gone.filter((id) => id === newest).map((id) => `${id} is gone, and was the newest`),
    ],
    expired: gone.filter((id) => id !== newest),
  };
}

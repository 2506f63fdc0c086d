import type { BackupRepository, BackupSnapshot, CronClock, DutyStanding, Evidence, Millis } from "@fairway/core";
import { dayOf, messageOf } from "@fairway/core";
import type { DutyControl } from "../duties/duty-control.ts";

/** What is said of a duty, by whom, and what of it is so. */
type Shown = Omit<Parameters<DutyControl["attest"]>[0], "duty" | "release">;

/** What a repository has, put on record of the duties that it shows. */
export interface BackupEvidence {
  /** Null where nobody owes it. */
  standing(duty: string): Promise<DutyStanding | null>;
  /** Nothing where nobody owes it. */
  show(duty: string, evidence: Shown): Promise<void>;
  /** How old the newest backup may be: older than its last time that is over, and it was missed. */
  newestWithin(): Promise<Millis>;
  /**
   * What the repository has counts, whoever made it and whether or not a daemon was there. May be repeated: the same is said
   * once.
   */
  showNewest(): Promise<void>;
  /** What was said of a drill; null where nothing was, or it is long ago. */
  ofDrill(automation: string): Promise<Evidence | null>;
}

export interface BackupEvidenceParts {
  readonly duties: DutyControl;
  readonly clock: CronClock;
  readonly now: () => number;
  readonly repository: BackupRepository;
  readonly shows: { readonly backup: string; readonly drill: string; readonly full?: string };
}

const hour: Millis = 3_600_000;
const holePause: Millis = hour / 12;
/** Nightly, and as late as a night's work may be. */
const unscheduled: Millis = 30 * hour;
/** Among so many rows what was said before is looked for. */
const lookedAt = 100;

export function backupEvidence({ duties, clock, now, repository, shows }: BackupEvidenceParts): BackupEvidence {
  const automation = repository.label;
  let holes: { readonly backup: string; readonly at: number; readonly found: string | null } | null = null;

  const standing = async (duty: string): Promise<DutyStanding | null> =>
    (await duties.standings({})).find((one) => one.duty.id === duty) ?? null;
  const show = async (duty: string, evidence: Shown): Promise<void> => {
    if ((await standing(duty)) !== null) await duties.attest({ duty, release: null, ...evidence });
  };
  const before = async (duty: string, isIt: (one: Evidence) => boolean): Promise<Evidence | null> =>
    (await duties.evidence({ duty, release: null, limit: lookedAt })).find(isIt) ?? null;

  /** Says once of what is owed that it is not so. */
  async function showOnce(owed: DutyStanding, note: string): Promise<void> {
    if (owed.newest?.outcome === "failed" && owed.newest.note === note) return;
    await show(owed.duty.id, { outcome: "failed", automation, note });
  }

  /** What of the log a backup misses, looked at now and then: a hole is told of by nobody else. */
  async function holeIn({ id }: BackupSnapshot): Promise<string | null> {
    if (holes?.backup === id && now() - holes.at < holePause) return holes.found;
    const missing = await repository.missing(id);
    holes = { backup: id, at: now(), found: missing.length === 0 ? null : missing.slice(0, 5).join("; ") };
    return holes.found;
  }

  async function showFull(snapshots: readonly BackupSnapshot[]): Promise<void> {
    const owed = shows.full === undefined ? null : await standing(shows.full);
    const newest = snapshots.findLast(({ kind }) => kind === "full");
    if (owed === null || newest === undefined || owed.newest?.facts["backup"] === newest.id) return;
    await show(owed.duty.id, thatIsThere(newest));
  }

  const thatIsThere = (snapshot: BackupSnapshot): Shown => ({
    ...{ outcome: "passed", automation, observedAt: snapshot.endedAt, facts: factsOf(snapshot) },
    note: `${snapshot.id}, read from the repository`,
  });

  /** Whether the last time that a backup was owed is one that this one is of. */
  function isOfLastTime({ cadence }: DutyStanding["duty"], { endedAt }: BackupSnapshot): boolean {
    const ended = Date.parse(endedAt);
    if (cadence.kind !== "cron") return dayOf(ended) === dayOf(now());
    return (clock.before(cadence.cron, now()) ?? 0) <= ended;
  }

  async function showThere(owed: DutyStanding, newest: BackupSnapshot): Promise<void> {
    const last = owed.newest;
    if (last?.outcome === "passed" && last.facts["backup"] === newest.id) return;
    const isSince =
      last !== null && last.outcome !== "passed" && Date.parse(last.observedAt) > Date.parse(newest.endedAt);
    // What was wrong since it was made is over, where it is the one that is owed. An older one is not said to be there again:
    // it counts for the time that it is of, and no later one.
    if (isSince && isOfLastTime(owed.duty, newest))
      return show(owed.duty.id, { ...thatIsThere(newest), observedAt: new Date(now()).toISOString() });
    const isShown = ({ outcome, facts }: Evidence): boolean => outcome === "passed" && facts["backup"] === newest.id;
    if (!isSince || (await before(owed.duty.id, isShown)) === null) await show(owed.duty.id, thatIsThere(newest));
  }

  return {
    standing,
    show,
    async newestWithin() {
      const owed = (await standing(shows.backup))?.duty;
      if (owed?.cadence.kind !== "cron") return unscheduled;
      const last = clock.before(owed.cadence.cron, now() - owed.grace);
      return last === null ? unscheduled : now() - last;
    },
    async showNewest() {
      const owed = await standing(shows.backup);
      if (owed === null) return;
      let snapshots: readonly BackupSnapshot[];
      let hole: string | null = null;
      try {
        snapshots = await repository.snapshots();
        const newest = snapshots.at(-1);
        if (newest !== undefined) hole = await holeIn(newest);
      } catch (thrown) {
        // A repository that cannot be read has nothing: a wrong key, a disk that is away.
        await showOnce(owed, messageOf(thrown));
        throw thrown;
      }
      await showFull(snapshots);
      const newest = snapshots.at(-1);
      if (hole !== null) return showOnce(owed, hole);
      if (newest !== undefined) return showThere(owed, newest);
      // Once: what was shown is there no more.
      if (owed.newest?.outcome === "passed")
        await show(shows.backup, { outcome: "failed", automation, note: "the repository has no backup any more" });
    },
    ofDrill: (of) => before(shows.drill, (one) => one.automation === of),
  };
}

const factsOf = ({
  id,
  kind,
  bytes,
  encrypted,
  position,
  serverVersion,
}: BackupSnapshot): Readonly<Record<string, string | number | boolean | null>> => ({
  backup: id,
  kind,
  bytes,
  encrypted,
  position,
  server: serverVersion,
});

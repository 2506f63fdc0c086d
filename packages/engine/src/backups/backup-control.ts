import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { BackupRepository, BackupSnapshot, CronClock, Millis } from "@fairway/core";
import { FairwayError, drillVerdict, interruptedDrill, messageOf } from "@fairway/core";
import { whoActs } from "../audit/acting.ts";
import type { DutyControl } from "../duties/duty-control.ts";
import { recordChange } from "../store/audit.ts";
import type { DrillRecord } from "../store/drills.ts";
import { beat, beginDrill, keepDrill, listDrills } from "../store/drills.ts";
import type { Store } from "../store/store.ts";
import type { BackupEvidence } from "./backup-evidence.ts";
import { backupEvidence } from "./backup-evidence.ts";
import type { DrillParts } from "./drill-parts.ts";
import { restoreDrill } from "./restore-drill.ts";
import { isTurn } from "./turn.ts";

/** Backups of one database, and what shows that they can be restored. */
export interface BackupControl {
  /** What the repository has; null where the database is a team's own, of which Fairway makes none. */
  repository(): Promise<{ readonly label: string; readonly snapshots: readonly BackupSnapshot[] } | null>;
  /** What its repository is called; null where Fairway makes none. */
  label(): Promise<string | null>;
  drills(limit: number): Promise<readonly DrillRecord[]>;
  /** Makes a backup now. Throws `not_allowed_now` where Fairway makes none. */
  take(): Promise<BackupSnapshot>;
  /** Begins a drill; it goes on by itself. Throws `not_allowed_now` where there is nothing to drill, or another one goes on. */
  drill(choose: DrillParts["choose"]): Promise<DrillRecord>;
  /** Leaves a sign of life, puts on record what the repository has, and begins what is due. May be repeated. */
  lookAfter(): Promise<void>;
  /** Whether a backup or a drill goes on. */
  busy(): boolean;
  /** Waits for what goes on. */
  settled(): Promise<void>;
}

export interface BackupControlParts {
  readonly store: Store;
  readonly duties: DutyControl;
  readonly clock: CronClock;
  readonly now: () => number;
  readonly closing: AbortSignal;
  /** Null where the database is a team's own. */
  readonly own: {
    readonly repository: BackupRepository;
    readonly drill: Omit<
      DrillParts,
      "repository" | "place" | "choose" | "newestWithin" | "now" | "closing" | "keep" | "rpoWithin" | "startWithin"
    > &
      Partial<Pick<DrillParts, "rpoWithin">>;
    /** Where drills have their directories. */
    readonly places: string;
    /** Somebody else makes them: what is there is read, and none is made. */
    readonly watched?: boolean;
    /** How old the newest may be; by its schedule when left out. */
    readonly newestWithin?: Millis;
  } | null;
  /** What its duties are called; those of Fairway's own database when left out, in which a sign of life is left as well. */
  readonly shows?: { readonly backup: string; readonly drill: string; readonly full?: string };
  /** Whether a drill is its own, by the label of the repository; all are when left out. */
  readonly claims?: (repository: string) => boolean;
  readonly tell: (message: string) => void;
}

/** What duties are called that Fairway shows by itself, where a project owes them. */
const ownDuties = { backup: "backup/fairway", drill: "drill/fairway" } as const;

const hour: Millis = 3_600_000;
const [backupPause, drillPause] = [hour, 24 * hour];
const unhurried: Millis = hour / 4;

export function backupControl(parts: BackupControlParts): BackupControl {
  const { store, duties, now, clock, own, tell, closing } = parts;
  const shows: NonNullable<BackupControlParts["shows"]> = parts.shows ?? ownDuties;
  let going: Promise<unknown> = Promise.resolve();
  let isBusy = false;
  /** A look of its own, which is short; until it begins something itself, whoever asks for more waits for it. */
  let looking: Promise<unknown> | null = null;
  /** Whether a drill may have ended of which nothing was said: a kill may come between. */
  let mayBeUnsaid = true;
  /** Whether a drill that was interrupted is still to be made again. */
  let mustRepeat = false;
  /** The drill that is carried out here. */
  let underWay: number | null = null;
  const openedAt = now();

  const known = (): NonNullable<BackupControlParts["own"]> => {
    if (own !== null) return own;
    throw new FairwayError("not_allowed_now", "the database is your own, and Fairway makes no backups of it", {
      hint: "have whoever keeps the database back it up and drill it, and attest both",
    });
  };
  let evidence: BackupEvidence | undefined;
  const shown = (): BackupEvidence =>
    (evidence ??= backupEvidence({ duties, clock, now, shows, repository: known().repository }));

  async function take(): Promise<BackupSnapshot> {
    const { repository } = known();
    let made: BackupSnapshot;
    try {
      made = await repository.take();
    } catch (thrown) {
      // The daemon's own end is no fault of what is backed up.
      if (!closing.aborted)
        await shown().show(shows.backup, { outcome: "failed", automation: repository.label, note: messageOf(thrown) });
      throw thrown;
    }
    // A backup that was made stays one, also where the record cannot be written now: the next look finds it in the repository.
    await store.transaction(async (tx) =>
      recordChange(tx, "backup.made", { subject: made.id, environment: null, detail: { bytes: made.bytes } }),
    );
    await shown().showNewest();
    return made;
  }

  const assertFree = (): void => {
    if (isBusy) throw new FairwayError("not_allowed_now", "another backup or drill goes on", { retryable: true });
  };

  /** Does something that nothing else may happen beside; throws `not_allowed_now` while something does. */
  async function alone<Value>(work: () => Promise<Value>): Promise<Value> {
    assertFree();
    isBusy = true;
    try {
      return await work();
    } finally {
      isBusy = false;
    }
  }

  async function carryOut(number: number, choose: DrillParts["choose"]): Promise<void> {
    const { repository, drill, places } = known();
    const report = await restoreDrill({
      ...drill,
      repository,
      choose,
      place: join(places, `drill-${number}`),
      newestWithin: known().newestWithin ?? (await shown().newestWithin()),
      rpoWithin: drill.rpoWithin ?? hour / 4,
      startWithin: hour / 6,
      now,
      closing,
      keep: (found) => keepDrill(store, number, found, false),
    });
    if (closing.aborted) return;
    mayBeUnsaid = true;
    await keepDrill(store, number, report, true);
    await shown().show(shows.drill, {
      ...drillVerdict(report),
      automation: nameOf({ number, repository: repository.label }),
    });
    mayBeUnsaid = false;
  }

  async function begin(choose: DrillParts["choose"]): Promise<DrillRecord> {
    const { repository } = known();
    await looking;
    assertFree();
    mustRepeat = false;
    await new Promise<void>((resolve, reject) => {
      // It is begun once it has its number, and goes on by itself.
      going = alone(async () => {
        const number = await beginDrill(store, repository.label, whoActs().name);
        underWay = number;
        resolve();
        await carryOut(number, choose)
          .catch((thrown: unknown) => tell(`drill ${number} did not end: ${messageOf(thrown)}`))
          .finally(() => (underWay = null));
      }).catch(reject);
    });
    const [begun] = await listDrills(store, { limit: 1, repository: repository.label });
    if (begun === undefined) throw new FairwayError("internal", "the drill that was begun is not on record");
    return begun;
  }

  /** What the newest drill that has ended has come to is on record of its duty, also where a kill came between the two. */
  async function sayWhatEnded(): Promise<void> {
    if (!mayBeUnsaid) return;
    const ended = (await listDrills(store, { limit: 1, ended: true, repository: known().repository.label }))[0];
    if (ended !== undefined && (await shown().ofDrill(nameOf(ended))) === null)
      await shown().show(shows.drill, {
        ...{ ...drillVerdict(ended.report), automation: nameOf(ended) },
        ...(ended.endedAt === null ? {} : { observedAt: ended.endedAt }),
      });
    mayBeUnsaid = false;
  }

  /** A drill whose daemon is gone is red in the step that was under way; what it left is cleared up. */
  async function settleInterrupted(): Promise<boolean> {
    const claims = parts.claims ?? ((): boolean => true);
    const open = (await listDrills(store, { limit: 100, open: true })).filter(
      ({ number, repository }) => number !== underWay && claims(repository),
    );
    for (const { number, report, repository } of open) {
      const ended = interruptedDrill(report, new Date(now()).toISOString());
      await rm(join(known().places, `drill-${number}`), { recursive: true, force: true });
      mayBeUnsaid = true;
      await keepDrill(store, number, ended, true);
      await shown().show(shows.drill, { ...drillVerdict(ended), automation: nameOf({ number, repository }) });
    }
    await sayWhatEnded();
    return open.length > 0;
  }

  return {
    repository: async () =>
      own === null ? null : { label: own.repository.label, snapshots: await own.repository.snapshots() },
    label: async () => own?.repository.label ?? null,
    drills: (limit) => listDrills(store, { limit }),
    async take() {
      if (known().watched === true)
        throw new FairwayError("not_allowed_now", "somebody else makes these backups, and Fairway reads them only", {
          hint: "have whoever keeps the copy make one; it is found here by itself",
        });
      await looking;
      const taking = alone(take);
      going = taking.catch(() => undefined);
      return taking;
    },
    drill: begin,
    async lookAfter() {
      if (own === null) return;
      if (shows === ownDuties) await beat(store);
      if (isBusy) return;
      // Held from before it is looked what nobody carries on: a drill that begins meanwhile would pass for one.
      const look = alone(async () => {
        if (await settleInterrupted()) mustRepeat = true;
        await shown().showNewest();
        const [backup, drill] = [await shown().standing(shows.backup), await shown().standing(shows.drill)];
        // Where nobody owes them there is no hurry: a daemon that is there for minutes only is left alone.
        if (backup === null && drill === null && !mustRepeat && now() - openedAt < unhurried) return null;
        const isDue = backup === null ? await isNight(own.repository, now()) : isTurn(backup, now(), backupPause);
        looking = null;
        if (own.watched !== true && isDue) await take();
        return { drill };
      });
      looking = look.catch(() => undefined);
      const looked = await look.finally(() => (looking = null));
      if (looked === null || closing.aborted) return;
      const { drill } = looked;
      const isUnowedTurn = async (): Promise<boolean> =>
        shows === ownDuties && isMonth(store, own.repository.label, now());
      // The one that was interrupted is made again at once. Whoever began one since was faster.
      if (isBusy) return;
      if (mustRepeat || (drill === null ? await isUnowedTurn() : isTurn(drill, now(), drillPause)))
        await begin("latest");
    },
    busy: () => isBusy,
    settled: async () => {
      await going;
    },
  };
}

/** Where no project owes them, they are made all the same: a backup each day, a drill each month. */
const isNight = async (repository: BackupRepository, now: number): Promise<boolean> => {
  const newest = (await repository.snapshots()).at(-1);
  return newest === undefined || now - Date.parse(newest.startedAt) >= 24 * hour;
};

async function isMonth(store: Store, repository: string, now: number): Promise<boolean> {
  const [last] = await listDrills(store, { limit: 1, repository });
  return last === undefined || now - Date.parse(last.beganAt) >= 30 * 24 * hour;
}

/** What a drill is called where its duty is shown. */
const nameOf = ({ number, repository }: Pick<DrillRecord, "number" | "repository">): string =>
  `drill ${number} of ${repository}`;

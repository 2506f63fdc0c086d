import type { BackupSnapshot, CronClock, ManagedBackups, ManagedRestore, Millis } from "@fairway/core";
import { FairwayError, messageOf } from "@fairway/core";
import type { DutyControl } from "../duties/duty-control.ts";
import { isTurn } from "./turn.ts";

/** What a cloud's own backups are looked after with. */
export interface ManagedControlParts {
  readonly name: string;
  readonly backups: ManagedBackups;
  readonly duties: DutyControl;
  readonly clock: CronClock;
  readonly now: () => number;
  readonly watched: boolean;
  /** How far behind the copy may be; null where nothing is copied. */
  readonly copyWithin: Millis | null;
}

/** Backups that a cloud makes, keeps and tries by itself. */
export interface ManagedControl {
  readonly label: string;
  snapshots(): Promise<readonly BackupSnapshot[]>;
  /** Puts on record what the cloud has, and begins what is due. May be repeated. */
  lookAfter(): Promise<void>;
  /** Begins one now; it is there when the cloud has it. */
  take(): Promise<void>;
}

const hour: Millis = 3_600_000;
const year: Millis = 366 * 24 * hour;

/** What a trouble is, without what is another each time it is looked: the id of the request, hours and times. */
const trouble = (note: string): string => note.replace(/ \(request [^)]*\)/gu, "").replace(/\d[\dTZ:.]*/gu, "#");

const isRetryable = (thrown: unknown): boolean =>
  typeof thrown === "object" && thrown !== null && "retryable" in thrown && thrown.retryable === true;

export function managedControl(parts: ManagedControlParts): ManagedControl {
  const { name, backups, duties, now } = parts;
  const automation = backups.label;

  async function show(
    duty: string,
    evidence: Omit<Parameters<DutyControl["attest"]>[0], "duty" | "release" | "automation">,
    sense: (note: string) => string = (note) => note,
  ): Promise<void> {
    const owed = (await duties.standings({})).find((one) => one.duty.id === duty);
    if (owed === undefined) return;
    const last = owed.newest;
    // The same is said once.
    if (last?.outcome === evidence.outcome && sense(last.note) === sense(evidence.note ?? "")) return;
    await duties.attest({ duty, release: null, automation, ...evidence });
  }

  /** That the copy has what the vault has, or when it last did; null where it is well. */
  async function copyBehind(oldest: BackupSnapshot, newest: BackupSnapshot): Promise<string | null> {
    if (parts.copyWithin === null || backups.newestCopy === undefined) return null;
    const copy = await backups.newestCopy();
    // From the oldest on, for the newest is always a new one where they are made more often than the copy may be behind.
    const waits = now() - Date.parse(oldest.endedAt);
    if (copy === null) return waits > parts.copyWithin ? "the copy has no recovery point" : null;
    const behind = Date.parse(newest.endedAt) - Date.parse(copy.endedAt);
    return behind > parts.copyWithin ? `the copy is ${(behind / hour).toFixed(1)} h behind` : null;
  }

  async function showBackups(): Promise<void> {
    const duty = `backup/${name}`;
    try {
      const there = await backups.snapshots();
      const [oldest] = there;
      const newest = there.at(-1);
      if (oldest === undefined || newest === undefined) return;
      const behind = await copyBehind(oldest, newest);
      if (behind !== null) return await show(duty, { outcome: "failed", note: behind }, trouble);
      await show(duty, {
        ...{ outcome: "passed", observedAt: newest.endedAt, note: `${newest.id}, read from the vault` },
        facts: { backup: newest.id, kind: newest.kind, bytes: newest.bytes, encrypted: newest.encrypted },
      });
    } catch (thrown) {
      // What passes is no evidence: whoever asked is told, and without a backup the duty is overdue by itself.
      if (isRetryable(thrown)) throw thrown;
      await show(duty, { outcome: "failed", note: messageOf(thrown) }, trouble);
    }
  }

  /**
   * What a person says of the drill once something was restored is of what they saw of it: the service is told, and keeps it as
   * evidence. False where nobody has said anything since.
   */
  async function isToldOfLook({ id, outcome, endedAt }: ManagedRestore): Promise<boolean> {
    if (outcome !== "none" || endedAt === null || backups.looked === undefined) return false;
    const said = (await duties.standings({})).find(({ duty }) => duty.id === `drill/${name}`)?.newest ?? null;
    if (said === null || said.automation !== null || said.observedAt <= endedAt) return false;
    if (said.outcome !== "passed" && said.outcome !== "failed") return false;
    await backups.looked(id, { ok: said.outcome === "passed", why: said.note });
    return true;
  }

  async function showRestores(): Promise<void> {
    const ended = (await backups.restores(new Date(now() - year).toISOString())).filter(
      ({ outcome, endedAt }) =>
        endedAt !== null && (outcome === "passed" || outcome === "failed" || outcome === "none"),
    );
    const last = ended.at(-1);
    if (last === undefined || last.endedAt === null || (await isToldOfLook(last))) return;
    const took = Date.parse(last.endedAt) - Date.parse(last.startedAt);
    await show(`drill/${name}`, {
      // That something came back which nobody has looked at shows a part.
      outcome: last.outcome === "passed" ? "passed" : last.outcome === "failed" ? "failed" : "partial",
      observedAt: last.endedAt,
      note: `${last.id}: ${last.why}`,
      facts: { backup: last.backup, "rto-ms": took },
    });
  }

  async function showProbe(): Promise<void> {
    const duty = `delete-probe/${name}`;
    const owed = (await duties.standings({})).find((one) => one.duty.id === duty);
    if (owed === undefined || backups.tryToDelete === undefined || !isTurn(owed, now(), 24 * hour)) return;
    const { outcome, why } = await backups.tryToDelete();
    await duties.attest({
      ...{ duty, release: null, automation, note: why },
      outcome: outcome === "refused" ? "passed" : outcome === "done" ? "failed" : "skipped",
    });
  }

  return {
    label: backups.label,
    snapshots: () => backups.snapshots(),
    async lookAfter() {
      await showBackups();
      await showRestores();
      await showProbe();
      const owed = (await duties.standings({})).find(({ duty }) => duty.id === `backup/${name}`);
      if (parts.watched || owed === undefined || !isTurn(owed, now(), hour)) return;
      // One for each time that has come, however often it is looked: the key says which.
      await backups.begin(`${name} ${owed.dueAt ?? new Date(now()).toISOString().slice(0, 13)}`);
    },
    async take() {
      if (parts.watched)
        throw new FairwayError("not_allowed_now", "somebody else makes these backups, and Fairway reads them only");
      await backups.begin(`${name} ${new Date(now()).toISOString()}`);
    },
  };
}

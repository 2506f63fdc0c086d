import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Digest, DutyPlan, Repository, Weakening } from "@fairway/core";
import { dayOf, FairwayError, peopleOf, weakenings } from "@fairway/core";
import { recordChange } from "../store/audit.ts";
import { documentOf, keepDocument } from "../store/documents.ts";
import { keepSetting, setting } from "../store/settings.ts";
import type { Store } from "../store/store.ts";

/** Which duties hold, and what keeps newer ones from it. */
export interface DutiesInForce {
  /** The commit that they are of; null before the first. */
  readonly commit: string | null;
  readonly digest: Digest | null;
  /** The commit that was looked at last, which may be another. */
  readonly looked: string | null;
  /** When that was; none is named by older versions. */
  readonly lookedAt?: string;
  /** Why those of that commit do not hold, one a line for people. */
  readonly problems: readonly string[];
  /** Those of that commit that ask for less, until the gate's owner has said yes. */
  readonly held: {
    readonly digest: Digest;
    readonly commit: string;
    readonly weaker: readonly string[];
    /** The roles that have not said yes yet: who owns the gates that asked for more. None is named by older versions. */
    readonly waitsFor?: readonly string[];
  } | null;
  /** When each duty was first seen: nobody missed it before. */
  readonly since: Readonly<Record<string, string>>;
}

const settingName = "duties";
const nothing: DutiesInForce = { commit: null, digest: null, looked: null, problems: [], held: null, since: {} };

/** What duties are read with. */
export interface DutyReaderParts {
  readonly store: Store;
  readonly repository: Pick<Repository, "checkout">;
  /** A folder for checkouts. */
  readonly scratch: string;
  readonly now: () => number;
}

/** Reads duties of commits, and keeps those that hold. */
export interface DutyReader {
  inForce(): Promise<DutiesInForce>;
  plan(digest: Digest | null): Promise<DutyPlan>;
  /**
   * Looks at the duties of a commit; those that have problems, or ask for less than what holds, leave what holds as it is. May
   * be repeated.
   */
  look(sha: string): Promise<DutiesInForce>;
  /**
   * A gate's owner lets those hold that ask for less of its environment; they hold once each owner has. `what`: the commit, or
   * at least 7 signs of it, or the digest that was seen. Throws `not_found` when there are none, `stale_approval` when there
   * are others, and `denied`.
   */
  accept(by: readonly string[], what: string): Promise<DutiesInForce>;
}

const ownersOf = (weaker: readonly Weakening[]): readonly string[] => [...new Set(weaker.map(({ owner }) => owner))];

const emptyPlan: DutyPlan = { commit: "", roles: [], duties: [], gates: [], waivers: { longest: 0, approvers: [] } };

export function dutyReader({ store, repository, scratch, now }: DutyReaderParts): DutyReader {
  const plans = new Map<Digest, DutyPlan>();

  async function inForce(): Promise<DutiesInForce> {
    return ((await setting(store, settingName)) as unknown as DutiesInForce | undefined) ?? nothing;
  }

  async function plan(digest: Digest | null): Promise<DutyPlan> {
    if (digest === null) return emptyPlan;
    const known = plans.get(digest) ?? (JSON.parse(await documentOf(store, digest)) as DutyPlan);
    plans.set(digest, known);
    return known;
  }

  /** Null when somebody else has kept others since `before` was read. */
  async function keep(before: DutiesInForce, next: DutiesInForce): Promise<DutiesInForce | null> {
    const today = dayOf(now());
    const { duties } = await plan(next.digest);
    const since = Object.fromEntries(duties.map(({ id }) => [id, next.since[id] ?? today]));
    const whole = { ...next, since };
    return store.transaction(async (tx) => {
      await tx.rows("select pg_advisory_xact_lock(hashtext('fairway.duties'))");
      const current = (await setting(tx, settingName)) ?? nothing;
      if (JSON.stringify(current) !== JSON.stringify(before)) return null;
      await keepSetting(tx, settingName, whole);
      const { commit, digest, held, problems } = whole;
      recordChange(tx, "duties.read", {
        subject: next.looked ?? "",
        environment: null,
        detail: {
          commit,
          digest,
          problems: problems.length,
          held: held?.weaker ?? null,
          waitsFor: held?.waitsFor ?? null,
        },
      });
      return whole;
    });
  }

  /** Looks again when somebody else was faster: what is kept was decided with what is there. */
  async function changed(
    next: (before: DutiesInForce) => Promise<DutiesInForce>,
    triesLeft = 5,
  ): Promise<DutiesInForce> {
    const before = await inForce();
    const wanted = await next(before);
    const kept = wanted === before ? before : await keep(before, wanted);
    if (kept !== null) return kept;
    if (triesLeft > 1) return changed(next, triesLeft - 1);
    throw new FairwayError("version_conflict", "others keep changing which duties hold", { retryable: true });
  }

  return {
    inForce,
    plan,
    look: (sha) =>
      changed(async (before) => {
        if (before.looked === sha) return before;
        const lookedAt = new Date(now()).toISOString();
        const loaded = await read(sha);
        if (!loaded.ok) return { ...before, looked: sha, lookedAt, problems: loaded.problems };
        const digest = await keepDocument(store, JSON.stringify(loaded.plan));
        const weaker = weakenings(await plan(before.digest), loaded.plan);
        if (weaker.length === 0)
          return { ...before, commit: sha, digest, looked: sha, lookedAt, problems: [], held: null };
        const sentences = weaker.map(({ what }) => what);
        const held = { digest, commit: sha, weaker: sentences, waitsFor: ownersOf(weaker) };
        return { ...before, looked: sha, lookedAt, problems: [], held };
      }),
    accept: (by, what) =>
      changed(async (before) => {
        const { held } = before;
        if (held === null)
          throw new FairwayError("not_found", "no duties are held back", { hint: "see what holds: fairway duties" });
        if (what !== held.digest && what !== held.commit && !(what.length >= 7 && held.commit.startsWith(what)))
          throw new FairwayError("stale_approval", `those of ${held.commit} are held back, and not those of ${what}`, {
            hint: "see what they ask less for: fairway duties",
          });
        const inPlace = await plan(before.digest);
        const waitsFor = held.waitsFor ?? ownersOf(weakenings(inPlace, await plan(held.digest)));
        const isOwner = (role: string): boolean =>
          peopleOf(inPlace.roles, role, dayOf(now())).some((name) => by.includes(name));
        const left = waitsFor.filter((role) => !isOwner(role));
        if (left.length === waitsFor.length)
          throw new FairwayError("denied", `only ${waitsFor.join(" or ")} lets an environment ask for less`);
        if (left.length > 0) return { ...before, held: { ...held, waitsFor: left } };
        return { ...before, commit: held.commit, digest: held.digest, held: null };
      }),
  };

  async function read(
    sha: string,
  ): Promise<
    { readonly ok: true; readonly plan: DutyPlan } | { readonly ok: false; readonly problems: readonly string[] }
  > {
    await mkdir(scratch, { recursive: true, mode: 0o700 });
    const directory = await mkdtemp(join(scratch, "duties-"));
    try {
      const checkout = join(directory, "checkout");
      await repository.checkout(sha, checkout);
      const { loadDuties } = await import("@fairway/config");
      const loaded = loadDuties(checkout, { commit: sha, today: dayOf(now()) });
      if (loaded.ok) return loaded;
      const problems = loaded.problems.map(
        ({ file, line, column, code, message, fix }) =>
          `${file}:${line}:${column} ${code} ${message}${fix === undefined ? "" : ` – ${fix}`}`,
      );
      return { ok: false, problems };
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }
}

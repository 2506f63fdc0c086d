import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Digest, DutyPlan, Repository } from "@fairway/core";
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
  /** Why those of that commit do not hold, one a line for people. */
  readonly problems: readonly string[];
  /** Those of that commit that ask for less, until the gate's owner has said yes. */
  readonly held: { readonly digest: Digest; readonly commit: string; readonly weaker: readonly string[] } | null;
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
  /** Looks at the duties of a commit; those that have problems, or ask for less than what holds, leave what holds as it is. May be repeated. */
  look(sha: string): Promise<DutiesInForce>;
  /** The gate's owner lets those hold that ask for less. Throws `not_found` when there are none, and `denied`. */
  accept(by: readonly string[]): Promise<DutiesInForce>;
}

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

  async function keep(next: DutiesInForce): Promise<DutiesInForce> {
    const today = dayOf(now());
    const { duties } = await plan(next.digest);
    const since = Object.fromEntries(duties.map(({ id }) => [id, next.since[id] ?? today]));
    const whole = { ...next, since };
    await store.transaction(async (tx) => {
      await keepSetting(tx, settingName, whole);
      const { commit, digest, held, problems } = whole;
      recordChange(tx, "duties.read", {
        subject: next.looked ?? "",
        environment: null,
        detail: { commit, digest, problems: problems.length, held: held?.weaker ?? null },
      });
    });
    return whole;
  }

  return {
    inForce,
    plan,
    async look(sha) {
      const before = await inForce();
      if (before.looked === sha) return before;
      const loaded = await read(sha);
      if (!loaded.ok) return keep({ ...before, looked: sha, problems: loaded.problems });
      const digest = await keepDocument(store, JSON.stringify(loaded.plan));
      const weaker = weakenings(await plan(before.digest), loaded.plan);
      if (weaker.length > 0)
        return keep({ ...before, looked: sha, problems: [], held: { digest, commit: sha, weaker } });
      return keep({ ...before, commit: sha, digest, looked: sha, problems: [], held: null });
    },
    async accept(by) {
      const before = await inForce();
      if (before.held === null)
        throw new FairwayError("not_found", "no duties are held back", { hint: "see what holds: fairway duties" });
      const { gates, roles } = await plan(before.digest);
      const owners = [...new Set(gates.map(({ owner }) => owner))];
      const people = owners.flatMap((owner) => peopleOf(roles, owner, dayOf(now())));
      if (!by.some((name) => people.includes(name)))
        throw new FairwayError("denied", `only ${owners.join(" or ")} lets an environment ask for less`);
      return keep({ ...before, commit: before.held.commit, digest: before.held.digest, held: null });
    },
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

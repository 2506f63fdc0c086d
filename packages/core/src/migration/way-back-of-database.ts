import type { ReleaseId } from "../ids.ts";
import type { MigrationClass } from "./migration.ts";
import { phaseOf } from "./migration.ts";
import type { MigrationSet, ReleaseMigration } from "./migration-set.ts";
import { isUnusedBy } from "./migration-set.ts";
import type { PlannedMigration } from "./planned-migration.ts";
import { plannedOf } from "./planned-migration.ts";
import type { DatabaseState } from "./recorded-migration.ts";

/** What must be known to say whether programs of an earlier release run on a database as it is now. */
export interface DatabaseBackFacts {
  readonly service: string;
  readonly to: ReleaseId;
  /** Null where the earlier release has none. */
  readonly toSet: MigrationSet | null;
  /** Of the release that runs; null where it has none. */
  readonly fromSet: MigrationSet | null;
  readonly database: DatabaseState;
}

/** What becomes of a database when its environment goes back. */
export interface DatabaseBack {
  /** `irreversible`: it stays as it is. `compensate`: ways back of migrations are run. */
  readonly way: "irreversible" | "compensate";
  readonly note: string;
  /** Ways back to run, in their order, before anything of the earlier release starts. */
  readonly planned: readonly PlannedMigration[];
  /** Why the environment must stay where it is; null when it need not. */
  readonly refused: string | null;
}

/** A migration that is in the database and that the earlier release does not know. */
interface Later {
  readonly id: string;
  readonly class: MigrationClass;
  /** Null where no release at hand has it. */
  readonly migration: ReleaseMigration | null;
}

/**
 * Whether programs of an earlier release run on the database, and what makes it so. What only expands stays: they go on
 * with it. What takes something away from them is taken back by its own way back where that was tried and loses nothing; else
 * the environment cannot go back.
 */
export function wayBackOfDatabase(facts: DatabaseBackFacts): DatabaseBack {
  const { service, to, toSet } = facts;
  const half =
    "recorded" in facts.database ? facts.database.recorded.find(({ state }) => state !== "applied") : undefined;
  if (half !== undefined && !isBatched(facts, half.id))
    return refusal(
      `${service}: ${half.id} is half done in its database, and nobody can say whether ${to} runs on it; put it right, then: fairway migrations resolve ${half.id}`,
    );
  const missing = neededBy(facts);
  if (missing !== undefined)
    return refusal(`${service}: ${to} needs ${missing.file}, and its database does not have it any more`);
  const later = laterThan(facts);
  const known = toSet ?? { migrations: [] };
  const first = later.findIndex(
    ({ class: of, migration }) =>
      phaseOf(of) !== "before-rollout" && !(migration !== null && isUnusedBy(migration, to, known)),
  );
  if (first === -1) return { ...staying(to, later, facts.database), planned: [], refused: null };
  const taken = later.slice(first);
  const why = taken.map(whyNotBack).find((sentence) => sentence !== null);
  const [culprit] = taken;
  if (why !== undefined && culprit !== undefined)
    return refusal(
      `${service}: ${to} cannot run on its database: ${fileOf(culprit)} (${culprit.class}) was applied since${reasonOf(culprit)}, and ${why}; go forward with a commit that mends it${unread(facts)}`,
    );
  const planned = taken
    .toReversed()
    .flatMap(({ migration }) => (migration === null ? [] : [plannedOf(service, migration, "before-rollout", "back")]));
  const names = planned.map(({ id }) => id).join(", ");
  return {
    way: "compensate",
    note: `${names} taken back first, by its own way back, which was tried`,
    planned,
    refused: null,
  };
}

/**
 * What a person should know of a database that could not be read before its environment goes back; null where it was, and where
 * the environment stays where it is. Nothing is refused for it: the database may be away because of what is to be left.
 */
export function unreadSchema(facts: DatabaseBackFacts): string | null {
  if (!("unreachable" in facts.database) || wayBackOfDatabase(facts).refused !== null) return null;
  return `the schema of ${facts.service} could not be read: ${facts.database.unreachable}; the rollback goes on without the verdict, and ${facts.to} may not come up before its database answers`;
}

/**
 * Why programs of the earlier release would not come up: nobody answers where their database is, and what runs there is not
 * well without it either. To be asked only where that is so. Null where a server answered, or the environment stays where it is
 * anyway.
 */
export function awaitsDatabase(facts: DatabaseBackFacts, environment: string): string | null {
  const { service, to, database } = facts;
  if (!("unreachable" in database) || database.silent !== true || wayBackOfDatabase(facts).refused !== null)
    return null;
  return `${service} of ${to} would not come up: ${database.unreachable}, and without it what runs there is not well either; go back when the database answers, or all the same: fairway rollback ${environment} --force`;
}

const refusal = (sentence: string): DatabaseBack => ({
  way: "irreversible",
  note: "it cannot go back",
  planned: [],
  refused: sentence,
});

/** A refusal rests on what the release that runs brings, where its database says nothing. */
const unread = ({ database }: DatabaseBackFacts): string =>
  "unreachable" in database
    ? ` (its database could not be read: ${database.unreachable}; the release that runs there brings that migration)`
    : "";

const isBatched = ({ fromSet, toSet }: DatabaseBackFacts, id: string): boolean =>
  [...(fromSet?.migrations ?? []), ...(toSet?.migrations ?? [])].some((one) => one.id === id && one.batches);

/** The first migration that programs of the earlier release need and that is not there. */
function neededBy({ toSet, database }: DatabaseBackFacts): ReleaseMigration | undefined {
  if ("unreachable" in database) return undefined;
  const there = new Set(database.recorded.map(({ id }) => id));
  return toSet?.migrations.find(({ id, class: of }) => phaseOf(of) === "before-rollout" && !there.has(id));
}

/**
 * In the order in which they were applied. A database that cannot be asked is taken to have all that the running release
 * brings.
 */
function laterThan({ toSet, fromSet, database }: DatabaseBackFacts): readonly Later[] {
  const known = new Set((toSet?.migrations ?? []).map(({ id }) => id));
  const brought = new Map((fromSet?.migrations ?? []).map((one) => [one.id, one]));
  if ("unreachable" in database)
    return [...brought.values()]
      .filter(({ id }) => !known.has(id))
      .map((migration) => ({ id: migration.id, class: migration.class, migration }));
  return database.recorded
    .filter(({ id, adoptedFrom }) => !known.has(id) && adoptedFrom === undefined)
    .map(({ id, class: recorded = "unknown" }) => {
      const migration = brought.get(id) ?? null;
      return { id, class: migration?.class ?? recorded, migration };
    });
}

/** Why a migration cannot be taken back, as the end of a sentence; null when it can. */
function whyNotBack({ id, class: of, migration }: Later): string | null {
  if (migration === null) return `no release that is running has the way back of ${id}`;
  const { back } = migration;
  if (of === "irreversible") return `what ${id} takes away cannot be brought back`;
  if (back === null) return `${id} has no way back`;
  if (!back.tested) return `the way back of ${id} was never tried`;
  if (phaseOf(back.class) !== "before-rollout")
    return `the way back of ${id} would take something from what runs now (${back.class})`;
  return null;
}

const fileOf = ({ id, migration }: Later): string => migration?.file ?? id;

const reasonOf = ({ migration }: Later): string => {
  const [reason] = migration?.reasons ?? [];
  return reason === undefined ? "" : `: ${reason}`;
};

function staying(to: ReleaseId, later: readonly Later[], database: DatabaseState): Pick<DatabaseBack, "way" | "note"> {
  const unsure = "unreachable" in database ? `; it could not be asked (${database.unreachable})` : "";
  const note =
    later.length === 0
      ? `it stays as it is${unsure}`
      : `it stays as it is, and ${to} goes on with it: ${later.map(({ id }) => id).join(", ")}${unsure}`;
  return { way: "irreversible", note };
}

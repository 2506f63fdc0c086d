import type {
  Actor,
  DatabaseState,
  MigrationClass,
  MigrationSet,
  Release,
  ReleaseMigration,
  SchemaRange,
} from "@fairway/core";
import { FairwayError, compareMigrations, environmentOf, phaseOf, serviceOf } from "@fairway/core";
import { currentRelease } from "../store/deployments.ts";
import { listReleases, releaseById } from "../store/releases.ts";
import type { Store } from "../store/store.ts";
import type { DatabaseUrlParts } from "./database-url.ts";
import { migratedDatabaseUrl } from "./database-url.ts";
import type { MigrationReader } from "./migration-reader.ts";
import { recordResolved, resolveMigrations } from "./resolve-migrations.ts";

/** One migration as it stands in a database. */
export interface StandingMigration {
  readonly id: string;
  readonly title: string;
  /** Null for one that this release has not. */
  readonly file: string | null;
  readonly class: MigrationClass;
  readonly state: "applied" | "pending" | "running" | "failed";
  readonly appliedAt: string | null;
  readonly trouble: string | null;
  /** The tool whose own record says so; null where Fairway's does. */
  readonly adoptedFrom: string | null;
}

/** The migrations of one service as they stand in an environment. */
export interface StandingMigrations {
  readonly service: string;
  readonly release: string;
  readonly tool: MigrationSet["tool"];
  readonly folder: string;
  /** The schemas that the release runs on. */
  readonly range: SchemaRange;
  /** Why the database could not be asked; null when it was. */
  readonly unreachable: string | null;
  readonly migrations: readonly StandingMigration[];
  /** What keeps migrations from running, each a sentence. */
  readonly problems: readonly string[];
}

/** What people ask of migrations besides deployments. */
export interface MigrationControl {
  /** How migrations stand, against the release that is named, else the one that runs there, else the newest. */
  status(environment: string, release: string | null): Promise<readonly StandingMigrations[]>;
  /**
   * A person says what has become of a migration: it is done, or it is still to be run. `through` says so of all before it
   * too, of which nobody has said anything. Throws `not_found`, `not_allowed_now`, and `locked` while somebody migrates.
   */
  resolve(word: {
    readonly environment: string;
    readonly id: string;
    readonly as: "applied" | "pending";
    readonly through: boolean;
    readonly service: string | null;
    readonly actor: Actor;
  }): Promise<{ readonly service: string; readonly resolved: readonly string[] }>;
}

/** What it works with. */
export interface MigrationControlParts extends DatabaseUrlParts {
  readonly store: Store;
  readonly migrations: MigrationReader;
}

export function migrationControl(parts: MigrationControlParts): MigrationControl {
  const { store, migrations } = parts;

  async function releaseFor(environment: string, named: string | null): Promise<Release> {
    if (named !== null) return releaseById(store, named as Release["id"]);
    const found =
      (await currentRelease(store, environment)) ?? (await listReleases(store, { limit: 1, forEnvironments: true }))[0];
    if (found === undefined)
      throw new FairwayError("not_found", "there is no release yet", { hint: "make one with: fairway release" });
    return found;
  }

  async function setsOf(
    release: Release,
    environment: string,
  ): Promise<readonly { readonly service: string; readonly set: MigrationSet }[]> {
    const known = environmentOf(release.project, environment);
    if (known === undefined)
      throw new FairwayError("not_found", `release ${release.id} knows no environment "${environment}"`);
    const sets = await Promise.all(
      known.placements.map(async ({ service }) => ({ service, set: await migrations.setOf(release, service) })),
    );
    return sets.flatMap(({ service, set }) => (set === null ? [] : [{ service, set }]));
  }

  /** Puts on record what a person said who was killed before it was. */
  async function catchUp(release: Release, environment: string, service: string, set: MigrationSet): Promise<void> {
    const config = serviceOf(release.project, service)?.migrations;
    if (config === undefined) return;
    await recordResolved(store, { environment, service, set }, () =>
      migratedDatabaseUrl(parts, release, environment, service, config),
    );
  }

  return {
    async status(environment, named) {
      const release = await releaseFor(environment, named);
      return Promise.all(
        (await setsOf(release, environment)).map(async ({ service, set }) => {
          const range = release.parts.find((part) => part.service === service)?.migrations;
          const database = await migrations.stateOf(release, environment, service, set);
          if (!("unreachable" in database)) await catchUp(release, environment, service, set);
          return {
            service,
            release: release.id,
            tool: set.tool,
            folder: set.folder,
            range: { from: range?.from ?? null, to: range?.to ?? null },
            ...standing(set, database),
          };
        }),
      );
    },

    async resolve({ environment, id, as, through, service: only, actor }) {
      // What is pending may be of a release that has not run there yet.
      const releases = [
        await releaseFor(environment, null),
        ...(await listReleases(store, { limit: 1, forEnvironments: true })),
      ];
      const sets = (
        await Promise.all(releases.map(async (release) => ({ release, of: await setsOf(release, environment) })))
      )
        .flatMap(({ release, of }) => of.map((one) => ({ release, ...one })))
        .filter(({ service }) => only === null || service === only);
      const found = sets.find(({ set }) => set.migrations.some((one) => one.id === id));
      if (found === undefined)
        throw new FairwayError("not_found", `no service of ${environment} has a migration "${id}"`, {
          hint: `see what there is: fairway migrations status ${environment}`,
        });
      const { release, service, set } = found;
      const config = serviceOf(release.project, service)?.migrations;
      if (config === undefined) throw new FairwayError("internal", `${service} has migrations and no place for them`);
      const url = await migratedDatabaseUrl(parts, release, environment, service, config);
      const at = set.migrations.findIndex((one) => one.id === id);
      const meant = through ? set.migrations.slice(0, at + 1) : set.migrations.slice(at, at + 1);
      const resolved = await resolveMigrations(store, { environment, service, set, url }, { actor, id, as, meant });
      if (resolved.length === 0)
        throw new FairwayError("not_allowed_now", `${id} is ${as} in ${environment} already`, {
          hint: `see how it stands: fairway migrations status ${environment}`,
        });
      return { service, resolved };
    },
  };
}

function standing(
  set: MigrationSet,
  database: DatabaseState,
): Pick<StandingMigrations, "unreachable" | "migrations" | "problems"> {
  if ("unreachable" in database)
    return {
      unreachable: database.unreachable,
      migrations: set.migrations.map((one) => ({ ...facts(one), ...untouched })),
      problems: [],
    };
  const records = new Map(database.recorded.map((one) => [one.id, one]));
  const own = new Set(set.migrations.map(({ id }) => id));
  const rows = set.migrations.map((one): StandingMigration => {
    const record = records.get(one.id);
    return record === undefined
      ? { ...facts(one), ...untouched }
      : {
          ...facts(one),
          state: record.state,
          appliedAt: record.appliedAt,
          trouble: record.trouble,
          adoptedFrom: record.adoptedFrom ?? null,
        };
  });
  const others = database.recorded
    .filter(({ id }) => !own.has(id))
    .map((one): StandingMigration => ({
      id: one.id,
      title: one.id,
      file: null,
      class: one.class ?? "unknown",
      state: one.state,
      appliedAt: one.appliedAt,
      trouble: one.trouble,
      adoptedFrom: one.adoptedFrom ?? null,
    }));
  const beyond = others
    .filter(({ class: of }) => phaseOf(of) !== "before-rollout")
    .map(({ id, class: of }) => `${id} (${of}) is in the database and not in this release, which may not run on it`);
  const { problems } = compareMigrations(set.migrations, database.recorded);
  return {
    unreachable: null,
    migrations: [...rows, ...others],
    problems: [...problems.map(({ message, hint }) => `${message}; ${hint}`), ...beyond],
  };
}

const facts = ({
  id,
  title,
  file,
  class: of,
}: ReleaseMigration): Pick<StandingMigration, "id" | "title" | "file" | "class"> => ({
  id,
  title,
  file,
  class: of,
});

const untouched = { state: "pending", appliedAt: null, trouble: null, adoptedFrom: null } as const;

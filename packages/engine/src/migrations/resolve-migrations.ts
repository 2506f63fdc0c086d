import type { Actor, MigrationSet, ReleaseMigration } from "@fairway/core";
import { actorLabel, codeOf } from "@fairway/core";
import {
  appliedMigrations,
  claimRecords,
  databaseRecord,
  ensureRecordTable,
  newestFence,
  recordApplied,
  resolveMigration,
  withMigrationLock,
  withSession,
} from "@fairway/migrations";
import { recordAudit } from "../store/audit.ts";
import { keepSetting, setting } from "../store/settings.ts";
import type { Store } from "../store/store.ts";
import type { RecordedDatabase } from "./record-what-is-there.ts";

/** What a person says has become of a migration, and of those before it that are meant too. */
export interface ResolveWord {
  readonly actor: Actor;
  readonly id: string;
  readonly as: "applied" | "pending";
  readonly meant: readonly ReleaseMigration[];
}

// The word is about another database than the one with the audit, so what is meant is written down first. Who holds the lock
// of migrating finds there what somebody who was killed has left, and puts on record what of it had come about.
type Meant = Pick<ResolveWord, "actor" | "id" | "as"> & { readonly ids: readonly string[] };

const placeOf = ({ environment, service }: Pick<RecordedDatabase, "environment" | "service">): string =>
  `migrations.resolving ${environment}/${service}`;

/** Nobody may migrate meanwhile, and nobody is waited for long: a person asks. */
const limits = { lock: 5_000, statement: 30_000 };
const turnWithin = 2_000;

type Client = Parameters<typeof databaseRecord>[0];

/**
 * Writes into a database what a person says of its migrations, and puts that on record. Answers with what was not so before.
 * May be repeated; killed, what had come about is recorded by the next look. Throws `locked` while somebody migrates.
 */
export const resolveMigrations = (
  store: Store,
  database: RecordedDatabase,
  word: ResolveWord,
): Promise<readonly string[]> =>
  withSession(database.url, limits, (client) =>
    withMigrationLock(client, turnWithin, async () => {
      const { actor, id, as } = word;
      await ensureRecordTable(client);
      await settle(store, client, database);
      const changes = await changesOf(client, database, word);
      if (changes.length === 0) return [];
      const ids = changes.map(({ migration }) => migration.id);
      await keepSetting(store, placeOf(database), { actor, id, as, ids } satisfies Meant as never);
      const by = actorLabel(actor);
      for (const { migration, isNew } of changes)
        if (isNew) await recordApplied(client, migration, { by, fence: await newestFence(client) });
        else await resolveMigration(client, migration.id, as, by);
      await claimRecords(client, database.service, ids);
      return settle(store, client, database);
    }),
  );

/** Puts on record what somebody said who was killed before it was. A database that is busy or away is left to the next look. */
export async function recordResolved(
  store: Store,
  at: Omit<RecordedDatabase, "url">,
  url: () => Promise<string>,
): Promise<void> {
  if (((await setting(store, placeOf(at))) ?? null) === null) return;
  const database = { ...at, url: await url() };
  try {
    await withSession(database.url, limits, (client) =>
      withMigrationLock(client, turnWithin, () => settle(store, client, database)),
    );
  } catch (thrown) {
    const code = codeOf(thrown);
    // Who holds the lock may be the one who is saying it.
    if (code !== "locked" && code !== "database_unavailable") throw thrown;
  }
}

interface Change {
  readonly migration: ReleaseMigration;
  /** The database has nothing of it yet. */
  readonly isNew: boolean;
}

async function changesOf(
  client: Client,
  { set, service }: { readonly set: MigrationSet; readonly service: string },
  { meant, as }: ResolveWord,
): Promise<readonly Change[]> {
  const known = new Map((await databaseRecord(client, set, service)).map((one) => [one.id, one]));
  return meant.flatMap((migration): readonly Change[] => {
    const record = known.get(migration.id);
    if (record?.state === "applied") return [];
    if (record !== undefined && record.adoptedFrom === undefined) return [{ migration, isNew: false }];
    return as === "applied" ? [{ migration, isNew: true }] : [];
  });
}

/** Only with the lock: then whoever wrote down what is meant is done with it, or dead. */
async function settle(store: Store, client: Client, database: RecordedDatabase): Promise<readonly string[]> {
  const meant = (await setting(store, placeOf(database))) as unknown as Meant | null | undefined;
  if (meant === undefined || meant === null) return [];
  const { actor, id, as, ids } = meant;
  const { environment, service, set } = database;
  const came = as === "applied" ? await appliedBy(client, actorLabel(actor)) : await goneFrom(client, set, service);
  const resolved = ids.filter(came);
  await store.transaction(async (tx) => {
    if (resolved.length > 0)
      recordAudit(tx, {
        actor,
        action: "migration.resolved",
        subject: id,
        environment,
        detail: { service, as, resolved: [...resolved] },
      });
    await keepSetting(tx, placeOf(database), null);
  });
  return resolved;
}

async function appliedBy(client: Client, name: string): Promise<(id: string) => boolean> {
  const theirs = new Set((await appliedMigrations(client)).filter(({ by }) => by === name).map(({ id }) => id));
  return (id) => theirs.has(id);
}

async function goneFrom(client: Client, set: MigrationSet, service: string): Promise<(id: string) => boolean> {
  const there = new Set(
    (await databaseRecord(client, set, service)).flatMap(({ id, adoptedFrom }) =>
      adoptedFrom === undefined ? [id] : [],
    ),
  );
  return (id) => !there.has(id);
}

import type {
  Flag,
  FlagAction,
  FlagChange,
  FlagDefinition,
  FlagDiff,
  FlagMetadata,
  FlagPast,
  FlagSet,
  FlagValue,
} from "@fairway/core";
import { recordChange } from "./audit.ts";
import type { Sql, Transaction } from "./store.ts";
import { json, text } from "./store.ts";

/** The flags of one environment with their version. */
export interface StoredFlags {
  readonly environment: string;
  /** 0 before the first edit. */
  readonly version: number;
  readonly set: FlagSet;
  /** By key, in order. */
  readonly flags: readonly Flag[];
}

interface SetRow {
  environment: string;
  version: number;
  evaluators: Readonly<Record<string, FlagValue>> | null;
  metadata: FlagMetadata | null;
}
interface FlagRow {
  key: string;
  version: number;
  definition: FlagDefinition;
  changed_at: Date;
}

/** The flags of an environment; one that was never given any has none. */
export async function storedFlags(sql: Sql, environment: string): Promise<StoredFlags> {
  // In one question, or an edit could come between two.
  const [row] = await sql.rows<SetRow & { flags: readonly (Omit<FlagRow, "changed_at"> & { changed_at: string })[] }>(
    `select environment, version, evaluators, metadata, coalesce(
       (select json_agg(json_build_object('key', key, 'version', f.version, 'definition', definition, 'changed_at', changed_at) order by key)
        from fairway.flags f where f.environment = s.environment), '[]') as flags
     from fairway.flag_sets s where environment = $1`,
    [environment],
  );
  if (row === undefined) return { environment, version: 0, set: { flags: {} }, flags: [] };
  return assembled(
    row,
    row.flags.map((flag) => ({ ...flag, changed_at: new Date(flag.changed_at) })),
  );
}

function assembled({ environment, version, evaluators, metadata }: SetRow, rows: readonly FlagRow[]): StoredFlags {
  const set: FlagSet = {
    flags: Object.fromEntries(rows.map(({ key, definition }) => [key, definition])),
    ...(evaluators === null ? {} : { $evaluators: evaluators }),
    ...(metadata === null ? {} : { metadata }),
  };
  const flags = rows.map(({ key, version: changedIn, definition, changed_at }) => ({
    key,
    definition,
    version: changedIn,
    changedAt: changed_at.toISOString(),
  }));
  return { environment, version, set, flags };
}

/** The version of every environment's flags. */
export async function flagVersions(sql: Sql): Promise<ReadonlyMap<string, number>> {
  const rows = await sql.rows<{ environment: string; version: number }>(
    "select environment, version from fairway.flag_sets",
  );
  return new Map(rows.map(({ environment, version }) => [environment, version]));
}

/** Keeps everybody else from editing an environment's flags until the transaction ends. */
export async function holdFlags(tx: Transaction, environment: string): Promise<StoredFlags> {
  await tx.rows("insert into fairway.flag_sets (environment) values ($1) on conflict do nothing", [environment]);
  await tx.rows("select 1 from fairway.flag_sets where environment = $1 for update", [environment]);
  return storedFlags(tx, environment);
}

/** Who edits flags, and what for. */
export interface FlagEditor {
  readonly action: FlagAction;
  readonly by: string;
  readonly reason: string | null;
}

/** Writes an edit and its record; the environment's flags must be held. Answers with the version it made. */
export async function writeFlags(
  tx: Transaction,
  { environment, version: before, set: had }: StoredFlags,
  set: FlagSet,
  diffs: readonly FlagDiff[],
  { action, by, reason }: FlagEditor,
): Promise<number> {
  const version = before + 1;
  await tx.rows("update fairway.flag_sets set version = $2, evaluators = $3, metadata = $4 where environment = $1", [
    environment,
    version,
    set.$evaluators === undefined ? null : json(set.$evaluators),
    set.metadata === undefined ? null : json(set.metadata),
  ]);
  const gone = diffs.filter(({ to }) => to === null).map(({ key }) => key);
  await tx.rows("delete from fairway.flags where environment = $1 and key = any($2::text[])", [environment, gone]);
  // As lists of texts: what is read out of JSON by the database may hold no \u0000.
  const kept = diffs.filter(({ to }) => to !== null);
  await tx.rows(
    `insert into fairway.flags (environment, key, version, definition)
     select $1, f.key, $2, f.definition::json from unnest($3::text[], $4::text[]) as f (key, definition)
     on conflict (environment, key) do update set version = excluded.version, definition = excluded.definition, changed_at = now()`,
    [environment, version, kept.map(({ key }) => key), kept.map(({ to }) => json(to))],
  );
  await tx.rows(
    `insert into fairway.flag_changes (environment, version, key, action, before, after, by_whom, reason)
     select $1, $2, c.key, c.action, c.before::json, c.after::json, $7, $8
     from unnest($3::text[], $4::text[], $5::text[], $6::text[]) as c (key, action, before, after)`,
    [
      environment,
      version,
      diffs.map(({ key }) => key),
      diffs.map(({ from }) => actionOf(action, from)),
      diffs.map(({ from }) => from && json(from)),
      diffs.map(({ to }) => to && json(to)),
      text(by),
      reason && text(reason),
    ],
  );
  const shared = JSON.stringify(had.$evaluators) !== JSON.stringify(set.$evaluators);
  tx.emit({
    kind: "flags.changed",
    subject: environment,
    body: {
      version,
      action,
      flags: diffs.map(({ key }) => key).slice(0, 50),
      by: text(by),
      ...(shared ? { shared } : {}),
    },
  });
  const detail = { by, reason, version, action, flags: diffs.map(({ key }) => key).slice(0, 50) };
  recordChange(tx, "flags.changed", { subject: environment, environment, detail });
  tx.signal({ kind: "flags" });
  return version;
}

/** What is changed without having been there is made. */
const actionOf = (action: FlagAction, from: FlagDefinition | null): FlagAction =>
  action === "change" && from === null ? "create" : action;

interface ChangeRow {
  environment: string;
  version: number;
  key: string;
  action: FlagAction;
  before: FlagDefinition | null;
  after: FlagDefinition | null;
  by_whom: string;
  reason: string | null;
  at: Date;
}

/** What was done to an environment's flags, or to one of them, the newest first. */
export async function flagChanges(
  sql: Sql,
  environment: string,
  { key = null, limit }: { readonly key?: string | null; readonly limit: number },
): Promise<readonly FlagChange[]> {
  const rows = await sql.rows<ChangeRow>(
    `select environment, version, key, action, before, after, by_whom, reason, at from fairway.flag_changes
     where environment = $1 and ($2::text is null or key = $2) order by version desc, key limit $3`,
    [environment, key, limit],
  );
  return rows.map(changeOf);
}

const changeOf = ({ by_whom: by, at, ...row }: ChangeRow): FlagChange => ({ ...row, by, at: at.toISOString() });

/** All that was ever done to some flags of an environment, or to all of them, the oldest first. */
export async function changesOfFlags(
  sql: Sql,
  environment: string,
  keys: readonly string[] | null,
): Promise<readonly FlagChange[]> {
  const rows = await sql.rows<ChangeRow>(
    `select environment, version, key, action, before, after, by_whom, reason, at from fairway.flag_changes
     where environment = $1 and ($2::text[] is null or key = any($2::text[])) order by version, key`,
    [environment, keys],
  );
  return rows.map(changeOf);
}

/** Whether somebody ever changed a flag of an environment. */
export async function hasEditedFlags(sql: Sql, environment: string, by: string): Promise<boolean> {
  const [found] = await sql.rows("select 1 from fairway.flag_changes where environment = $1 and by_whom = $2 limit 1", [
    environment,
    by,
  ]);
  return found !== undefined;
}

/** How every flag that an environment has stood, the oldest first. */
export async function flagPasts(sql: Sql, environment: string): Promise<ReadonlyMap<string, readonly FlagPast[]>> {
  const rows = await sql.rows<{ key: string; at: Date; definition: FlagDefinition | null }>(
    `select c.key, at, after as definition from fairway.flag_changes c
     join fairway.flags f on f.environment = c.environment and f.key = c.key
     where c.environment = $1 order by c.version`,
    [environment],
  );
  const found = new Map<string, FlagPast[]>();
  for (const { key, at, definition } of rows) {
    const past = found.get(key) ?? [];
    past.push({ at: at.toISOString(), definition });
    found.set(key, past);
  }
  return found;
}

/** Which keys of an environment are good, and whose pages may ask. */
export interface FlagAccess {
  readonly environment: string;
  readonly serverKeys: number;
  readonly clientKeys: number;
  readonly origins: readonly string[];
}

interface AccessRow {
  environment: string;
  server_keys: number;
  client_keys: number;
  origins: readonly string[];
}

/** The access to every environment's flags. */
export async function flagAccess(sql: Sql): Promise<readonly FlagAccess[]> {
  const rows = await sql.rows<AccessRow>(
    "select environment, server_keys, client_keys, origins from fairway.flag_sets",
  );
  return rows.map(({ environment, server_keys, client_keys, origins }) => ({
    environment,
    serverKeys: server_keys,
    clientKeys: client_keys,
    origins,
  }));
}

/** Changes the access to an environment's flags, and tells those who serve them. */
export async function changeFlagAccess(
  tx: Transaction,
  environment: string,
  { replace, origins }: { readonly replace: "server" | "client" | null; readonly origins: readonly string[] | null },
): Promise<void> {
  await tx.rows("insert into fairway.flag_sets (environment) values ($1) on conflict do nothing", [environment]);
  await tx.rows(
    `update fairway.flag_sets set server_keys = server_keys + $2, client_keys = client_keys + $3,
       origins = coalesce($4, origins) where environment = $1`,
    [environment, replace === "server" ? 1 : 0, replace === "client" ? 1 : 0, origins === null ? null : json(origins)],
  );
  recordChange(tx, "flags.keys_changed", { subject: environment, environment, detail: { replaced: replace, origins } });
  tx.signal({ kind: "flags" });
}

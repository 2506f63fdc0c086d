import { setTimeout as wait } from "node:timers/promises";
import type {
  FencingToken,
  MigrationSet,
  Millis,
  PlannedMigration,
  ReleaseMigration,
  ServiceMigrations,
} from "@fairway/core";
import { FairwayError, codeOf, compareMigrations, messageOf } from "@fairway/core";
import type { Applier, ApplyEnd } from "@fairway/migrations";
import {
  applyMigration,
  databaseRecord,
  loadSqlParser,
  newestFence,
  undoMigration,
  whileCancelled,
  withMigrationLock,
  withSession,
} from "@fairway/migrations";

/** One migration that is to be run, or taken back, and where. */
export interface ToApply {
  readonly planned: PlannedMigration;
  readonly set: MigrationSet;
  readonly url: string;
  readonly limits: Pick<ServiceMigrations, "lockTimeout" | "statementTimeout">;
  /** Whose name the database keeps. */
  readonly by: string;
  /** A token that shuts out whoever acted before. Drawn anew each time. */
  readonly token: () => Promise<FencingToken>;
  /** Has later tokens begin above an epoch that a database has seen and this installation has forgotten. */
  readonly raiseFence: (least: number) => Promise<void>;
  readonly tell: (message: string) => void;
  readonly signal: AbortSignal;
}

/** How it went. What is `unknown` a person must look at. */
export type Applied =
  | { readonly came: "applied" | "was there" }
  | { readonly came: "refused" | "half" | "unknown"; readonly reason: string; readonly hint: string | null };

/** How long another may migrate the same database before this one gives up. */
const turnWithin: Millis = 10 * 60_000;
/** A connection that breaks is opened again so often; each time the database says first what became of it. */
const mostConnections = 5;

/**
 * Runs one migration, once: what the database says it has is not run again, and what it says it has half of is not run over.
 * May be repeated after any crash.
 */
export async function applyPlanned(to: ToApply): Promise<Applied> {
  await loadSqlParser();
  for (let tries = 1; ; tries++) {
    to.signal.throwIfAborted();
    try {
      return await once(to);
    } catch (thrown) {
      const code = codeOf(thrown);
      // The connection broke, perhaps at the commit: the database itself knows, once it answers again.
      if (code !== "database_unavailable" && code !== "needs_attention") throw thrown;
      if (tries === mostConnections)
        return { came: "unknown", reason: messageOf(thrown), hint: (thrown as FairwayError).hint ?? null };
      to.tell(`trying again: ${messageOf(thrown)}`);
      await wait(500 * 2 ** tries, undefined, { signal: to.signal });
    }
  }
}

async function once(to: ToApply): Promise<Applied> {
  const { url, limits, set, planned } = to;
  const given = { lock: limits.lockTimeout, statement: limits.statementTimeout };
  return withSession(url, given, (client) =>
    withMigrationLock(client, turnWithin, async () => {
      to.signal.throwIfAborted();
      const migration = set.migrations.find(({ id }) => id === planned.id);
      if (migration === undefined) throw new FairwayError("internal", `the release has no migration ${planned.id}`);
      const recorded = await databaseRecord(client, set, planned.service);
      const { applied, problems } = compareMigrations(set.migrations, recorded);
      const [problem] = problems;
      if (problem !== undefined && planned.direction === "forward")
        return { came: "half", reason: problem.message, hint: problem.hint };
      const isThere = applied.includes(planned.id);
      if (isThere === (planned.direction === "forward")) return { came: "was there" };
      // What no transaction holds together is let go on: ended in the middle, nobody would know how far it came.
      const signal = migration.transaction || migration.batches ? to.signal : new AbortController().signal;
      const run = (applier: Applier): Promise<ApplyEnd> =>
        whileCancelled(url, client, signal, () =>
          planned.direction === "forward"
            ? applyMigration(client, migration, applier, to.tell)
            : undoMigration(client, { id: migration.id, sql: wayBackOf(migration) }, applier, to.tell),
        );
      const applier = async (): Promise<Applier> => ({
        by: to.by,
        fence: (await to.token()).epoch,
        service: planned.service,
      });
      try {
        return cameOf(planned, set, await run(await applier()));
      } catch (thrown) {
        if (codeOf(thrown) !== "fenced") throw thrown;
        // A token that can be drawn is ours: then the database has seen what was drawn before Fairway's own was put back.
        await to.token();
        await to.raiseFence(await newestFence(client));
        return cameOf(planned, set, await run(await applier()));
      }
    }),
  );
}

function wayBackOf({ id, back }: ReleaseMigration): string {
  if (back === null) throw new FairwayError("internal", `${id} has no way back`);
  return back.sql;
}

function cameOf({ file, id }: PlannedMigration, { tool }: MigrationSet, end: ApplyEnd): Applied {
  if (end.outcome === "applied") return { came: "applied" };
  const { left, place, message, hint } = end;
  // What a program prints is no file that anybody could open.
  const at = place === null || tool === "alembic" ? file : `${file}:${place.line}:${place.column}`;
  switch (left) {
    case "nothing":
      return { came: "refused", reason: `${at}: ${message}`, hint };
    case "batches":
      return { came: "refused", reason: `${at}: ${message}`, hint };
    case "half":
      return {
        came: "half",
        reason: `${at}: ${message}`,
        hint: `look at the database, put it right, then say what is so: fairway migrations resolve ${id}`,
      };
  }
}

import type { Millis } from "@fairway/core";
import { codeOf, FairwayError, messageOf } from "@fairway/core";
import { Client } from "pg";

/** How long a statement may wait, and work. */
export interface SessionLimits {
  /** For a lock; PostgreSQL lets everybody else wait behind who waits. */
  readonly lock: Millis;
  /** For everything that a statement does. 0 sets no end. */
  readonly statement: Millis;
}

/** What users expect of a migration that runs beside them. */
export const usualLimits: SessionLimits = { lock: 5_000, statement: 0 };

/**
 * Does something with one connection to a user's database. Throws `database_unavailable` when there is none to be had,
 * without the password that it was tried with.
 */
export async function withSession<Result>(
  url: string,
  limits: SessionLimits,
  work: (client: Client) => Promise<Result>,
): Promise<Result> {
  const client = new Client({
    connectionString: url,
    application_name: "fairway-migrations",
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
  });
  // A connection that breaks while nobody asks anything would end the process; the next query says so.
  client.on("error", () => undefined);
  try {
    await client.connect();
  } catch (thrown) {
    throw new FairwayError(
      "database_unavailable",
      `could not reach the database of ${placeOf(url)}: ${messageOf(thrown)}`,
      {
        hint: "look whether it runs and whether the connection string is right",
        retryable: true,
        cause: thrown,
      },
    );
  }
  try {
    await client.query(`select set_config('lock_timeout', $1, false), set_config('statement_timeout', $2, false)`, [
      String(limits.lock),
      String(limits.statement),
    ]);
    return await work(client);
  } catch (thrown) {
    if (codeOf(thrown) !== undefined || sqlState(thrown) !== null) throw thrown;
    throw new FairwayError("database_unavailable", `the connection to ${placeOf(url)} broke: ${messageOf(thrown)}`, {
      retryable: true,
      cause: thrown,
    });
  } finally {
    await client.end().catch((thrown: unknown) => {
      // It is of no use any more, and what was to be said about it has been said by the query that failed.
      if (!(thrown instanceof Error)) throw thrown;
    });
  }
}

/** The connection string of another database of the same server. */
export function onDatabase(url: string, name: string): string {
  const moved = new URL(url);
  moved.pathname = `/${name}`;
  return moved.href;
}

/** Host and database, for people; never who logs in, and with what. */
export function placeOf(url: string): string {
  try {
    const { host, pathname, searchParams } = new URL(url);
    return `${host || searchParams.get("host") || "localhost"}${pathname}`;
  } catch {
    return "the connection string";
  }
}

/** The server is going away, or this connection is. */
const away = /^(?:08|57P0)/u;

/**
 * PostgreSQL's own code of an error: `55P03`. Null for what did not come from it, and for its last words to a connection
 * that it ends: whether the statement took effect is not known then.
 */
export function sqlState(thrown: unknown): string | null {
  if (typeof thrown !== "object" || thrown === null || !("code" in thrown)) return null;
  const code = String(thrown.code);
  return /^(?=.*\d)[0-9A-Z]{5}$/u.test(code) && !away.test(code) ? code : null;
}

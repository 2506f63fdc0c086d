import { randomBytes } from "node:crypto";
import { FairwayError } from "@fairway/core";
import type { Client } from "pg";
import { onDatabase, sqlState, withSession } from "./session.ts";

/** A check on an empty database is quick; one that is not is told rather than waited for. */
const limits = { lock: 5_000, statement: 60_000 };

/**
 * Does something with a database that is made for it on a server and dropped again. May be repeated; what a killed one left
 * is dropped by the next. Throws `not_allowed_now` when the role may make none.
 */
export async function withShadowDatabase<Result>(
  url: string,
  work: (shadow: Client) => Promise<Result>,
): Promise<Result> {
  return withSession(url, limits, async (server) => {
    await dropLeftovers(server);
    const name = `fairway_shadow_${process.pid}_${randomBytes(4).toString("hex")}`;
    await create(server, name);
    try {
      return await withSession(onDatabase(url, name), limits, work);
    } finally {
      await server.query(`drop database if exists ${name} with (force)`);
    }
  });
}

async function create(server: Client, name: string): Promise<void> {
  try {
    await server.query(`create database ${name} template template0`);
  } catch (thrown) {
    throw sqlState(thrown) === "42501"
      ? new FairwayError("not_allowed_now", "the role of this connection string may make no database", {
          hint: "give the role CREATEDB, or name a server for shadow databases",
          cause: thrown,
        })
      : (outOfRoom(thrown) ?? thrown);
  }
}

/** Of checks whose process is gone: their databases have nobody connected. */
async function dropLeftovers(server: Client): Promise<void> {
  const { rows } = await server.query<{ name: string }>(
    `select datname as name from pg_database d
      where datname ~ '^fairway_shadow_[0-9]+_[0-9a-f]+$'
        and not exists (select from pg_stat_activity a where a.datname = d.datname)
        and pg_has_role(datdba, 'usage')`,
  );
  for (const { name } of rows.filter((row) => !isAlive(Number(row.name.split("_")[2]))))
    await server.query(`drop database if exists ${name}`).catch((thrown: unknown) => {
      // Another check is quicker, or it is in use after all by one whose processes are not to be seen from here.
      if (!["55006", "3D000"].includes(sqlState(thrown) ?? "")) throw thrown;
    });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** A shadow server without room says nothing about a migration; null when it is something else. */
export const outOfRoom = (thrown: unknown): FairwayError | null =>
  sqlState(thrown) === "53100"
    ? new FairwayError("disk_full", `the server of the shadow database has no room: ${(thrown as Error).message}`, {
        hint: "make room on its disk, then check again",
        retryable: true,
        cause: thrown,
      })
    : null;

import { createHash } from "node:crypto";
import type { Millis } from "@fairway/core";
import { codeOf, FairwayError, messageOf } from "@fairway/core";
import { sqlState, withAdvisoryLock, withSession } from "@fairway/migrations";
import { databaseError } from "../database/database-error.ts";
import type { PreviewServer } from "./preview-databases.ts";

/** A session on a user's server, as much of it as is needed here. */
export type ServerSession = Parameters<Parameters<typeof withSession>[2]>[0];

/** Long enough for a copy of a large template, which is one statement; nobody waits for locks of ours that long. */
const limits = { lock: 30_000, statement: 0 };

/** Another worker makes or removes the same database for so long at most: its template may have to be made first. */
const longestTurn: Millis = 10 * 60_000;

/** Does something with a session on a server, and says in Fairway's words what it refused. */
export async function onServer<Result>(
  url: string,
  tried: string,
  work: (session: ServerSession) => Promise<Result>,
): Promise<Result> {
  try {
    return await withSession(url, limits, work);
  } catch (thrown) {
    if (codeOf(thrown) !== undefined) throw thrown;
    // 42501 is insufficient_privilege.
    if (sqlState(thrown) !== "42501") throw databaseError(tried, thrown);
    throw new FairwayError("not_allowed_now", `could not ${tried}: ${(thrown as Error).message}`, {
      hint: "give the role CREATEDB, or let previews have schemas in one database",
      cause: thrown,
    });
  }
}

/** Does something while nobody else does it under this name, in this process or another. */
export const inTurn = <Result>(session: ServerSession, name: string, work: () => Promise<Result>): Promise<Result> =>
  withAdvisoryLock(session, { key: keyOf(name), doing: `working on ${name}` }, longestTurn, work);

/** The same where nobody else does it now; else false, and nothing is done. */
export async function unlessBusy(session: ServerSession, name: string, work: () => Promise<boolean>): Promise<boolean> {
  try {
    return await withAdvisoryLock(session, { key: keyOf(name), doing: `working on ${name}` }, 0, work);
  } catch (thrown) {
    if (codeOf(thrown) !== "locked") throw thrown;
    return false;
  }
}

/** Has the caller do its part of a preview. What it throws is the caller's, and no fault of the server. */
export async function byCaller(tried: string, work: (url: string) => Promise<void>, url: string): Promise<void> {
  try {
    await work(url);
  } catch (thrown) {
    if (codeOf(thrown) !== undefined) throw thrown;
    throw new FairwayError("command_failed", `could not ${tried}: ${messageOf(thrown)}`, { cause: thrown });
  }
}

/** For what is undone after a failure: without a connection the next try, or the sweeper, does it. */
export function unlessGone(thrown: unknown): void {
  if (sqlState(thrown) !== null) throw thrown;
}

const keyOf = (name: string): bigint => createHash("sha256").update(name).digest().readBigInt64BE();

/** The connection string of another database of the same server, as a role of its own where previews have those. */
export function urlOf(
  { url, ownRoles }: PreviewServer,
  name: string,
  more: Readonly<Record<string, string>> = {},
): string {
  const moved = new URL(url);
  moved.pathname = `/${name}`;
  if (ownRoles) moved.username = name;
  for (const [key, value] of Object.entries(more)) moved.searchParams.set(key, value);
  return moved.href;
}

/** A role that may log in and nothing else. May be repeated. */
export async function ensureRole(session: ServerSession, name: string): Promise<void> {
  const { rowCount } = await session.query("select from pg_roles where rolname = $1", [name]);
  if (rowCount === 0) await session.query(`create role ${name} login nosuperuser nocreatedb nocreaterole`);
}

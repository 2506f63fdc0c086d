import type { RunId } from "@fairway/core";
import type { Sql, Transaction } from "./store.ts";

/** What one person is asked by one gate: however many links lead there, one of them opens, once. */
export interface LinkPlace {
  readonly run: RunId;
  readonly job: string;
  readonly attempt: number;
  readonly person: string;
}

/** Whether a link to this place was used. */
export async function isLinkUsed(sql: Sql, { run, job, attempt, person }: LinkPlace): Promise<boolean> {
  const found = await sql.rows(
    "select from fairway.approval_link_uses where run = $1 and job = $2 and attempt = $3 and person = $4",
    [run, job, attempt, person],
  );
  return found.length > 0;
}

/** Uses a link up; false where that was done before. */
export async function noteLinkUse(tx: Transaction, { run, job, attempt, person }: LinkPlace): Promise<boolean> {
  const noted = await tx.rows(
    `insert into fairway.approval_link_uses (run, job, attempt, person) values ($1, $2, $3, $4)
     on conflict do nothing returning run`,
    [run, job, attempt, person],
  );
  return noted.length > 0;
}

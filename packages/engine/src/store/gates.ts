import type { Approval, Digest, RunId } from "@fairway/core";
import type { Sql, Transaction } from "./store.ts";
import { text } from "./store.ts";

/** What people are asked, and what they answered. */
export interface Gate {
  readonly job: string;
  readonly attempt: number;
  readonly needed: number;
  /** Of what would happen; an answer to anything else does not count. */
  readonly digest: Digest;
  readonly answers: readonly Approval[];
}

/** Opens a gate for answers. May be repeated. */
export async function openGate(tx: Transaction, run: RunId, gate: Omit<Gate, "answers">): Promise<void> {
  await tx.rows(
    "insert into fairway.gates (run, job, attempt, needed, digest) values ($1, $2, $3, $4, $5) on conflict do nothing",
    [run, gate.job, gate.attempt, gate.needed, gate.digest],
  );
}

/** The gates of a run, with their answers in the order in which they were given. */
export async function gatesOf(sql: Sql, run: RunId): Promise<readonly Gate[]> {
  const gates = await sql.rows<Omit<Gate, "answers">>(
    "select job, attempt, needed, digest from fairway.gates where run = $1 order by opened_at, job, attempt",
    [run],
  );
  if (gates.length === 0) return [];
  const answers = await sql.rows<
    Omit<Approval, "at" | "by"> & { job: string; attempt: number; by_whom: string; at: Date }
  >("select job, attempt, by_whom, answer, digest, note, at from fairway.approvals where run = $1 order by number", [
    run,
  ]);
  return gates.map((gate) => ({
    ...gate,
    answers: answers
      .filter(({ job, attempt }) => job === gate.job && attempt === gate.attempt)
      .map(({ by_whom, answer, digest, note, at }) => ({ by: by_whom, answer, digest, note, at: at.toISOString() })),
  }));
}

/** Writes an answer down. */
export async function recordApproval(
  tx: Transaction,
  run: RunId,
  gate: Pick<Gate, "job" | "attempt">,
  { by, answer, digest, note }: Omit<Approval, "at">,
): Promise<void> {
  await tx.rows(
    "insert into fairway.approvals (run, job, attempt, by_whom, answer, digest, note) values ($1, $2, $3, $4, $5, $6, $7)",
    [run, gate.job, gate.attempt, text(by), answer, digest, note && text(note)],
  );
  tx.emit({ kind: "approval.given", subject: run, body: { job: gate.job, by, answer, note } });
}

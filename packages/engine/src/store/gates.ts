import type { Approval, Approver, Digest, RunId } from "@fairway/core";
import type { Sql, Transaction } from "./store.ts";
import { json, text } from "./store.ts";

/** What people are asked, and what they answered. */
export interface Gate {
  readonly job: string;
  readonly attempt: number;
  readonly needed: number;
  /** Of what would happen; an answer to anything else does not count. */
  readonly digest: Digest;
  readonly answers: readonly Approval[];
  /** What of infrastructure is asked about: the plan, and what must be named; null where it is something else. */
  readonly infrastructure: { readonly plan: number | null; readonly names: readonly string[] } | null;
}

/** Opens a gate for answers. May be repeated. */
export async function openGate(
  tx: Transaction,
  run: RunId,
  gate: Omit<Gate, "answers" | "infrastructure">,
): Promise<void> {
  await tx.rows(
    "insert into fairway.gates (run, job, attempt, needed, digest) values ($1, $2, $3, $4, $5) on conflict do nothing",
    [run, gate.job, gate.attempt, gate.needed, gate.digest],
  );
}

/** The gates of a run, with their answers in the order in which they were given. */
export async function gatesOf(sql: Sql, run: RunId): Promise<readonly Gate[]> {
  const gates = await sql.rows<Omit<Gate, "answers">>(
    `select g.job, g.attempt, g.needed, g.digest,
       case when j.input->'names' is not null then json_build_object('plan', j.input->'infrastructure', 'names', j.input->'names') end
         as infrastructure
     from fairway.gates g join fairway.jobs j on j.run = g.run and j.name = g.job
     where g.run = $1 order by g.opened_at, g.job, g.attempt`,
    [run],
  );
  if (gates.length === 0) return [];
  const answers = await sql.rows<
    Omit<Approval, "at" | "by" | "approver"> & {
      job: string;
      attempt: number;
      by_whom: string;
      at: Date;
      approver: Approver | null;
    }
  >(
    "select job, attempt, by_whom, answer, digest, note, at, approver from fairway.approvals where run = $1 order by number",
    [run],
  );
  return gates.map((gate) => ({
    ...gate,
    answers: answers
      .filter(({ job, attempt }) => job === gate.job && attempt === gate.attempt)
      .map(({ by_whom, answer, digest, note, at, approver }) => ({
        by: by_whom,
        answer,
        digest,
        note,
        at: at.toISOString(),
        approver: approver ?? undefined,
      })),
  }));
}

/** Writes an answer down. */
export async function recordApproval(
  tx: Transaction,
  run: RunId,
  gate: Pick<Gate, "job" | "attempt">,
  { by, answer, digest, note, approver }: Omit<Approval, "at">,
): Promise<void> {
  await tx.rows(
    "insert into fairway.approvals (run, job, attempt, by_whom, answer, digest, note, approver) values ($1, $2, $3, $4, $5, $6, $7, $8)",
    [run, gate.job, gate.attempt, text(by), answer, digest, note && text(note), approver ? json(approver) : null],
  );
  tx.emit({ kind: "approval.given", subject: run, body: { job: gate.job, by, answer, note } });
}

import type { Digest, Percent, RunId, Timestamp } from "@fairway/core";
import type { Sql, Store, Transaction } from "./store.ts";
import { text } from "./store.ts";

/** The attempt of a job that asks, at one share of traffic. */
export interface QuestionPlace {
  readonly run: RunId;
  readonly job: string;
  readonly attempt: number;
  readonly weight: Percent;
}

/** What a person is asked before a rollout goes on. */
export interface StepQuestion extends QuestionPlace {
  /** Of the deployment and the step: an answer to anything else does not count. */
  readonly digest: Digest;
  readonly question: string;
}

/** What a person said to it. */
export interface StepAnswer {
  readonly weight: Percent;
  readonly answer: "yes" | "no";
  readonly by: string;
  readonly note: string | null;
  readonly at: Timestamp;
}

const ofPlace = "run = $1 and job = $2 and attempt = $3 and weight = $4";
const valuesOf = ({ run, job, attempt, weight }: QuestionPlace): readonly unknown[] => [run, job, attempt, weight];

/**
 * Asks. The time of the job stands still until it is answered, so its deadline is kept here meanwhile. May be repeated;
 * asked again with other words, the words change.
 */
export async function askStep(store: Store, asked: StepQuestion): Promise<void> {
  await store.transaction(async (tx) => {
    const [put] = await tx.rows<{ readonly fresh: boolean }>(
      `insert into fairway.step_questions as q (run, job, attempt, weight, digest, question, remaining_ms)
       select j.run, j.name, $3, $4, $5, $6, extract(epoch from j.deadline_at - now()) * 1000
       from fairway.jobs j where j.run = $1 and j.name = $2
       on conflict (run, job, attempt, weight) do update set question = excluded.question
         where q.answer is null and q.question <> excluded.question
       returning (xmax = 0) as fresh`,
      [...valuesOf(asked), asked.digest, text(asked.question)],
    );
    // Also when it was asked before: whoever takes an attempt over that has no deadline gives it a new one.
    await tx.rows(
      `update fairway.jobs j set deadline_at = null from fairway.step_questions q
       where q.run = $1 and q.job = $2 and q.attempt = $3 and q.weight = $4 and q.answer is null
         and j.run = q.run and j.name = q.job and j.attempt = q.attempt and j.deadline_at is not null`,
      valuesOf(asked),
    );
    // The figures in the question change with every look, which is no news.
    if (put?.fresh !== true) return;
    const { job, weight, question } = asked;
    tx.emit({ kind: "approval.asked", subject: asked.run, body: { job, weight, question } });
  });
}

/** Asks no longer, because the rollout goes on without an answer. May be repeated. */
export async function withdrawQuestion(store: Store, place: QuestionPlace): Promise<void> {
  await store.transaction(async (tx) => {
    await goOnCounting(tx, place);
    await tx.rows(`delete from fairway.step_questions where ${ofPlace} and answer is null`, valuesOf(place));
  });
}

/** The job's time goes on from where it stood still. */
async function goOnCounting(tx: Transaction, place: QuestionPlace): Promise<void> {
  await tx.rows(
    `update fairway.jobs j set deadline_at = now() + q.remaining_ms * interval '1 millisecond'
     from fairway.step_questions q
     where q.run = $1 and q.job = $2 and q.attempt = $3 and q.weight = $4 and q.answer is null
       and j.run = q.run and j.name = q.job and j.attempt = q.attempt`,
    valuesOf(place),
  );
}

/** What the running jobs of a run ask now, the oldest question first. */
export const openQuestions = (sql: Sql, run: RunId): Promise<readonly StepQuestion[]> =>
  sql.rows<StepQuestion>(
    `select q.run, q.job, q.attempt, q.weight, q.digest, q.question from fairway.step_questions q
     join fairway.jobs j on j.run = q.run and j.name = q.job and j.attempt = q.attempt
     where q.run = $1 and q.answer is null and j.state = 'running' and j.stop is null order by q.asked_at, q.job`,
    [run],
  );

/** Writes an answer down. */
export async function recordAnswer(
  tx: Transaction,
  question: StepQuestion,
  { by, answer, note }: Pick<StepAnswer, "by" | "answer" | "note">,
): Promise<void> {
  await goOnCounting(tx, question);
  await tx.rows(
    `update fairway.step_questions set answer = $5, by_whom = $6, note = $7, answered_at = now()
     where ${ofPlace} and answer is null`,
    [...valuesOf(question), answer, text(by), note && text(note)],
  );
  const { job, weight } = question;
  tx.emit({ kind: "approval.given", subject: question.run, body: { job, weight, by, answer, note } });
}

/** What people have answered to one attempt. */
export async function stepAnswers(
  sql: Sql,
  { run, job, attempt }: Omit<QuestionPlace, "weight">,
): Promise<readonly StepAnswer[]> {
  const found = await sql.rows<
    Omit<StepAnswer, "by" | "at"> & { readonly by_whom: string; readonly answered_at: Date }
  >(
    `select weight, answer, by_whom, note, answered_at from fairway.step_questions
     where run = $1 and job = $2 and attempt = $3 and answer is not null order by answered_at`,
    [run, job, attempt],
  );
  return found.map(({ by_whom, answered_at, ...rest }) => ({ ...rest, by: by_whom, at: answered_at.toISOString() }));
}

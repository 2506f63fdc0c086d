import type { AnalysisVerdict, Millis, Percent, RunId, Timestamp } from "@fairway/core";
import type { Sql, Store } from "./store.ts";
import { json, text } from "./store.ts";

/** What one release did between two looks. */
export interface LookFigures {
  readonly release: string;
  readonly requests: number;
  readonly errors: number;
  readonly p50: Millis | null;
  readonly p90: Millis | null;
  readonly p95: Millis | null;
  readonly p99: Millis | null;
}

/** What one look at a rollout found. */
export interface AnalysisLook {
  readonly service: string;
  readonly weight: Percent;
  readonly verdict: AnalysisVerdict["verdict"];
  readonly reason: string;
  readonly figures: {
    readonly candidate: LookFigures;
    readonly stable: LookFigures;
    readonly rules: AnalysisVerdict["rules"];
  };
}

/** So many looks are kept of a rollout, the newest; a rollout that waits for a person may look for days. */
const kept = 500;

/** Writes a look down, and tells when the verdict is another than before. */
export async function recordLook(
  store: Store,
  run: RunId,
  job: string,
  { service, weight, verdict, reason, figures }: AnalysisLook,
  isNews: boolean,
): Promise<void> {
  await store.transaction(async (tx) => {
    const [made] = await tx.rows<{ readonly seq: string }>(
      `insert into fairway.analysis_looks (run, job, service, weight, verdict, reason, figures)
       values ($1, $2, $3, $4, $5, $6, $7) returning seq`,
      [run, job, service, weight, verdict, text(reason), json(figures)],
    );
    if (Number(made?.seq) % 100 === 0)
      await tx.rows(
        `delete from fairway.analysis_looks where run = $1 and job = $2 and seq <
           (select min(seq) from (select seq from fairway.analysis_looks where run = $1 and job = $2 order by seq desc limit $3) as newest)`,
        [run, job, kept],
      );
    if (isNews) tx.emit({ kind: "analysis.changed", subject: run, body: { job, service, weight, verdict, reason } });
  });
}

/** The looks of a run, oldest first. */
export async function looksOf(sql: Sql, run: RunId): Promise<readonly (AnalysisLook & { readonly at: Timestamp })[]> {
  const found = await sql.rows<AnalysisLook & { readonly at: Date }>(
    "select service, at, weight, verdict, reason, figures from fairway.analysis_looks where run = $1 order by seq",
    [run],
  );
  return found.map((look) => ({ ...look, at: look.at.toISOString() }));
}

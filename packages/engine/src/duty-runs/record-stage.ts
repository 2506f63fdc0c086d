import type { EvidenceArtifact, EvidenceFacts } from "@fairway/core";
import type { DutyControl } from "../duties/duty-control.ts";
import type { Attempt, Json, Outcome, Stage } from "../runs/stage.ts";
import type { Sql } from "../store/store.ts";
import type { DutyRecordInput } from "./duty-run-plan.ts";
import { dutyStages } from "./duty-run-plan.ts";

/** Puts on record what became of a duty's run, once for each time that it was tried. */
export const recordStage = ({
  store,
  duties,
}: {
  readonly store: Sql;
  readonly duties: Pick<DutyControl, "attest" | "evidence">;
}): Stage => ({
  name: dutyStages.record,
  async run(attempt: Attempt): Promise<Outcome> {
    const {
      duty,
      release,
      slot,
      automation,
      otherwise,
      unknown = "partial",
      of = {},
    } = attempt.input as unknown as DutyRecordInput;
    const outcome = await attempt.step("evidence", async () => {
      const known = await duties.evidence({ duty, release, limit: 50 });
      const ours = known.find(({ facts }) => facts["attempt"] === attempt.id);
      if (ours !== undefined) return ours.outcome;
      const jobs = await jobsOf(store, attempt);
      const bad = jobs.filter(({ state }) => state !== "succeeded");
      // Where nothing ran, nothing was shown.
      const became =
        jobs.length === 0
          ? otherwise
          : bad.length === 0
            ? "passed"
            : bad.some(({ state }) => state === "failed")
              ? otherwise
              : unknown;
      const note = bad
        .filter(({ state }) => state !== "pending")
        .map(
          ({ name, state, reason }) => `${name} ${state}${reason === null ? "" : `: ${reason.split("\n")[0] ?? ""}`}`,
        )
        .join("; ");
      const facts: Record<string, string | number | boolean | null> = { run: attempt.run, attempt: attempt.id };
      for (const { result } of jobs) Object.assign(facts, factsOf(result));
      const about = { duty, release, slot, automation, ...of };
      const artifacts = jobs.flatMap(({ name, result }) => logOf(name, result));
      await duties.attest({ ...about, outcome: became, note: note.slice(0, 2000), facts, artifacts });
      return became;
    });
    return { outcome: "succeeded", result: { outcome }, summary: `${duty}: ${outcome}` };
  },
});

interface JobRow {
  readonly name: string;
  readonly state: string;
  readonly reason: string | null;
  readonly result: Json;
}

const jobsOf = (store: Sql, { run, job }: Attempt): Promise<readonly JobRow[]> =>
  store.rows<JobRow>(
    "select name, state, reason, result from fairway.jobs where run = $1 and name <> $2 and stage <> 'approval' order by name",
    [run, job],
  );

/** What was kept of what a step wrote. */
function logOf(name: string, result: Json): readonly EvidenceArtifact[] {
  const { log } = (result ?? {}) as { readonly log?: Pick<EvidenceArtifact, "sha256" | "bytes"> };
  return log === undefined ? [] : [{ name: `log of ${name}`, sha256: log.sha256, bytes: log.bytes }];
}

/** What a step gives as its result, as far as it is numbers and short words. */
function factsOf(result: Json): EvidenceFacts {
  if (typeof result !== "object" || result === null || Array.isArray(result)) return {};
  return Object.fromEntries(
    Object.entries(result).filter(
      (entry): entry is [string, string | number | boolean | null] => typeof entry[1] !== "object" || entry[1] === null,
    ),
  );
}

import type { Forge, ForgeReport, State } from "@fairway/core";
import { planMarkdown, planTitle } from "@fairway/infrastructure";
import type { RunDetail } from "../runs/engine.ts";
import { planById } from "../store/infrastructure-plans.ts";
import type { Sql } from "../store/store.ts";
import type { PlannedStack, StackJobInput } from "./stack-jobs.ts";
import { planStageName } from "./stack-jobs.ts";

interface PlanJob {
  readonly state: State;
  readonly reason: string | null;
  readonly input: StackJobInput;
  readonly result: PlannedStack | null;
}

/**
 * What a forge is told of the plans of a run: a check of the commit for each stack, or a status where it takes no checks, and a
 * comment at the pull request that the commit is the head of. Each changes in place when the stack is planned again.
 */
export async function reportsOfPlans(
  sql: Sql,
  run: Pick<RunDetail, "id" | "jobs">,
  takes: Forge["takes"],
): Promise<readonly { readonly key: string; readonly report: ForgeReport }[]> {
  if (!run.jobs.some(({ stage }) => stage === planStageName)) return [];
  const jobs = await sql.rows<PlanJob>(
    "select state, reason, input, result from fairway.jobs where run = $1 and stage = $2 and ended_at is not null order by place",
    [run.id, planStageName],
  );
  const reports = await Promise.all(jobs.map((job) => reportsOfPlan(sql, job, takes)));
  return reports.flat();
}

async function reportsOfPlan(
  sql: Sql,
  { state, reason, input, result }: PlanJob,
  takes: Forge["takes"],
): Promise<readonly { readonly key: string; readonly report: ForgeReport }[]> {
  const { environment, commit, stack } = input;
  const topic = `infrastructure ${environment}/${stack.name}`;
  const number = result?.plan ?? null;
  const kept = number === null ? null : await planById(sql, number);
  const text =
    state === "succeeded"
      ? planMarkdown(environment, stack.name, kept)
      : `### Infrastructure: \`${stack.name}\` in ${environment}\n\nIt could not be planned:\n\n\`\`\`\n${(reason ?? state).replaceAll("```", "'''").slice(0, 10_000)}\n\`\`\`\n`;
  const title =
    state !== "succeeded" ? "it could not be planned" : kept === null ? "nothing to do" : planTitle(kept.plan);
  const name = `fairway/${topic}`;
  const about = { sha: commit, state: state === "succeeded" ? "success" : "failure", url: null } as const;
  const check: ForgeReport = takes.has("check-run")
    ? { kind: "check-run", ...about, name, title, summary: text, annotations: [] }
    : { kind: "status", ...about, context: name, description: title };
  const pull = await pullOf(sql, commit);
  return [
    { key: `check ${topic} ${commit}`, report: check },
    ...(pull === null
      ? []
      : [{ key: `comment ${pull} ${topic}`, report: { kind: "comment", number: pull, topic, text } as const }]),
  ];
}

/** The pull request whose head a commit was when something was last started for it. */
async function pullOf(sql: Sql, sha: string): Promise<number | null> {
  const [row] = await sql.rows<{ readonly ref: string }>(
    "select ref from fairway.trigger_firings where sha = $1 and ref like 'refs/pull/%/head' order by number desc limit 1",
    [sha],
  );
  const number = Number(/^refs\/pull\/(\d+)\/head$/u.exec(row?.ref ?? "")?.[1] ?? 0);
  return number === 0 ? null : number;
}

import type { Client, Run, RunSummary } from "@fairway/api";
import { FairwayError, can } from "@fairway/core";
import type { GlobalOptions } from "../context.ts";
import { daemonClient, whoAsks } from "../context.ts";
import { mostRuns } from "../most-runs.ts";
import { followRun } from "../follow-run.ts";
import { analysisLines } from "../output/analysis-lines.ts";
import { infrastructurePlanLines } from "../output/infrastructure-lines.ts";
import { planLines } from "../output/plan-lines.ts";
import { columns, harmless, print, wrap } from "../output/terminal.ts";
import { sure } from "./ask.ts";
import { startedOnly } from "./started-only.ts";

interface ApproveOptions extends GlobalOptions {
  readonly no?: boolean;
  readonly note?: string;
  readonly destroy?: readonly string[];
  readonly detach?: boolean;
}

/** `fairway approve`: shows what would happen, asks, and answers with the digest of just that. */
export async function approve([named]: readonly string[], options: ApproveOptions): Promise<number> {
  const client = await daemonClient(options);
  const id = named ?? (await onlyWaiting(client));
  const run = await client.call("run", { run: id });
  const possible = can.approve({ id, state: run.state, waitsForApproval: run.approval !== null });
  if (!possible.possible || !run.approval)
    throw new FairwayError("not_allowed_now", possible.possible ? `${id} waits for nothing` : possible.reason);
  const answer = options.no ? "no" : "yes";
  const show = (lines: readonly string[]): void => {
    if (!options.json) for (const line of lines) print(line);
  };
  const question = (await askedOfPart(client, run)) ?? (await askedOfDeployment(client, run, show));
  show(question.lines);
  return (await sure(question[answer], options)) ? answerWith(client, run, answer, options) : 3;
}

/** What a yes or a no would be to, and how each of them is asked for. */
interface Question {
  readonly lines: readonly string[];
  readonly yes: string;
  readonly no: string;
}

/** What a run asks about a part of it; null where it asks about a deployment as a whole. */
async function askedOfPart(client: Client, run: Run): Promise<Question | null> {
  if (run.approval?.step)
    return { lines: await stepLines(client, run), yes: "Go on?", no: "Bring the old release back?" };
  if (run.approval?.infrastructure)
    return {
      lines: await stackLines(client, run.approval.infrastructure),
      yes: "Apply exactly this?",
      no: "Refuse it?",
    };
  // Only a deployment has a plan that may be another by now; what else asks is bound to the commit that it was begun with.
  if (run.kind !== "deployment") return { lines: jobLines(run), yes: "Go on?", no: "Refuse it?" };
  return null;
}

/** Throws `stale_approval` where something else would happen now, with what that is shown first. */
async function askedOfDeployment(
  client: Client,
  run: Run,
  show: (lines: readonly string[]) => void,
): Promise<Question> {
  const { id, environment, release, approval } = run;
  const plan = await client.call("plan", { environment: environment ?? "", ...(release ? { release } : {}) });
  if (plan.digest === approval?.digest) return { lines: planLines(plan), yes: "Let it happen?", no: "Refuse it?" };
  show(planLines(plan));
  throw new FairwayError("stale_approval", `what ${id} asked about is not what would happen now`, {
    problems: await differences(client, run),
    hint: `start it again: fairway run cancel ${id}, then fairway deploy ${environment ?? ""} ${release ?? ""}`,
  });
}

/** In what it differs from what was asked about, or why that cannot be told. */
async function differences(client: Client, { id }: Run): Promise<readonly string[]> {
  const { now } = await client.call("approval", { run: id });
  if (now === null) return [];
  return now.problem === null ? now.differences : [now.problem];
}

async function answerWith(
  client: Client,
  { id, approval }: Run,
  answer: "yes" | "no",
  options: ApproveOptions,
): Promise<number> {
  const after = await client.call("approve", {
    run: id,
    by: whoAsks(),
    answer,
    digest: approval?.digest ?? "",
    note: options.note ?? null,
    names: [...(options.destroy ?? [])],
  });
  return options.detach ? startedOnly(after, options) : followRun(client, id, options);
}

/** What a rollout asks, with how the new release does. */
async function stepLines(client: Client, run: Run): Promise<readonly string[]> {
  const analysis = await client.call("analysis", { run: run.id });
  return [...analysisLines(analysis, columns()), ...wrap(harmless(run.approval?.step?.question ?? ""), columns())];
}

/** What waits in a run that is no deployment: a step of a playbook, a job of a workflow. */
const jobLines = ({ title, jobs, approval }: Run): readonly string[] => {
  const waiting = jobs.filter(({ state }) => state === "waiting").map(({ name }) => name.replace(/^approval:/, ""));
  return wrap(harmless(`${title} asks before ${waiting.join(", ")}: ${approval?.until ?? ""}`), columns());
};

/** The plan of a stack, and what must be named. */
async function stackLines(
  client: Client,
  { plan, names }: NonNullable<NonNullable<Run["approval"]>["infrastructure"]>,
): Promise<readonly string[]> {
  const shown =
    plan === null ? [] : infrastructurePlanLines(await client.call("infrastructurePlan", { plan }), columns());
  if (names.length === 0) return shown;
  const listed = names.slice(0, 10).map(harmless).join(", ");
  return [
    ...shown,
    ...wrap(
      `To approve it name what is taken away, with --destroy: ${listed}${names.length > 10 ? ", …" : ""}`,
      columns(),
    ),
  ];
}

async function onlyWaiting(client: Client): Promise<string> {
  const waiting: readonly RunSummary[] = (await client.call("runs", { active: "true", limit: mostRuns })).filter(
    ({ kind }) => kind === "deployment" || kind === "infrastructure" || kind === "duty" || kind === "workflow",
  );
  const details = await Promise.all(waiting.map(({ id }) => client.call("run", { run: id })));
  const asking = details.filter((run) => run.approval !== null);
  const [run] = asking;
  if (run && asking.length === 1) return run.id;
  if (asking.length === 0) throw new FairwayError("not_found", "nothing waits for an approval");
  throw new FairwayError("bad_request", "several runs wait for an approval", {
    hint: `name one: ${asking.map(({ id }) => id).join(", ")}`,
  });
}

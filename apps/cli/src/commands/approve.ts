import type { Client, RunSummary } from "@fairway/api";
import { FairwayError, can } from "@fairway/core";
import type { GlobalOptions } from "../context.ts";
import { daemonClient, whoAsks } from "../context.ts";
import { followRun } from "../follow-run.ts";
import { planLines } from "../output/plan-lines.ts";
import { print } from "../output/terminal.ts";
import { sure } from "./ask.ts";
import { startedOnly } from "./started-only.ts";

interface ApproveOptions extends GlobalOptions {
  readonly no?: boolean;
  readonly note?: string;
  readonly detach?: boolean;
}

/** `fairway approve`: shows what would happen, asks, and answers with the digest of just that. */
export async function approve([named]: readonly string[], options: ApproveOptions): Promise<number> {
  const client = await daemonClient(options);
  const id = named ?? (await onlyWaiting(client));
  const run = await client.call("run", { run: id });
  const possible = can.approve({ id, state: run.state, waitsForApproval: run.approval !== null });
  if (!possible.possible || !run.approval || !run.environment)
    throw new FairwayError("not_allowed_now", possible.possible ? `${id} waits for nothing` : possible.reason);
  const answer = options.no ? "no" : "yes";
  const plan = await client.call("plan", {
    environment: run.environment,
    ...(run.release ? { release: run.release } : {}),
  });
  if (!options.json) for (const line of planLines(plan)) print(line);
  if (plan.digest !== run.approval.digest)
    throw new FairwayError("stale_approval", `what ${id} asked about is not what would happen now`, {
      hint: `start it again: fairway run cancel ${id}, then fairway deploy ${run.environment} ${run.release ?? ""}`,
    });
  if (!(await sure(answer === "yes" ? "Let it happen?" : "Refuse it?", options))) return 3;
  const after = await client.call("approve", {
    run: id,
    by: whoAsks(),
    answer,
    digest: plan.digest,
    note: options.note ?? null,
  });
  return options.detach ? startedOnly(after, options) : followRun(client, id, options);
}

async function onlyWaiting(client: Client): Promise<string> {
  const waiting: readonly RunSummary[] = (await client.call("runs", { active: "true" })).filter(
    (run) => run.state === "waiting" && run.kind === "deployment",
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

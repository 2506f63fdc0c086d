import type { Client, RollbackPlanShape } from "@fairway/api";
import { FairwayError } from "@fairway/core";
import type { GlobalOptions } from "../context.ts";
import { daemonClient, whoAsks } from "../context.ts";
import { followRun } from "../follow-run.ts";
import { rollbackLines } from "../output/rollback-lines.ts";
import { print } from "../output/terminal.ts";
import { oneOf, sure } from "./ask.ts";
import { startedOnly } from "./started-only.ts";

interface RollbackOptions extends GlobalOptions {
  readonly to?: string;
  readonly only?: readonly string[];
  readonly reason?: string;
  readonly force?: boolean;
  readonly detach?: boolean;
}

/** `fairway rollback`: shows the plan first, then does it, or joins the one that is under way. */
export async function rollback([named]: readonly string[], options: RollbackOptions): Promise<number> {
  const client = await daemonClient(options);
  const environment = named ?? (await deployedEnvironment(client, options));
  const only = options.only?.flatMap((names) => names.split(",")).filter((name) => name !== "");
  const found = await client.call("rollbackPlan", {
    environment,
    ...(options.to ? { release: options.to } : {}),
    ...(only ? { only: only.join(",") } : {}),
    ...(options.force ? { force: "true" } : {}),
  });
  if (!options.json) for (const line of rollbackLines(found)) print(line);
  if (found.joins) return options.detach ? 0 : followRun(client, found.joins, options);
  // Whoever has said yes beforehand hears it from the one who refuses.
  if (!options.yes) assertPossible(found);
  if (!(await sure(`Roll ${environment} back to ${found.plan.release}?`, options))) return 3;
  const run = await client.call("rollback", {
    environment,
    release: found.plan.release,
    only: only ?? null,
    reason: options.reason ?? null,
    force: options.force ?? false,
    by: whoAsks(),
  });
  if (options.detach) return startedOnly(run, options);
  const code = await followRun(client, run.id, options);
  return run.id === found.stops ? stoppedWell(client, environment, found.plan.release, code) : code;
}

/** A deployment that was stopped has not succeeded; the way back has when its environment runs what it is to run. */
async function stoppedWell(client: Client, environment: string, release: string, code: number): Promise<number> {
  const now = (await client.call("environments", {})).find(({ name }) => name === environment);
  return now?.current?.release === release && now.moving === null ? 0 : code;
}

function assertPossible({ plan: { environment, release, obstacles } }: RollbackPlanShape): void {
  if (obstacles.length === 0) return;
  throw new FairwayError("not_allowed_now", `${environment} cannot go back to ${release}`, {
    problems: obstacles,
    hint: `see where it can go: fairway deployments ${environment}; and what is kept out: fairway quarantine list`,
  });
}

/** The one environment that runs something; production is offered first where there are several. */
async function deployedEnvironment(client: Client, options: RollbackOptions): Promise<string> {
  const all = await client.call("environments", {});
  const names = all.filter(({ current }) => current !== null).map(({ name }) => name);
  const offered = names.toReversed().toSorted((a, b) => Number(b === "production") - Number(a === "production"));
  const [first] = offered;
  if (first === undefined)
    throw new FairwayError("not_allowed_now", "nothing runs in any environment", {
      hint: "there is nothing to go back from; make a release with: fairway release",
    });
  return offered.length === 1 ? first : oneOf("Roll which environment back?", offered, options);
}

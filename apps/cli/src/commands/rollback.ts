import type { GlobalOptions } from "../context.ts";
import { daemonClient, whoAsks } from "../context.ts";
import { followRun } from "../follow-run.ts";
import { planLines } from "../output/plan-lines.ts";
import { print } from "../output/terminal.ts";
import { sure } from "./ask.ts";
import { startedOnly } from "./started-only.ts";

interface RollbackOptions extends GlobalOptions {
  readonly to?: string;
  readonly detach?: boolean;
}

/** `fairway rollback`: shows the plan first. */
export async function rollback([environment = ""]: readonly string[], options: RollbackOptions): Promise<number> {
  const client = await daemonClient(options);
  const plan = await client.call("plan", {
    environment,
    rollback: "true",
    ...(options.to ? { release: options.to } : {}),
  });
  if (!options.json) for (const line of planLines(plan)) print(line);
  if (!(await sure(`Roll ${environment} back to ${plan.release}?`, options))) return 3;
  const run = await client.call("rollback", { environment, release: plan.release, by: whoAsks() });
  return options.detach ? startedOnly(run, options) : followRun(client, run.id, options);
}

import type { Plan } from "@fairway/api";
import type { GlobalOptions } from "../context.ts";
import { daemonClient } from "../context.ts";
import { planLines } from "../output/plan-lines.ts";
import { schemaLines } from "../output/rollback-lines.ts";
import { print, printJson } from "../output/terminal.ts";

/** `fairway plan`: exit code 1 when it could not be done. */
export async function plan(
  [environment = "", release]: readonly string[],
  options: GlobalOptions & { readonly rollback?: boolean },
): Promise<number> {
  const client = await daemonClient(options);
  const found = await client.call("plan", {
    environment,
    ...(release ? { release } : {}),
    rollback: options.rollback ? "true" : "false",
  });
  if (options.json) {
    printJson(found);
    return exitCode(found);
  }
  for (const line of planLines(found)) print(line);
  if (options.rollback) {
    const back = await client.call("rollbackPlan", { environment, ...(release ? { release } : {}) });
    for (const line of schemaLines(back)) print(line);
  }
  return exitCode(found);
}

const exitCode = ({ obstacles }: Pick<Plan, "obstacles">): number => (obstacles.length > 0 ? 1 : 0);

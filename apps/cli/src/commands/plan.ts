import type { GlobalOptions } from "../context.ts";
import { daemonClient } from "../context.ts";
import { planLines } from "../output/plan-lines.ts";
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
  if (options.json) printJson(found);
  else for (const line of planLines(found)) print(line);
  return found.obstacles.length > 0 ? 1 : 0;
}

import type { GlobalOptions } from "../../context.ts";
import { daemonClient } from "../../context.ts";
import { migrationLines } from "../../output/plan-lines.ts";
import { bold, columns, harmless, markOf, print, printJson, wrap } from "../../output/terminal.ts";

/** `fairway migrations plan`: what a deployment would do to databases. Changes nothing. */
export async function migrationPlan(
  [environment = "", release]: readonly string[],
  options: GlobalOptions,
): Promise<number> {
  const client = await daemonClient(options);
  const plan = await client.call("plan", {
    environment,
    ...(release === undefined ? {} : { release }),
  });
  const { migrations = [], obstacles } = plan;
  const width = Math.min(columns(), 120);
  if (options.json) printJson({ release: plan.release, digest: plan.digest, migrations, obstacles });
  else {
    print(bold(`${plan.release} in ${plan.environment}`));
    for (const line of migrations.length === 0 ? ["its databases have all of it"] : migrationLines(plan, width))
      print(line);
    for (const obstacle of obstacles)
      for (const line of wrap(`${markOf("failed")} ${harmless(obstacle)}`, width)) print(line);
  }
  return obstacles.length === 0 ? 0 : 1;
}

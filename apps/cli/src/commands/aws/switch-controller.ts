import type { GlobalOptions } from "../../context.ts";
import { daemonClient, whoAsks } from "../../context.ts";
import { harmless, print, printJson } from "../../output/terminal.ts";
import { sure } from "../ask.ts";

interface SwitchOptions extends GlobalOptions {
  readonly role?: string;
  readonly withoutHooks?: boolean;
  readonly plan?: boolean;
}

/** `fairway aws switch`: shows what it would change, asks, and does exactly that. Exit code 1: it is not possible. */
export async function switchController(
  [environment = "", service = ""]: readonly string[],
  options: SwitchOptions,
): Promise<number> {
  const client = await daemonClient(options);
  const withoutHooks = options.withoutHooks === true;
  const { role } = options;
  const plan = await client.call("controllerPlan", {
    environment,
    service,
    withoutHooks: withoutHooks ? "true" : "false",
    ...(role === undefined ? {} : { role }),
  });
  if (options.json && (options.plan === true || plan.refusals.length > 0)) printJson(plan);
  if (!options.json) {
    if (plan.refusals.length > 0)
      lines(`${service} cannot be switched to ECS's own deployment controller:`, plan.refusals);
    else {
      lines("This would change:", plan.changes);
      lines("Afterwards:", plan.after);
      lines("The way back:", plan.back);
    }
  }
  if (plan.refusals.length > 0 || role === undefined) return 1;
  if (options.plan === true) return 0;
  if (!(await sure(`Switch ${service} in ${environment}?`, options))) return 1;
  const made = await client.call("switchController", {
    ...{ environment, service, role, withoutHooks, digest: plan.digest },
    by: whoAsks(),
  });
  if (options.json) printJson(made);
  else print(`${service} is deployed by ECS itself now`);
  return 0;
}

function lines(title: string, all: readonly string[]): void {
  print(title);
  for (const line of all) print(`  ${harmless(line)}`);
}

import { FairwayError } from "@fairway/core";
import type { GlobalOptions } from "../context.ts";
import { daemonClient, whoAsks } from "../context.ts";
import { table } from "../output/table.ts";
import { harmless, print, printJson } from "../output/terminal.ts";

/** `fairway environments`. */
export async function environments(_args: readonly string[], options: GlobalOptions): Promise<void> {
  const client = await daemonClient(options);
  const found = await client.call("environments", {});
  if (options.json) return printJson(found);
  const rows = found.map((one) => [
    one.name,
    one.current?.release ?? "–",
    one.promotesFrom ?? "–",
    one.deploys === "automatically"
      ? "by itself"
      : one.approvals > 0
        ? `${one.approvals} approval${one.approvals > 1 ? "s" : ""}`
        : "on request",
    one.lock
      ? `locked by ${one.lock.by}`
      : one.moving
        ? `changed by ${one.moving}`
        : (one.url ?? harmless(one.purpose ?? "")),
  ]);
  for (const line of table(["environment", "runs", "takes from", "deploys", "now"], rows)) print(line);
}

/** `fairway lock`. */
export async function lock(
  [environment = ""]: readonly string[],
  options: GlobalOptions & { readonly reason?: string },
): Promise<void> {
  if (!options.reason)
    throw new FairwayError("bad_request", "a lock needs a reason, for whoever meets it", {
      hint: `fairway lock ${environment} --reason "…"`,
    });
  const client = await daemonClient(options);
  const found = await client.call("lock", { environment, by: whoAsks(), reason: options.reason });
  if (options.json) printJson(found);
  else print(`${environment} is locked: deployments wait until it is unlocked; a rollback does not`);
}

/** `fairway unlock`. */
export async function unlock([environment = ""]: readonly string[], options: GlobalOptions): Promise<void> {
  const client = await daemonClient(options);
  const found = await client.call("unlock", { environment, by: whoAsks() });
  if (options.json) printJson(found);
  else print(`${environment} is unlocked`);
}

import { FairwayError } from "@fairway/core";
import type { GlobalOptions } from "../context.ts";
import { daemonClient, whoAsks } from "../context.ts";
import { table } from "../output/table.ts";
import { environmentLines, environmentsAsMarkdown } from "../output/environment-lines.ts";
import { columns, harmless, print, printJson } from "../output/terminal.ts";

/** `fairway environments`: what each runs now, then what the configuration says of it; `--md` for a document. */
export async function environments(
  _args: readonly string[],
  options: GlobalOptions & { readonly md?: boolean },
): Promise<void> {
  const client = await daemonClient(options);
  const found = await client.call("environments", {});
  if (options.json) return printJson(found);
  if (options.md === true) {
    for (const line of environmentsAsMarkdown(found)) print(line);
    return;
  }
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
  for (const one of found) for (const line of environmentLines(one, columns())) print(line);
}

/** When a lock ends that lasts so long from now: `30m`, `2h`, `1d`. Throws `bad_request`. */
function endOf(span: string): string {
  const [, count, unit = ""] = /^(\d+)\s*([smhd])$/.exec(span.trim()) ?? [];
  const seconds = ({ s: 1, m: 60, h: 3600, d: 86_400 } as Readonly<Record<string, number>>)[unit];
  if (count === undefined || seconds === undefined || Number(count) === 0 || Number(count) * seconds > 366 * 86_400)
    throw new FairwayError("bad_request", `"${span}" is no time that a lock can last`, {
      hint: "write it as 30m, 2h or 1d, at most a year",
    });
  return new Date(Date.now() + Number(count) * seconds * 1000).toISOString();
}

/** `fairway lock`. */
export async function lock(
  [environment = ""]: readonly string[],
  options: GlobalOptions & { readonly reason?: string; readonly for?: string; readonly steal?: boolean },
): Promise<void> {
  if (!options.reason)
    throw new FairwayError("bad_request", "a lock needs a reason, for whoever meets it", {
      hint: `fairway lock ${environment} --reason "…"`,
    });
  const client = await daemonClient(options);
  const until = options.for === undefined ? null : endOf(options.for);
  const steal = options.steal ?? false;
  const found = await client.call("lock", { environment, by: whoAsks(), reason: options.reason, until, steal });
  const end = until === null ? "it is unlocked" : `${until}, or it is unlocked`;
  if (options.json) printJson(found);
  else print(`${environment} is locked: deployments wait until ${end}; a rollback does not`);
}

/** `fairway unlock`. */
export async function unlock(
  [environment = ""]: readonly string[],
  options: GlobalOptions & { readonly reason?: string },
): Promise<void> {
  const client = await daemonClient(options);
  const found = await client.call("unlock", { environment, by: whoAsks(), reason: options.reason ?? null });
  if (options.json) printJson(found);
  else print(`${environment} is unlocked`);
}

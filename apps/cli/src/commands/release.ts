import type { GlobalOptions } from "../context.ts";
import { daemonClient, whoAsks } from "../context.ts";
import { followRun } from "../follow-run.ts";
import { harmless, print, printJson } from "../output/terminal.ts";
import { table } from "../output/table.ts";
import { ago } from "../output/times.ts";
import { startedOnly } from "./started-only.ts";

interface ReleaseOptions extends GlobalOptions {
  readonly deploy: boolean;
  readonly ignoreUncommitted?: boolean;
  readonly detach?: boolean;
}

/** `fairway release`: makes a release of a commit and shows it on its way. */
export async function release([ref = "HEAD"]: readonly string[], options: ReleaseOptions): Promise<number> {
  const client = await daemonClient(options);
  const run = await client.call("makeRelease", {
    ref,
    by: whoAsks(),
    deploy: options.deploy,
    uncommitted: options.ignoreUncommitted ? "ignore" : "refuse",
  });
  return options.detach ? startedOnly(run, options) : followRun(client, run.id, options);
}

/** `fairway releases`. */
export async function releases(
  _args: readonly string[],
  options: GlobalOptions & { readonly limit: string },
): Promise<void> {
  const client = await daemonClient(options);
  const found = await client.call("releases", { limit: options.limit });
  if (options.json) return printJson(found);
  if (found.length === 0) return print("no releases yet; make one with: fairway release");
  const rows = found.map((one) => [
    one.id,
    one.revision.short,
    ago(one.createdAt, Date.now()),
    one.runningIn.join(", ") || "–",
    harmless(one.revision.subject),
  ]);
  for (const line of table(["release", "commit", "made", "runs in", "subject"], rows)) print(line);
}

import type { Run } from "@fairway/api";
import type { GlobalOptions } from "../context.ts";
import { daemonClient, whoAsks } from "../context.ts";
import { followRun, tellWhatIsNext } from "../follow-run.ts";
import { analysisLines } from "../output/analysis-lines.ts";
import { checkLines } from "../output/check-lines.ts";
import { runTree } from "../output/run-tree.ts";
import { columns, harmless, markOf, print, printJson } from "../output/terminal.ts";
import { table } from "../output/table.ts";
import { ago, between } from "../output/times.ts";
import { startedOnly } from "./started-only.ts";

interface FollowOptions extends GlobalOptions {
  readonly detach?: boolean;
}

interface RunsOptions extends GlobalOptions {
  readonly limit: string;
  readonly active?: boolean;
  readonly env?: string;
  readonly kind?: Run["kind"];
  readonly state?: Run["state"];
  readonly by?: string;
  readonly text?: string;
  readonly before?: string;
}

/** `fairway runs`. */
export async function runs(_args: readonly string[], options: RunsOptions): Promise<void> {
  const client = await daemonClient(options);
  const { limit, active, env, kind, state, by: who, text, before } = options;
  const found = await client.call("runs", {
    limit,
    active: active ? "true" : "false",
    env,
    kind,
    state,
    who,
    text,
    before,
  });
  if (options.json) return printJson(found);
  if (found.length === 0) return print("no runs yet; make a release with: fairway release");
  const now = Date.now();
  const rows = found.map((run) => [
    `${markOf(run.state)} ${run.id}`,
    run.state,
    ago(run.createdAt, now),
    between(run.startedAt, run.endedAt, now),
    harmless(run.title),
  ]);
  for (const line of table(["run", "state", "begun", "took", "title"], rows)) print(line);
}

/** `fairway run show`. */
export async function showRun([run = ""]: readonly string[], options: GlobalOptions): Promise<void> {
  const client = await daemonClient(options);
  const [found, checks, analysis] = await Promise.all([
    client.call("run", { run }),
    client.call("checks", { run }),
    client.call("analysis", { run }),
  ]);
  if (options.json) return printJson({ ...found, checks, analysis });
  for (const line of runTree(found, columns(), Date.now())) print(line);
  for (const line of analysisLines(analysis, columns())) print(line);
  for (const line of checkLines(checks, columns())) print(line);
  tellWhatIsNext(found);
}

/** `fairway run watch`. */
export async function watchRun([run = ""]: readonly string[], options: GlobalOptions): Promise<number> {
  return followRun(await daemonClient(options), run, options);
}

/** `fairway run cancel`. */
export async function cancelRun([run = ""]: readonly string[], options: FollowOptions): Promise<number> {
  const client = await daemonClient(options);
  const found = await client.call("cancel", { run, by: whoAsks() });
  if (options.detach) return startedOnly(found, options);
  await followRun(client, run, options);
  // It was to be stopped, and it is.
  return 0;
}

/** `fairway run retry`. */
export async function retryRun(
  [run = ""]: readonly string[],
  { done, ...options }: FollowOptions & { readonly done?: string },
): Promise<number> {
  const client = await daemonClient(options);
  const found = await client.call("retry", { run, by: whoAsks(), ...(done === undefined ? {} : { done }) });
  return options.detach ? startedOnly(found, options) : followRun(client, run, options);
}

import type { Client, Run, RunSummary } from "@fairway/api";
import { mostRuns } from "../most-runs.ts";
import { FairwayError } from "@fairway/core";
import type { GlobalOptions } from "../context.ts";
import { daemonClient, whoAsks } from "../context.ts";
import { print, printJson } from "../output/terminal.ts";

interface PauseOptions extends GlobalOptions {
  readonly reason?: string;
}

/** `fairway pause`: the deployment that is named, or the one on its way to the environment that is. */
export async function pause([named]: readonly string[], options: PauseOptions): Promise<number> {
  const client = await daemonClient(options);
  const run = await meant(client, named, "pause", (one) => one.paused === null && !one.stopping);
  const paused = await client.call("pause", { run, by: whoAsks(), reason: options.reason ?? null });
  return said(paused, `${run} is paused: it stays where it is\n→ let it go on with: fairway resume ${run}`, options);
}

/** `fairway resume`: the same of what is paused. */
export async function resume([named]: readonly string[], options: GlobalOptions): Promise<number> {
  const client = await daemonClient(options);
  const run = await meant(client, named, "resume", ({ paused }) => paused !== null);
  const resumed = await client.call("resume", { run, by: whoAsks() });
  return said(resumed, `${run} goes on\n→ watch it with: fairway run watch ${run}`, options);
}

function said(run: Run, words: string, options: GlobalOptions): number {
  if (options.json) printJson(run);
  else print(words);
  return 0;
}

/**
 * The one deployment that a command is about. Throws `not_allowed_now` when there is none, `bad_request` when it must be named.
 */
async function meant(
  client: Client,
  named: string | undefined,
  verb: "pause" | "resume",
  fits: (run: RunSummary) => boolean,
): Promise<string> {
  if (named !== undefined && /^run-\d+$/.test(named)) return named;
  const open = await client.call("runs", {
    kind: "deployment",
    active: "true",
    limit: mostRuns,
    ...(named === undefined ? {} : { env: named }),
  });
  const all = open.filter(fits);
  const holders = new Set((await client.call("environments", {})).map(({ moving }) => moving));
  // What has the environment is meant rather than what waits for it.
  const moving = verb === "pause" ? all.filter(({ id }) => holders.has(id)) : [];
  const found = moving.length > 0 ? moving : all;
  const [only] = found;
  const where = named === undefined ? "" : ` to ${named}`;
  if (only === undefined)
    throw new FairwayError(
      "not_allowed_now",
      verb === "pause" ? `nothing is being deployed${where}` : `no deployment${where} is paused`,
      { hint: "see what goes on: fairway status" },
    );
  if (found.length === 1) return only.id;
  throw new FairwayError("bad_request", `${found.length} deployments${where} could be meant`, {
    problems: found.map(({ id, title }) => `${id}: ${title}`),
    hint: `name one: fairway ${verb} ${only.id}`,
  });
}

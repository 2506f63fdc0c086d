import type { QuarantineShape } from "@fairway/api";
import { FairwayError } from "@fairway/core";
import type { GlobalOptions } from "../context.ts";
import { daemonClient, whoAsks } from "../context.ts";
import { table } from "../output/table.ts";
import { harmless, print, printJson } from "../output/terminal.ts";
import { ago } from "../output/times.ts";

interface WithReason extends GlobalOptions {
  readonly reason?: string;
}

/** `fairway quarantine list`. */
export async function listQuarantine(
  _args: readonly string[],
  options: GlobalOptions & { readonly all?: boolean },
): Promise<void> {
  const client = await daemonClient(options);
  const found = await client.call("quarantines", { all: options.all ? "true" : "false" });
  if (options.json) return printJson(found);
  if (found.length === 0) return print("nothing is in quarantine");
  const now = Date.now();
  const rows = found.map(({ release, at, by, run, reason, lifted }) => [
    release,
    ago(at, now),
    harmless(by),
    run ?? "–",
    ...(options.all ? [lifted ? `by ${harmless(lifted.by)}: ${harmless(lifted.because)}` : "–"] : []),
    harmless(reason),
  ]);
  const headings = ["release", "since", "by", "deployment", ...(options.all ? ["lifted"] : []), "reason"];
  for (const line of table(headings, rows)) print(line);
}

/** `fairway quarantine add`. */
export async function addQuarantine([release = ""]: readonly string[], options: WithReason): Promise<void> {
  const reason = reasonOf(options, `fairway quarantine add ${release}`);
  const client = await daemonClient(options);
  const found = await client.call("quarantine", { release, by: whoAsks(), reason });
  tell(found, options, `${release} is in quarantine: nothing deploys it until it is lifted; what runs goes on running`);
}

/** `fairway quarantine lift`. */
export async function liftQuarantine([release = ""]: readonly string[], options: WithReason): Promise<void> {
  const reason = reasonOf(options, `fairway quarantine lift ${release}`);
  const client = await daemonClient(options);
  const found = await client.call("liftQuarantine", { release, by: whoAsks(), reason });
  tell(found, options, `${release} may be deployed again`);
}

function reasonOf({ reason }: WithReason, usage: string): string {
  if (reason?.trim()) return reason;
  throw new FairwayError("bad_request", "it needs a reason, for whoever asks later", { hint: `${usage} --reason "…"` });
}

function tell(found: QuarantineShape, { json }: GlobalOptions, words: string): void {
  if (json) printJson(found);
  else print(words);
}

import { FairwayError } from "@fairway/core";
import type { GlobalOptions } from "../../context.ts";
import { daemonClient } from "../../context.ts";
import { table } from "../../output/table.ts";
import { harmless, print, printJson } from "../../output/terminal.ts";

/** `fairway checks synthetics`. */
export async function listSynthetics(
  [environment]: readonly string[],
  options: GlobalOptions & { readonly days: string },
): Promise<void> {
  const days = Number(options.days);
  if (!Number.isInteger(days) || days < 1)
    throw new FairwayError("bad_request", `"${options.days}" is no number of days`, { hint: "try: --days 7" });
  const client = await daemonClient(options);
  const found = await client.call("synthetics", { environment, days });
  if (options.json) return printJson(found);
  if (found.length === 0) return print("no journey is made: write some under synthetics of an environment");
  const millis = (value: number | null): string => (value === null ? "–" : `${value} ms`);
  const rows = found.map((one) => [
    harmless(one.environment),
    harmless(one.name),
    harmless(one.location),
    one.missed === null ? (one.status ?? "not made yet") : "missed",
    one.release ?? "",
    `${one.passed}/${one.runs}`,
    millis(one.p50),
    millis(one.p95),
    one.dueAt === null ? "" : one.dueAt.replace("T", " ").slice(0, 19),
  ]);
  for (const line of table(
    ["environment", "journey", "from", "status", "release", "passed", "p50", "p95", "next"],
    rows,
  ))
    print(line);
}

import type { DrillShape } from "@fairway/api";
import { FairwayError } from "@fairway/core";
import { setTimeout as sleep } from "node:timers/promises";
import type { GlobalOptions } from "../../context.ts";
import { daemonClient } from "../../context.ts";
import { table } from "../../output/table.ts";
import { harmless, print, printJson } from "../../output/terminal.ts";

/** `fairway drill`: begins one and waits for its end. Exit code 1 says that it is red. */
export async function drill(
  [of = "fairway"]: readonly string[],
  options: GlobalOptions & { readonly random?: boolean },
): Promise<number> {
  const client = await daemonClient(options);
  let found = await client.call("startDrill", { of, choose: options.random === true ? "random" : "latest" });
  while (found.endedAt === null) {
    await sleep(500);
    const [again] = (await client.call("drills", { limit: 20 })).filter(({ number }) => number === found.number);
    if (again === undefined) throw new FairwayError("not_found", `drill ${found.number} is on record no more`);
    found = again;
  }
  if (options.json) printJson(found);
  else for (const line of drillLines(found)) print(line);
  return found.outcome === "passed" ? 0 : 1;
}

/** `fairway drill list`: the newest first. */
export async function listDrills(
  _words: readonly string[],
  options: GlobalOptions & { readonly limit?: string },
): Promise<void> {
  const client = await daemonClient(options);
  const found = await client.call("drills", { limit: Number(options.limit ?? 10) });
  if (options.json) return printJson(found);
  if (found.length === 0) return print("no drill has been made yet");
  const rows = found.map(({ number, beganAt, outcome, rto, rpo, note }) => [
    ...[String(number), beganAt.slice(0, 16), outcome ?? "going on", seconds(rto), seconds(rpo), harmless(note)],
  ]);
  for (const line of table(["drill", "began", "outcome", "RTO", "RPO", ""], rows)) print(line);
}

const seconds = (span: number | null): string => (span === null ? "" : `${(span / 1000).toFixed(1)} s`);

function drillLines({ number, outcome, note, repository, rto, rpo, steps }: DrillShape): readonly string[] {
  return [
    `drill ${number} ${outcome ?? "goes on"}: ${harmless(note)}`,
    `of ${harmless(repository)}; RTO ${seconds(rto) || "unknown"}, RPO ${seconds(rpo) || "unknown"}`,
    ...table(
      ["", "step", "took", ""],
      steps.map(({ step, outcome: of, took, why }) => [
        of === "passed" ? "✓" : of === "failed" ? "✗" : "–",
        step,
        seconds(took),
        harmless(why),
      ]),
    ),
  ];
}

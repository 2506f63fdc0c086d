// The program `fairway-check`: asks one question of what runs, and writes down what it came to. A process of its own for each
// question, because collections and journeys are code of the repository, and are ended with all they started.

import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import type { LiveReport } from "@fairway/core";
import { messageOf } from "@fairway/core";
import type { LiveAsk } from "./live-ask.ts";
import { settingsOf } from "./live-ask.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    report: { type: "string" },
    keep: { type: "string" },
    variables: { type: "string" },
    data: { type: "string" },
    folder: { type: "string" },
    path: { type: "string" },
    field: { type: "string" },
    service: { type: "string", multiple: true },
    connections: { type: "string" },
    duration: { type: "string" },
    p95: { type: "string" },
    p99: { type: "string" },
    errors: { type: "string" },
    slower: { type: "string" },
  },
});
const [kind = "", ...words] = positionals;
const ask: LiveAsk = { words, options: values, settings: settingsOf(process.env), keep: values.keep ?? null };

const noData = (why: string): LiveReport => ({ status: "no-data", summary: why, tests: [], figures: {}, files: [] });

async function answer(): Promise<LiveReport> {
  switch (kind) {
    case "collection":
      return (await import("./run-collection.ts")).runCollection(ask);
    case "http":
      return (await import("./run-http-files.ts")).runHttpFiles(ask);
    case "smoke":
      return (await import("./run-smoke.ts")).runSmoke(ask);
    case "journey":
      return (await import("./run-journey.ts")).runJourney(ask);
    case "load":
      return (await import("./run-load.ts")).runLoad(ask);
    default:
      return noData(`there is no question of the kind "${kind}"`);
  }
}

const report = await answer().catch((thrown: unknown) => noData(messageOf(thrown)));
for (const { name, state, took, message, requestId, exchange } of report.tests) {
  console.log(`${state === "passed" ? "✓" : state === "failed" ? "✗" : "–"} ${name}  ${Math.round(took)} ms`);
  if (state === "failed")
    for (const part of [message, requestId === null ? null : `request ${requestId}`, exchange])
      if (part !== null) console.log(part.replaceAll(/^/gmu, "    "));
}
console.log(report.summary);
if (values.report !== undefined) writeFileSync(values.report, JSON.stringify(report), { mode: 0o600 });
// What a collection or a journey has left open keeps nobody waiting.
process.exit({ passed: 0, failed: 1, "no-data": 3 }[report.status]);

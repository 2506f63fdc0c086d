import { hostname } from "node:os";
import { FairwayError } from "@fairway/core";
import { journeyWorker } from "@fairway/server/journey-worker";
import type { GlobalOptions } from "../context.ts";
import { daemonClient } from "../context.ts";
import { print } from "../output/terminal.ts";

/** `fairway worker`: makes the journeys of a place for a daemon elsewhere, until it is ended. */
export async function worker(
  [written = ""]: readonly string[],
  options: GlobalOptions & { readonly name?: string },
): Promise<void> {
  const locations = [...new Set(written.split(",").map((label) => label.trim()))].filter((label) => label !== "");
  if (locations.length === 0)
    throw new FairwayError("bad_request", "a worker needs the label of a place", { hint: "fairway worker frankfurt" });
  const client = await daemonClient(options);
  const leave = new AbortController();
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => leave.abort());
  print(`makes the journeys of ${locations.join(" and ")} for ${client.url}`);
  await journeyWorker({ client, locations, name: options.name ?? hostname(), signal: leave.signal, tell: print });
}

import type { Registry } from "prom-client";

let registry: Promise<Registry> | undefined;

/** What every Node.js process tells of itself by the names that dashboards know: processor, memory, event loop, files. */
export async function processMetrics(): Promise<string> {
  registry ??= begin();
  return (await registry).metrics();
}

/** Counts from here on: who never asks has no watch on the event loop. */
async function begin(): Promise<Registry> {
  const { Registry: Own, collectDefaultMetrics } = (await import("prom-client")).default;
  const own = new Own();
  collectDefaultMetrics({ register: own });
  return own;
}

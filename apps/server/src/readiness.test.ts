import { expect, test } from "vitest";
import type { ReadinessParts } from "./readiness.ts";
import { readinessOf } from "./readiness.ts";

const well: ReadinessParts = {
  database: async () => [],
  router: async () => ({}),
  room: async () => null,
  keys: async () => [],
};
const broken = (): Promise<never> => Promise.reject(new TypeError("gone, with /a/path in it"));

test.each<[string, Partial<ReadinessParts>, boolean, string]>([
  ["nothing", {}, true, ""],
  ["the database", { database: broken, keys: broken }, false, "database failing"],
  ["the router", { router: broken }, false, "router failing"],
  ["room", { room: async () => "only 3 MiB are free" }, true, "disk degraded"],
  ["a look at the disk", { room: broken }, true, "disk degraded"],
  ["the key", { keys: async () => ["the key k-1 is missing"] }, true, "key degraded"],
])("without %s the part is named, without a detail", async (_, lacking, ready, named) => {
  const found = await readinessOf({ ...well, ...lacking });
  const ill = Object.entries(found.parts).filter(([, state]) => state !== "ok");
  expect([found.ready, ill.map(([part, state]) => `${part} ${state}`).join()]).toEqual([ready, named]);
});

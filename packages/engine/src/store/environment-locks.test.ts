import type { RunId } from "@fairway/core";
import { expect, test } from "vitest";
import { raiseFences } from "./environment-fences.ts";
import { takeEnvironment } from "./environment-locks.ts";
import { insertRun } from "./runs.ts";
import type { Store } from "./store.ts";
import { storeForTests } from "./testing/store-for-tests.ts";

let store: Store;
storeForTests((opened) => void (store = opened));

/** The fence with which a new run takes an environment that is free. */
async function fenceOf(environment: string): Promise<number> {
  return store.transaction(async (tx) => {
    const run = await insertRun(
      tx,
      { kind: "deployment", title: "t", subject: null, requestedBy: "ana", jobs: [] },
      null,
    );
    const taking = await takeEnvironment(tx, (run as { id: RunId }).id, {
      environment,
      urgent: false,
      queue: "all",
      order: null,
      yields: false,
    });
    if (!taking.taken) throw new Error(JSON.stringify(taking));
    return taking.fence;
  });
}

test("fences begin above what the router has seen, also of environments that the database does not know yet", async () => {
  await expect(fenceOf("staging")).resolves.toBe(1);
  await raiseFences(store, 32);
  await expect(fenceOf("production")).resolves.toBe(33);
  await raiseFences(store, 0);
  await expect(fenceOf("preview")).resolves.toBeGreaterThan(0);
});

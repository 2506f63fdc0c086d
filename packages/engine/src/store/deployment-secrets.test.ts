import type { DeploymentPlan, ReleaseId, RunId } from "@fairway/core";
import { expect, test } from "vitest";
import type { Deployments } from "../rollouts/deployments.ts";
import { deploymentsIn } from "./deployments.ts";
import { historyIn } from "./history-for-tests.ts";
import { insertRun } from "./runs.ts";
import type { Store } from "./store.ts";
import { storeForTests } from "./testing/store-for-tests.ts";

let store: Store;
let deployments: Deployments;
storeForTests((opened) => {
  store = opened;
  deployments = deploymentsIn(store);
});

/** Begins a deployment with this version of the secret; it goes on until it is said to have ended. */
async function begun(release: ReleaseId, version: string): Promise<RunId> {
  const run = await store.transaction((tx) =>
    insertRun(tx, { kind: "deployment", title: "t", subject: {}, requestedBy: "ana", jobs: [] }, null),
  );
  const { id } = run as NonNullable<typeof run>;
  const secrets = [{ name: "TOKEN", version, from: null }];
  const plan = { environment: "production", release, releaseDigest: release, reason: "deploy", secrets };
  await deployments.begin(id, plan as unknown as DeploymentPlan, version, null);
  return id;
}

test("a release's replicas are given what its deployment found, and a deployment that failed changes nothing of it", async () => {
  const history = historyIn(store);
  const [one, two] = [await history.release("one"), await history.release("two")];
  const given = (release: ReleaseId): unknown => deployments.secretsGiven?.("production", release);
  expect(await given(one)).toEqual({});
  const first = await begun(one, "v1");
  expect(await given(one)).toEqual({ TOKEN: "v1" });
  await deployments.end(first, "deployed");
  const again = await begun(one, "v2");
  expect(await given(one)).toEqual({ TOKEN: "v2" });
  await deployments.end(again, "rolled-back");
  expect(await given(one)).toEqual({ TOKEN: "v1" });
  await deployments.end(await begun(two, "v3"), "deployed");
  expect([await given(one), await given(two)]).toEqual([{ TOKEN: "v1" }, { TOKEN: "v3" }]);
  await deployments.end(await begun(one, "v4"), "deployed");
  expect(await given(one)).toEqual({ TOKEN: "v4" });
});

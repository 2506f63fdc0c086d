import { plainEnvironment, plainPlacement, plainService } from "@fairway/conformance";
import type { DeploymentPlan, Project, Release, RunId } from "@fairway/core";
import { planDeployment } from "@fairway/core";
import { expect, test } from "vitest";
import { dataDirectory } from "../data-directory.ts";
import { digestOf } from "../digest.ts";
import { inMemoryAttempt } from "../durable/in-memory.ts";
import { noFlags } from "../flags/testing/no-flags.ts";
import { noMigrations } from "../migrations/testing/no-migrations.ts";
import type { Json, Outcome } from "../runs/stage.ts";
import { deploymentsIn } from "../store/deployments.ts";
import { historyIn } from "../store/history-for-tests.ts";
import { releaseById } from "../store/releases.ts";
import { insertRun } from "../store/runs.ts";
import type { Store } from "../store/store.ts";
import { storeForTests } from "../store/testing/store-for-tests.ts";
import { beginStage } from "./begin.ts";
import type { Places } from "./places.ts";

let store: Store;
storeForTests((opened) => void (store = opened));

const projectWith = (...services: readonly string[]): Project => ({
  name: "shop",
  services: services.map((name) => plainService(name)),
  environments: [
    plainEnvironment(
      "production",
      services.map((name) => plainPlacement(name)),
      { approvals: 1, promotesFrom: null },
    ),
  ],
});

async function release(digest: string, ...services: readonly string[]): Promise<Release> {
  const parts = services.map((service) => ({ service, artifact: "sha256:a", inputs: "i", takenFrom: null }));
  return releaseById(store, await historyIn(store).release(digest, { project: projectWith(...services), parts }));
}

async function planned(to: Release): Promise<{ readonly run: RunId; readonly plan: DeploymentPlan }> {
  const running = await deploymentsIn(store).current("production");
  const plan = planDeployment({
    release: to,
    running,
    environment: "production",
    reason: "deploy",
    verifiedIn: [],
    quarantine: null,
    mixed: new Map(),
  });
  const run = await store.transaction((tx) =>
    insertRun(tx, { kind: "deployment", title: "t", subject: {}, requestedBy: "ana", jobs: [] }, null),
  );
  return { run: (run as NonNullable<typeof run>).id, plan };
}

/** As the stage is executed, with an approval that counts until then. */
const begin = ({ run, plan }: Awaited<ReturnType<typeof planned>>, until = Number.MAX_SAFE_INTEGER): Promise<Outcome> =>
  inMemoryAttempt(
    beginStage({
      data: dataDirectory("/nowhere"),
      secrets: { lookUp: async () => ({}) },
      releaseOf: (id) => releaseById(store, id),
      ...noFlags,
      places: { targetOf: () => ({ observe: async () => new Map() }) } as unknown as Places,
      deployments: deploymentsIn(store),
      migrations: noMigrations,
      verify: async () => [],
    }),
    {
      run,
      input: { plan, digest: digestOf(plan), service: null } as unknown as Json,
      results: { approval: { by: ["ann"], until } },
      holds: "production",
    },
  ).execute();

test("what was approved and carried through is tried again for what it left to do, also when its approval has grown old", async () => {
  const before = await release("sha256:before", "web", "old");
  await historyIn(store).deploy("production", before.id);
  const deployment = await planned(await release("sha256:after", "web"));
  expect(deployment.plan).toMatchObject({ approvals: 1, retired: ["old"] });
  expect(await begin(deployment)).toMatchObject({ outcome: "succeeded" });
  await deploymentsIn(store).end(deployment.run, "deployed");
  expect(await begin(deployment, 0)).toMatchObject({ outcome: "succeeded" });
});

test("where another came since, what was approved would not happen any more, and each field that differs is named", async () => {
  const deployment = await planned(await release("sha256:one", "web"));
  expect(await begin(deployment)).toMatchObject({ outcome: "succeeded" });
  await deploymentsIn(store).end(deployment.run, "deployed");
  const other = await release("sha256:other", "web", "new");
  await historyIn(store).deploy("production", other.id);
  const again = await begin(deployment);
  expect(again).toMatchObject({ outcome: "failed", reason: expect.stringContaining("would not happen any more") });
  expect(again).toMatchObject({ reason: expect.stringContaining(`what runs there: was `) });
});

test("an approval that has grown old while it waited does not let it begin", async () => {
  const late = await begin(await planned(await release("sha256:late", "web")), 0);
  expect(late).toMatchObject({ outcome: "failed", reason: expect.stringContaining("counted until") });
});

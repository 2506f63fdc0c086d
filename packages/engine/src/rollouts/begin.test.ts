import { plainEnvironment, plainPlacement, plainService } from "@fairway/conformance";
import type { ComingRollout, DeploymentPlan, Project, Release, RunId, Target } from "@fairway/core";
import { FairwayError, planDeployment } from "@fairway/core";
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
import type { Place, Places } from "./places.ts";

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
const begin = (
  { run, plan }: Awaited<ReturnType<typeof planned>>,
  until = Number.MAX_SAFE_INTEGER,
  targetOf: (place: Place) => Partial<Target> = () => ({}),
): Promise<Outcome> =>
  inMemoryAttempt(
    beginStage({
      data: dataDirectory("/nowhere"),
      secrets: { lookUp: async () => ({}) },
      releaseOf: (id) => releaseById(store, id),
      ...noFlags,
      places: {
        targetOf: (place: Place) => ({ observe: async () => new Map(), ...targetOf(place) }),
      } as unknown as Places,
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

test("a place that refuses one service is heard before any is taken hold of, and all refusals are told at once", async () => {
  const deployment = await planned(await release("sha256:refused", "web", "api", "jobs"));
  const asked: ComingRollout[] = [];
  const held: string[] = [];
  const ended = await begin(deployment, undefined, ({ service }) => ({
    fence: async () => void held.push(service),
    ...(service === "web"
      ? {}
      : {
          preflight: async (rollout) => {
            asked.push(rollout);
            return { refusals: [`${service} is moved by somebody else`], warnings: [] };
          },
        }),
  }));
  expect(ended).toMatchObject({
    outcome: "failed",
    reason: expect.stringMatching(/^(?=[^]*^api: api is moved by somebody else$)(?=[^]*^jobs: jobs is moved)/mu),
  });
  expect(asked[0]).toMatchObject({
    id: `${deployment.run}/api`,
    environment: "production",
    to: deployment.plan.release,
  });
  expect(held).toEqual([]);
  expect(await deploymentsIn(store).current("production")).not.toMatchObject({ id: deployment.plan.release });
});

test("what only should be known is in the words of the beginning, and a platform that says nothing at first is asked again", async () => {
  const deployment = await planned(await release("sha256:warned", "web"));
  let tries = 0;
  const held: string[] = [];
  const ended = await begin(deployment, undefined, ({ service }) => ({
    fence: async () => void held.push(service),
    preflight: async () => {
      if (tries++ === 0) throw new FairwayError("target_unreachable", "throttled", { retryable: true });
      return { refusals: [], warnings: ["half of it goes first"] };
    },
  }));
  expect(ended).toMatchObject({ outcome: "succeeded", summary: "web: half of it goes first" });
  expect(held).toContain("web");
});

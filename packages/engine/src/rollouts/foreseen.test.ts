import { plainEnvironment, plainPlacement, plainService } from "@fairway/conformance";
import type { Preflight, Project, Release, ReleaseId, Target } from "@fairway/core";
import { FairwayError, planDeployment } from "@fairway/core";
import { expect, test } from "vitest";
import { dataDirectory } from "../data-directory.ts";
import { noFlags } from "../flags/testing/no-flags.ts";
import type { Foreseen, ForeseenPlan } from "./foreseen.ts";
import { foreseen } from "./foreseen.ts";
import type { Place, Places } from "./places.ts";

const services = ["web", "api"];
const project: Project = {
  name: "shop",
  services: services.map((name) => plainService(name)),
  environments: [
    plainEnvironment(
      "production",
      services.map((name) => plainPlacement(name)),
      { approvals: 1, promotesFrom: null },
    ),
  ],
};
const release: Release = {
  id: "r1" as ReleaseId,
  digest: "sha256:1",
  revision: { sha: "0", short: "0", subject: "", author: "", committedAt: "", ref: null },
  project,
  parts: services.map((service) => ({ service, artifact: "sha256:a", inputs: "i", takenFrom: null })),
  leftOut: [],
  createdAt: "",
};

type Says = NonNullable<Target["preflight"]>;

/** What is foreseen of a deployment of both services, of which these places say this and the others nothing; asked so often. */
async function told(
  says: Says,
  { isMoving = false, times = 1, of = ["api"], before = (plan: ForeseenPlan) => plan } = {},
): Promise<Foreseen> {
  const ask = foreseen({
    data: dataDirectory("/nowhere"),
    secrets: { lookUp: async () => ({}) },
    releaseOf: async () => release,
    ...noFlags,
    places: {
      targetOf: ({ service }: Place) => ({
        observe: async () => new Map(),
        ...(of.includes(service) ? { preflight: says } : {}),
      }),
    } as unknown as Places,
    isMoving: async () => isMoving,
    patience: 50,
  });
  const plan = planDeployment({
    release,
    running: null,
    environment: "production",
    reason: "deploy",
    verifiedIn: [],
    quarantine: null,
  });
  for (let asked = 1; asked < times; asked++) await ask(before(plan), release);
  return ask(plan, release);
}

const refusing: Preflight = {
  refusals: ["it is CodeDeploy's", "an alarm fires"],
  warnings: ["half of it goes first"],
  forNow: ["an alarm fires"],
};

test("what a place would refuse stands in the way of a plan, and what may pass by itself is told", async () => {
  expect(await told(async () => refusing)).toEqual({
    obstacles: ["api: it is CodeDeploy's"],
    warnings: ["api: an alarm fires", "api: half of it goes first"],
  });
});

test("what is said of several services is said once", async () => {
  expect(await told(async () => refusing, { of: services })).toEqual({
    obstacles: ["web, api: it is CodeDeploy's"],
    warnings: ["web, api: an alarm fires", "web, api: half of it goes first"],
  });
});

test("while a deployment moves there, what moves is nothing to tell", async () => {
  expect(await told(async () => refusing, { isMoving: true })).toEqual({
    obstacles: ["api: it is CodeDeploy's"],
    warnings: ["api: half of it goes first"],
  });
});

test("a place that cannot be asked, or does not answer, keeps no plan from being shown", async () => {
  const broken: Says = async () => {
    throw new FairwayError("target_unreachable", "ECS does not answer");
  };
  expect(await told(broken)).toEqual({
    obstacles: [],
    warnings: ["api: what stands in the way could not be found out: ECS does not answer"],
  });
  expect(await told(() => new Promise(() => undefined))).toEqual({
    obstacles: [],
    warnings: ["api: what stands in the way could not be found out: no answer within 0.05 s"],
  });
});

test("who looks at a plan again and again asks a place once", async () => {
  let asked = 0;
  const counting: Says = async () => {
    asked++;
    return refusing;
  };
  expect(await told(counting, { times: 5 })).toMatchObject({ obstacles: ["api: it is CodeDeploy's"] });
  expect(asked).toBe(1);
});

test("what was said of a way back, which goes at once, is not taken for what is said of a deployment in steps", async () => {
  const said: Says = async ({ strategy }) => ({ refusals: [strategy.name], warnings: [] });
  const before = (plan: ForeseenPlan): ForeseenPlan => ({
    ...plan,
    rollouts: plan.rollouts.map((one) => ({ ...one, strategy: { name: "recreate" } as const })),
  });
  const alone = await told(said);
  expect(alone.obstacles).not.toEqual(["api: recreate"]);
  expect(await told(said, { times: 2, before })).toEqual(alone);
});

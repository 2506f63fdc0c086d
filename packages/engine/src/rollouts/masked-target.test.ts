import type { Environment, Progress, Release, Rollout, Service, Target } from "@fairway/core";
import { FairwayError, defaultHealth, defaultRolling, releaseId } from "@fairway/core";
import { expect, test } from "vitest";
import { dataDirectory } from "../data-directory.ts";
import { inMemoryAttempt } from "../durable/in-memory.ts";
import { noFlags } from "../flags/testing/no-flags.ts";
import type { Json, Stage } from "../runs/stage.ts";
import type { DeploymentInput } from "./deployment-run.ts";
import { maskedTarget } from "./masked-target.ts";
import type { PlaceParts } from "./place-of.ts";
import type { Places } from "./places.ts";
import type { Ended } from "./roll-until-done.ts";
import { outcomeOf, rolloutOf } from "./rollout.ts";

const rollout = {} as unknown as Rollout;
const said = "postgres://app:sesame-31415@db refused: it was sesame-27182 before";

/** A platform that says the same whatever it is asked. */
const saying = (progress: Progress): Target => ({
  kind: "ecs",
  strategies: new Set(["rolling"]),
  observe: async () => new Map(),
  advance: async () => progress,
  hold: async () => progress,
  abort: async () => progress,
});

test("what a platform says while it moves, on the way there, held and on the way back hides what is secret", async () => {
  const target = maskedTarget(saying({ phase: "moving", message: said, checkAgainIn: 1 }), async () => [
    "sesame-31415",
    "sesame-27182",
  ]);
  const held = target.hold?.(rollout) ?? Promise.reject(new Error("it cannot be held"));
  const all = [target.advance(rollout, {} as never), target.abort(rollout), held];
  for (const progress of await Promise.all(all))
    expect(progress).toMatchObject({ phase: "moving", message: "postgres://app:***@db refused: it was *** before" });
  expect(target.keep).toBeUndefined();
});

test("nothing of it is shown while the secrets cannot be read, and all else of it once they can", async () => {
  const failed = { phase: "failed", reason: said, ending: "stalled" } as const;
  let isAway = true;
  const target = maskedTarget(saying(failed), async () => {
    if (isAway) throw new FairwayError("secrets_unavailable", "the vault is sealed");
    return ["sesame-31415"];
  });
  const first = await target.advance(rollout, {} as never);
  expect(first).toMatchObject({ ...failed, reason: expect.stringContaining("the vault is sealed") as string });
  expect(JSON.stringify(first)).not.toContain("sesame");
  isAway = false;
  expect(await target.advance(rollout, {} as never)).toEqual({
    ...failed,
    reason: "postgres://app:***@db refused: it was sesame-27182 before",
  });
});

test("the lines of a task that ended are in a rollout's outcome without the secrets of its environment", async () => {
  const web = {
    name: "web",
    run: ["serve"],
    env: {},
    database: true,
    health: defaultHealth,
    stop: { drain: 0, grace: 0 },
    dependsOn: [],
  };
  const placement = {
    service: "web",
    replicas: 1,
    strategy: defaultRolling,
    env: { KEY: { secret: "KEY" } },
    routes: [],
  };
  const production = { name: "production", placements: [placement], verify: [], variables: {} };
  const release = {
    id: releaseId(1),
    revision: { sha: "0" },
    project: {
      name: "shop",
      services: [web as unknown as Service],
      environments: [production as unknown as Environment],
    },
    parts: [{ service: "web" }],
  } as unknown as Release;
  const parts: PlaceParts = {
    data: dataDirectory("/nowhere"),
    // As it is now, and as the release was given it.
    secrets: { lookUp: async () => ({ KEY: "sesame-31415" }), lookUpAt: async () => ({ KEY: "sesame-27182" }) },
    secretsGiven: async () => ({ KEY: "1" }),
    releaseOf: async () => release,
    ...noFlags,
    places: {
      databaseUrl: async () => "postgres://web:sesame-16180@db/web",
      targetOf: () => saying({ phase: "failed", reason: `${said}; sesame-16180`, ending: "stalled" }),
    } as unknown as Places,
  };
  const stage: Stage = {
    name: "rollout",
    async run(attempt) {
      const input = attempt.input as unknown as DeploymentInput;
      const { target, rollout: its } = await rolloutOf(parts, attempt, input, "web");
      return outcomeOf((await target.advance(its, {} as never)) as Ended);
    },
  };
  const attempt = inMemoryAttempt(stage, {
    input: {
      plan: {
        environment: "production",
        release: "r1",
        rollouts: [{ service: "web", replicas: 1, strategy: defaultRolling }],
      },
    } as unknown as Json,
    results: { begin: { from: null } },
    holds: "production",
  });
  expect(await attempt.execute()).toEqual({
    outcome: "errored",
    reason: "postgres://app:***@db refused: it was *** before; ***",
    result: { ending: "stalled" },
  });
});

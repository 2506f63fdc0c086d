import { rolloutOf } from "@fairway/conformance";
import type { Facts, Progress, ReleaseId, Rollout, VercelPlacement } from "@fairway/core";
import { plainFacts } from "@fairway/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { needs } from "../../../../tools/skips.ts";
import { memoryHostedLedger } from "../../fixtures/hosted-ledger.ts";
import type { PlatformServer } from "../../fixtures/platform-doubles.ts";
import { wiremock } from "../../fixtures/platform-doubles.ts";
import { VercelDouble } from "../../fixtures/vercel/double.ts";
import { answers } from "../../fixtures/vercel/schema.ts";
import { outputs, scope, vercelPlacement } from "../../fixtures/vercel/world.ts";
import { guardedFetch } from "../outgoing/guarded-fetch.ts";
import { vercelApi } from "./vercel-api.ts";
import { vercelTarget } from "./vercel-target.ts";

const project = "/v9/projects/blockbuilders";
const ofProject = "/v1/projects/prj_1";

/** What Vercel answers in one state of the scenario; which state a call leads to, where it leads anywhere. */
const stub = (method: string, path: string, body: unknown, state?: string, next?: string): object => ({
  ...(state === undefined ? {} : { scenarioName: "a deployment", requiredScenarioState: state }),
  ...(next === undefined ? {} : { newScenarioState: next }),
  request: { method, urlPath: path },
  response: { status: 200, jsonBody: body, headers: { "content-type": "application/json" } },
});

const deployment = answers.deployment.parse({
  ...{
    id: "dpl_2",
    url: "b.vercel.app",
    name: "blockbuilders",
    readyState: "READY",
    meta: {},
    createdAt: 2,
    target: "production",
  },
});
const projectWith = (type: "promote" | "rollback", jobStatus: "in-progress" | "succeeded", to: string): object =>
  answers.project.parse({
    ...{ id: "prj_1", name: "blockbuilders", accountId: "team_1" },
    lastAliasRequest: {
      fromDeploymentId: null,
      toDeploymentId: to,
      jobStatus,
      requestedAt: type === "promote" ? 10 : 20,
      type,
    },
  });
const untouched = answers.project.parse({ id: "prj_1", name: "blockbuilders", accountId: "team_1" });
const alias = (to: string): object =>
  answers.alias.parse({
    alias: "blockbuilders.app",
    uid: "a",
    deploymentId: to,
    projectId: "prj_1",
    created: "2026-01-01",
  });
const short = (id: string): object => ({ id, name: "blockbuilders", url: "u", readyState: "READY", createdAt: 1 });
const stages = [10, 50, 100].map((targetPercentage, index) => ({
  ...{ index, targetPercentage, duration: null, isFinalStage: index === 2, requireApproval: true },
}));
const rollingAt = (at: number): object =>
  answers.rolling.parse({
    rollingRelease: {
      ...{ state: "ACTIVE", activeStage: stages[at], nextStage: stages[at + 1] ?? null, stages, substate: null },
      ...{ advancementType: "manual-approval", canaryDeployment: short("dpl_2"), currentDeployment: short("dpl_1") },
      ...{ queuedDeploymentId: null, startedAt: 1, updatedAt: 1 },
    },
  });
const none = answers.rolling.parse({ rollingRelease: null });

/** A state of the scenario: what a project, its domain and its rolling release are. */
const state = (name: string, of: object, to: string, rolling: object, next?: string): readonly object[] => [
  stub("GET", `${ofProject}/rolling-release`, rolling, name, next),
  stub("GET", "/v4/aliases/blockbuilders.app", alias(to), name),
  stub("GET", project, of, name),
];
const lists = { deployments: [], pagination: { count: 0, next: null, prev: null } };
const always: readonly object[] = [
  {
    ...stub("GET", "", answers.deployments.parse(lists)),
    request: { method: "GET", urlPathPattern: "/v\\d+/deployments" },
  },
  stub("POST", "/v13/deployments", deployment),
  stub("GET", "/v13/deployments/dpl_2", deployment),
  { ...stub("GET", "", { checks: [] }), request: { method: "GET", urlPathPattern: "/v1/deployments/.*" } },
];

// WireMock plays what Vercel does by itself, one state after another, over HTTP and in answers of its own models. Beside the
// double, which works out what comes next, this is told: a call that nobody expects finds nothing.
describe.skipIf(!needs("platform-doubles", "java"))("what Vercel does by itself, told", () => {
  const outgoing = guardedFetch({ allowPrivate: ["127.0.0.1/32"] });
  let server: PlatformServer;
  let bundles: ReturnType<typeof outputs>;
  beforeAll(async () => {
    bundles = outputs();
    server = await wiremock();
  }, 60_000);
  afterAll(async () => {
    bundles.remove();
    await outgoing.close();
    await server?.close();
  });

  async function play(scenario: readonly object[]) {
    await fetch(`${server.url}/__admin/reset`, { method: "POST" });
    for (const one of [...always, ...scenario])
      expect((await fetch(`${server.url}/__admin/mappings`, { method: "POST", body: JSON.stringify(one) })).ok).toBe(
        true,
      );
    const placement: VercelPlacement = vercelPlacement(new VercelDouble(), {
      api: server.url,
      domains: ["blockbuilders.app"],
    });
    const api = vercelApi(placement, { outgoing, secret: async () => "a token" });
    const target = vercelTarget({
      ...{ placement, scope, ledger: memoryHostedLedger(), api, outgoing, looks: new Map() },
      bundleOf: async (release) => ({ directory: bundles.folderOf(release), sha: "c0ffee", env: {}, variables: "v1" }),
    });
    return async (
      rollout: Rollout,
      verb: "advance" | "abort" = "advance",
      facts: Facts = plainFacts,
    ): Promise<Progress> => {
      let progress: Progress = { phase: "moving", message: "", checkAgainIn: 0 };
      for (let look = 0; look < 12 && progress.phase === "moving" && progress.asks === undefined; look++)
        progress = verb === "advance" ? await target.advance(rollout, facts) : await target.abort(rollout);
      return progress;
    };
  }
  const asked = async (): Promise<readonly string[]> => {
    const { requests } = (await (await fetch(`${server.url}/__admin/requests`)).json()) as {
      readonly requests: readonly { readonly request: { readonly method: string; readonly url: string } }[];
    };
    return requests
      .map(({ request }) => `${request.method} ${request.url.split("?")[0]}`)
      .filter((call) => !call.startsWith("GET"))
      .toReversed();
  };
  const rollout = (strategy: Rollout["strategy"]): Rollout =>
    rolloutOf({ from: "r1" as ReleaseId, to: "r2" as ReleaseId, desired: 1, strategy });
  const blueGreen = { name: "blue-green", bake: 0 } as const;

  test("a promotion that takes its time is green when the domain leads there, and its rollback when it leads back", async () => {
    const go = await play([
      ...state("Started", untouched, "dpl_1", none),
      stub("POST", "/v10/projects/prj_1/promote/dpl_2", {}, "Started", "promoting"),
      // One look finds it under way.
      ...state("promoting", projectWith("promote", "in-progress", "dpl_2"), "dpl_1", none, "promoted"),
      ...state("promoted", projectWith("promote", "succeeded", "dpl_2"), "dpl_2", none),
      stub("POST", `${ofProject}/rollback/dpl_1`, {}, "promoted", "going back"),
      ...state("going back", projectWith("rollback", "in-progress", "dpl_1"), "dpl_2", none, "back"),
      ...state("back", projectWith("rollback", "succeeded", "dpl_1"), "dpl_1", none),
    ]);
    expect(await go(rollout(blueGreen))).toEqual({ phase: "succeeded" });
    expect(await asked()).toEqual(["POST /v13/deployments", "POST /v10/projects/prj_1/promote/dpl_2"]);
    expect(await go(rollout(blueGreen), "abort")).toEqual({ phase: "succeeded" });
    expect((await asked()).at(-1)).toBe("POST /v1/projects/prj_1/rollback/dpl_1");
  });

  test("a rolling release stands at its stage until somebody says yes, and is completed", async () => {
    const at = `${ofProject}/rolling-release`;
    const go = await play([
      ...state("Started", untouched, "dpl_1", none),
      stub("PATCH", `${at}/config`, {}, "Started"),
      stub("POST", `${at}/start`, {}, "Started", "at 10"),
      ...state("at 10", untouched, "dpl_1", rollingAt(0)),
      stub("POST", `${at}/approve-stage`, {}, "at 10", "at 50"),
      ...state("at 50", untouched, "dpl_1", rollingAt(1)),
      stub("POST", `${at}/complete`, {}, "at 50", "complete"),
      ...state("complete", untouched, "dpl_2", none),
    ]);
    const canary = {
      steps: [
        { weight: 10, pause: "approval" },
        { weight: 50, pause: 0 },
      ],
      bake: 0,
    } as const;
    const staged = rollout({ name: "canary", ...canary });
    expect(await go(staged)).toMatchObject({ asks: expect.stringContaining("10 %"), weight: 10 });
    expect(await go(staged, "advance", { ...plainFacts, approved: [10], sinceShift: 60_000 })).toEqual({
      phase: "succeeded",
    });
    expect((await asked()).slice(1)).toEqual([
      `PATCH ${at}/config`,
      `POST ${at}/start`,
      `POST ${at}/approve-stage`,
      `POST ${at}/complete`,
    ]);
  });
});

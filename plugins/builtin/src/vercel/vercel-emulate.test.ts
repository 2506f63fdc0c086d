import { rolloutOf } from "@fairway/conformance";
import type { ReleaseId, RollingOptions, VercelPlacement } from "@fairway/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { emulatedVercel, emulatedVercelToken } from "../../fixtures/emulated-vercel.ts";
import { VercelDouble } from "../../fixtures/vercel/double.ts";
import { outputs, vercelPlacement } from "../../fixtures/vercel/world.ts";
import { guardedFetch } from "../outgoing/guarded-fetch.ts";
import { vercelApi } from "./vercel-api.ts";
import { deploymentById, deploymentsOf, makeDeployment } from "./vercel-deployments.ts";
import { lookAtVercel } from "./vercel-look.ts";
import { missingOf, variablesOf } from "./vercel-variables.ts";

const rolling: RollingOptions = { name: "rolling", minimumHealthyPercent: 100, maximumPercent: 200 };

let emulator: Awaited<ReturnType<typeof emulatedVercel>>;
let bundles: ReturnType<typeof outputs>;
beforeAll(async () => {
  emulator = await emulatedVercel();
  bundles = outputs();
});
afterAll(async () => {
  bundles.remove();
  await emulator.close();
});

// It has projects, files, deployments and variables; what leads a domain somewhere is the double's alone.
test("an emulator of somebody else takes the files and the deployment, and finds it by its marks", async () => {
  const placement: VercelPlacement = {
    ...vercelPlacement(new VercelDouble(), { api: emulator.url, team: "blocks", needs: ["DATABASE_URL"] }),
  };
  const outgoing = guardedFetch({ allowPrivate: ["127.0.0.1/32", "::1/128"] });
  const api = vercelApi(placement, { outgoing, secret: async () => emulatedVercelToken });
  const rollout = rolloutOf({ from: null, to: "r1" as ReleaseId, desired: 1, strategy: rolling });
  const look = await lookAtVercel(api, { ...placement, domains: ["blockbuilders.app"] });
  if ("refused" in look) throw new Error(look.refused);
  expect(look).toMatchObject({ addresses: { "blockbuilders.app": null }, request: null, rolling: null });
  const variables = await variablesOf(api, look.projectId, placement);
  if ("refused" in variables) throw new Error(variables.refused);
  expect(missingOf(placement, variables)).toEqual(["DATABASE_URL"]);
  expect(await deploymentsOf(api, look.projectId, rollout)).toEqual([]);
  const bundle = { directory: bundles.folderOf("r1"), sha: "c0ffee", env: { GIT_SHA: "c0ffee" }, variables: "v1" };
  const made = await makeDeployment(api, placement, rollout, bundle);
  expect(made).toEqual({ id: expect.stringMatching(/^dpl_/u) });
  const id = "id" in made ? made.id : "";
  await expect.poll(() => deploymentById(api, id), { timeout: 30_000 }).toMatchObject({ state: "READY" });
  expect(await deploymentById(api, id)).toMatchObject({ meta: { fairwayRelease: "r1", GIT_SHA: "c0ffee" } });
  expect(await deploymentsOf(api, look.projectId, rollout)).toMatchObject([{ id }]);
  await outgoing.close();
}, 60_000);

import { afterAll, beforeAll, expect, test } from "vitest";
import type { Fairway } from "./support/fairway-under-test.ts";
import { openFairway } from "./support/fairway-under-test.ts";
import type { Files } from "./support/git-project.ts";
import { configFile } from "./support/git-project.ts";
import { isAlive } from "./support/leak-guard.ts";
import { ask, startLoad } from "./support/requests.ts";
import { stagingOnly, tinyConfig, tinyService } from "./support/tiny-service.ts";
import { assertEnded, stateOf } from "./support/watch-run.ts";

let fairway: Fairway;

const project = (...names: readonly string[]): Files => ({
  ...Object.fromEntries(names.map((name) => [`${name}/server.mjs`, tinyService({ says: name })])),
  ...configFile({
    name: "shop",
    services: Object.fromEntries(names.map((path) => [path, tinyConfig({ path })])),
    environments: stagingOnly(),
  }),
});

beforeAll(async () => {
  fairway = await openFairway(project("web", "coupons"));
  assertEnded(await fairway.release(), "succeeded");
});

afterAll(() => fairway?.end());

test("a service that a commit takes away is ended once the rest has moved", async () => {
  const { pid } = await ask(fairway, "coupons.staging.localhost");
  const load = startLoad(fairway, "web.staging.localhost");
  const deployed = await fairway.ship("No more coupons", { "coupons/server.mjs": null, ...project("web") });
  const served = await load.stop();

  assertEnded(deployed, "succeeded");
  expect(stateOf(deployed, "retire")).toBe("succeeded");
  expect(served.failures).toEqual([]);
  expect(isAlive(pid)).toBe(false);
  await expect(ask(fairway, "coupons.staging.localhost")).rejects.toThrow("status 404");
  expect((await fairway.status()).environments[0]?.services.map(({ name }) => name)).toEqual(["web"]);
});

test("a rollback brings it back", async () => {
  const back = await fairway.client.call("rollback", { environment: "staging", release: null, by: "ada" });
  assertEnded(await fairway.settled(back), "succeeded");
  expect(await ask(fairway, "coupons.staging.localhost")).toMatchObject({ says: "coupons", release: "r1" });
  await fairway.assertHealthy();
});

import { memoryHost, memoryRouter, rolloutOf, specOf } from "@fairway/conformance";
import { expect, test } from "vitest";
import type { ReleaseId } from "../ids.ts";
import { driven } from "./driven.ts";
import { previewRules } from "./newcomer.ts";
import type { Facts, StrategyOptions } from "./strategy.ts";
import { plainFacts } from "./strategy.ts";

const [old, fresh] = ["r1" as ReleaseId, "r2" as ReleaseId];
const rules = [
  { host: "shop.test", path: "/api" },
  { host: "*", path: "/" },
];

function world(strategy: StrategyOptions) {
  const host = memoryHost();
  const router = memoryRouter();
  const target = driven({
    host,
    router,
    route: { name: "test/api", rules, internalPath: "/test/api", health: { path: "/", interval: 1, timeout: 1 } },
    specOf: async (release, ordinal) => specOf(release, ordinal),
    stop: { drain: 0, grace: 0 },
    lookAgain: 1,
  });
  const rollout = (from: ReleaseId | null, to: ReleaseId) => rolloutOf({ from, to, desired: 2, strategy });
  return {
    router,
    /** Looks until it ends or until somebody must make the checks. */
    async advance(to: ReleaseId, facts: Partial<Facts> = {}) {
      for (let looks = 0; looks < 100; looks++) {
        const progress = await target.advance(rollout(to === old ? null : old, to), { ...plainFacts, ...facts });
        if (progress.phase !== "moving" || progress.wants !== undefined) return progress;
        host.tick();
      }
      throw new Error("it never ended");
    },
    abort: () => target.abort(rollout(old, fresh)),
    host,
  };
}

const releases = (made: ReturnType<typeof world>, name: string): readonly string[] =>
  (made.router.table.routes[name]?.groups ?? []).filter(({ weight }) => weight > 0).map(({ release }) => release);

test.each<StrategyOptions>([
  { name: "blue-green", bake: 0, preview: true, verifyFirst: true },
  { name: "canary", steps: [{ weight: 10, pause: 0 }], bake: 0, preview: true, verifyFirst: true },
])("a $name that is checked first waits with its new replicas on the preview alone", async (strategy) => {
  const made = world(strategy);
  await made.advance(old);
  expect(Object.keys(made.router.table.routes)).toEqual(["test/api"]);
  expect(await made.advance(fresh, { candidateChecks: "pending" })).toMatchObject({ wants: "checks" });
  expect([releases(made, "test/api"), releases(made, "test/api~preview")]).toEqual([["r1"], ["r2"]]);
  expect(made.router.table.routes["test/api~preview"]).toMatchObject({
    rules: [{ host: "preview.shop.test", path: "/api" }],
    internalPath: "/test/api~preview",
  });
  expect(await made.advance(fresh)).toEqual({ phase: "succeeded" });
  expect(Object.keys(made.router.table.routes)).toEqual(["test/api"]);
  expect(releases(made, "test/api")).toEqual(["r2"]);
});

test("a release that failed its checks is taken off its preview, and nobody else met it", async () => {
  const made = world({ name: "blue-green", bake: 0, verifyFirst: true });
  await made.advance(old);
  await made.advance(fresh, { candidateChecks: "pending" });
  expect(made.router.table.routes["test/api~preview"]?.rules).toEqual([]);
  while ((await made.abort()).phase === "moving") made.host.tick();
  expect(Object.keys(made.router.table.routes)).toEqual(["test/api"]);
  expect(releases(made, "test/api")).toEqual(["r1"]);
});

test("an audience is told as long as the new release has not all traffic, and on no way back", async () => {
  const audience = { sticky: true, match: { cookies: { beta: "1" } } };
  const made = world({ name: "linear", step: 50, every: 10, bake: 0, ...audience });
  await made.advance(old);
  expect(made.router.table.routes["test/api"]?.audience).toBeUndefined();
  const seen: unknown[] = [];
  const { write } = made.router;
  made.router.write = (table) => (seen.push(table.routes["test/api"]?.audience), write(table));
  await made.advance(fresh, { sinceShift: 10 });
  expect(seen).toContainEqual({ release: "r2", ...audience });
  expect(seen.at(-1)).toBeUndefined();
  seen.length = 0;
  while ((await made.abort()).phase === "moving") made.host.tick();
  expect(seen.filter((told) => told !== undefined)).toEqual([]);
});

test("a preview is where it was said to be, and else before each name", () => {
  expect(previewRules("new.shop.test", rules)).toEqual([{ host: "new.shop.test", path: "/" }]);
  expect(previewRules(true, rules)).toEqual([{ host: "preview.shop.test", path: "/api" }]);
  expect(previewRules(undefined, rules)).toEqual([]);
});

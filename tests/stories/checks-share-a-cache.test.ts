import { createRequire } from "node:module";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Run } from "@fairway/api";
import type { Fairway } from "./support/fairway-under-test.ts";
import { openFairway } from "./support/fairway-under-test.ts";
import { stagingOnly, webProject } from "./support/tiny-service.ts";
import { assertEnded } from "./support/watch-run.ts";

const turbo = createRequire(new URL("../../packages/workflow/package.json", import.meta.url)).resolve(
  "turbo/bin/turbo",
);
const environments = stagingOnly();

let fairway: Fairway;

beforeAll(async () => {
  const checks = {
    turbo: `node ${turbo} run build --no-daemon --no-update-notifier`,
    told: "node told.mjs",
  };
  fairway = await openFairway({
    ...webProject({}, { service: { checks }, environments }),
    "web/package.json": JSON.stringify({ name: "web", packageManager: "npm@10.0.0", workspaces: ["site"] }),
    "web/package-lock.json": JSON.stringify({ name: "web", lockfileVersion: 3, packages: {} }),
    "web/turbo.json": JSON.stringify({ tasks: { build: { outputs: ["dist/**"] } } }),
    "web/site/package.json": JSON.stringify({
      name: "site",
      version: "1.0.0",
      scripts: { build: "mkdir -p dist && echo made > dist/out.txt" },
    }),
    "web/told.mjs":
      "for (const n of ['TURBO_API', 'TURBO_TOKEN', 'NX_SELF_HOSTED_REMOTE_CACHE_SERVER']) console.log(n, process.env[n] ?? 'none');",
  });
});

afterAll(() => fairway?.end());

/** What a check of the newest release wrote. */
async function said(check: string): Promise<string> {
  const newest = (await fairway.client.call("runs", {})).find(({ kind }) => kind === "release") as Run | undefined;
  const lines: string[] = [];
  for await (const { text } of fairway.client.stream("logs", { run: newest?.id ?? "", job: `check:web/${check}` }))
    lines.push(text);
  return lines.join("\n");
}

test("what one release's check made, the next one's takes from the daemon", async () => {
  assertEnded(await fairway.release(), "succeeded");
  expect(await said("turbo")).toContain("cache miss");
  assertEnded(await fairway.ship("Say something else", { "web/README.md": "hello\n" }), "succeeded");
  expect(await said("turbo")).toContain("FULL TURBO");
});

test("the address is told, and nobody reads the token in a log", async () => {
  expect(await said("told")).toBe(
    `TURBO_API ${fairway.client.url}\nTURBO_TOKEN ***\nNX_SELF_HOSTED_REMOTE_CACHE_SERVER ${fairway.client.url}`,
  );
});

test("without a token the caches are nobody's", async () => {
  expect((await fetch(`${fairway.client.url}/v8/artifacts/status`)).status).toBe(401);
  expect((await fetch(`${fairway.client.url}/v1/cache/abc`, { method: "PUT", body: "x" })).status).toBe(401);
});

test("a daemon that was told to keep none tells checks of none", async () => {
  await fairway.kill("SIGTERM");
  await fairway.start({ cacheLimit: 0 });
  assertEnded(await fairway.ship("Check again", { "web/README.md": "hello again\n" }), "succeeded");
  expect(await said("told")).toBe("TURBO_API none\nTURBO_TOKEN none\nNX_SELF_HOSTED_REMOTE_CACHE_SERVER none");
  expect((await fetch(`${fairway.client.url}/v8/artifacts/status`)).status).toBe(404);
});

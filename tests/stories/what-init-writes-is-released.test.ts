import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { commandLine } from "./support/command-line.ts";
import type { Fairway } from "./support/fairway-under-test.ts";
import { openFairway } from "./support/fairway-under-test.ts";
import { fetchFrom } from "./support/requests.ts";
import { assertEnded } from "./support/watch-run.ts";

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** An npm workspace as people have them: what a member imports is a link in the root's node_modules. */
const workspace = {
  "package.json": json({ name: "shop", private: true, workspaces: ["apps/*", "packages/*"] }),
  "package-lock.json": json({
    name: "shop",
    lockfileVersion: 3,
    requires: true,
    packages: {
      "": { name: "shop", workspaces: ["apps/*", "packages/*"] },
      "apps/docs": { version: "1.0.0", dependencies: { "@shop/words": "1.0.0" } },
      "node_modules/@shop/words": { resolved: "packages/words", link: true },
      "node_modules/docs": { resolved: "apps/docs", link: true },
      "packages/words": { name: "@shop/words", version: "1.0.0" },
    },
  }),
  ".gitignore": "node_modules\n",
  "apps/docs/package.json": json({
    name: "docs",
    version: "1.0.0",
    type: "module",
    scripts: { start: "node server.js" },
    dependencies: { "@shop/words": "1.0.0" },
  }),
  "apps/docs/server.js": `
    import { createServer } from "node:http";
    import { greeting } from "@shop/words";
    createServer((request, response) => response.end(greeting)).listen(process.env.PORT, process.env.HOST);
  `,
  "packages/words/package.json": json({ name: "@shop/words", version: "1.0.0", type: "module", exports: "./index.js" }),
  "packages/words/index.js": 'export const greeting = "hello from the workspace";\n',
};

let fairway: Fairway;
beforeAll(async () => {
  fairway = await openFairway(workspace);
});
afterAll(() => fairway?.end());

test("a member of a workspace is released with what the workspace installs for it, as init wrote it", async () => {
  const { code, out, err } = await commandLine(fairway.project.path, fairway.data, "init");
  expect([code, err]).toEqual([0, ""]);
  expect(out).toContain("wrote fairway.yaml\n  docs  apps/docs, by its package.json\n");
  expect(await readFile(join(fairway.project.path, "fairway.yaml"), "utf8")).toContain("output: ../..");
  await fairway.project.commit("Fairway");
  assertEnded(await fairway.release(), "succeeded");
  expect(await fetchFrom(fairway, "docs.staging.localhost", "/")).toMatchObject({
    status: 200,
    body: "hello from the workspace",
  });
});

test("the command says where the release answers, and how it goes further", async () => {
  await fairway.project.commit("Again");
  const { code, out } = await commandLine(fairway.project.path, fairway.data, "release");
  expect(code).toBe(0);
  expect(out).toMatch(/staging answers at\n {2}http:\/\/docs\.staging\.localhost:\d+\/\n/);
  expect(out).toContain("→ take it further with: fairway promote production");
});

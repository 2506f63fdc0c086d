import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Fairway } from "./support/fairway-under-test.ts";
import { openFairway } from "./support/fairway-under-test.ts";
import type { Files } from "./support/git-project.ts";
import { configFile } from "./support/git-project.ts";
import { ask } from "./support/requests.ts";
import { stagingOnly, tinyConfig, tinyService } from "./support/tiny-service.ts";
import { assertEnded } from "./support/watch-run.ts";

let fairway: Fairway;

beforeAll(async () => {
  fairway = await openFairway({});
});

afterAll(() => fairway?.end());

/** Two services; each build writes its name down. */
function shop(record: string, says: string): Files {
  const build = (name: string): string =>
    `import { appendFileSync } from "node:fs";\nappendFileSync(${JSON.stringify(record)}, "${name}\\n");\n`;
  const service = (path: string): ReturnType<typeof tinyConfig> =>
    tinyConfig({
      path,
      build: { commands: ["node build.mjs"], inputs: [path] },
      checks: { test: "node --check server.mjs" },
    });
  return {
    "web/server.mjs": tinyService({ says }),
    "web/build.mjs": build("web"),
    "prices/server.mjs": tinyService({ says: "prices" }),
    "prices/build.mjs": build("prices"),
    ...configFile({
      name: "shop",
      services: { web: service("web"), prices: service("prices") },
      environments: stagingOnly(),
    }),
  };
}

test("only what a commit changed is checked and built; the rest is the same artifact", async () => {
  const record = join(fairway.place, "built");
  assertEnded(await fairway.ship("Begin", shop(record, "one")), "succeeded");
  assertEnded(await fairway.ship("Change the web", shop(record, "two")), "succeeded");

  expect((await readFile(record, "utf8")).trim().split("\n").toSorted()).toEqual(["prices", "web", "web"]);
  const [second, first] = await fairway.client.call("releases", {});
  const part = (release: typeof first, name: string) => release?.parts.find(({ service }) => service === name);
  expect(part(second, "prices")).toEqual({ ...part(first, "prices"), takenFrom: "r1" });
  expect(part(second, "web")?.takenFrom).toBeNull();
  expect(part(second, "web")?.artifact).not.toBe(part(first, "web")?.artifact);
  const runs = await fairway.client.call("runs", {});
  const { jobs } = await fairway.client.call("run", { run: runs.find(({ kind }) => kind === "release")?.id ?? "" });
  expect(jobs.map(({ name }) => name)).toEqual(["prepare:web", "check:web/test", "build:web", "release"]);
});

test("a service that is taken over runs the new release too, so that it knows its commit", async () => {
  const sha = await fairway.project.git("rev-parse", "HEAD");
  for (const service of ["web", "prices"])
    expect(await ask(fairway, `${service}.staging.localhost`)).toMatchObject({ service, sha, release: "r2" });
});

test("a commit that changes nothing a service depends on builds nothing at all", async () => {
  const record = join(fairway.place, "built");
  assertEnded(await fairway.ship("Write a page", { "README.md": "# Shop\n" }), "succeeded");
  expect((await readFile(record, "utf8")).trim().split("\n")).toHaveLength(3);
  expect(await ask(fairway, "web.staging.localhost")).toMatchObject({ says: "two", release: "r3" });
});

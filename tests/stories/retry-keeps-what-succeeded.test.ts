import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Fairway } from "./support/fairway-under-test.ts";
import { by, openFairway } from "./support/fairway-under-test.ts";
import { webProject } from "./support/tiny-service.ts";
import { assertEnded, reasonsOf, stateOf } from "./support/watch-run.ts";

let fairway: Fairway;

beforeAll(async () => {
  fairway = await openFairway({});
});

afterAll(() => fairway?.end());

/** A check that writes down each time it is asked, and the first time says no if it is `flaky`. */
const check = (record: string): string => `import { appendFileSync, readFileSync } from "node:fs";
const [name] = process.argv.slice(2);
appendFileSync(${JSON.stringify(record)}, name + "\\n");
const asked = readFileSync(${JSON.stringify(record)}, "utf8").split("\\n").filter((line) => line === name).length;
if (name === "flaky" && asked === 1) { console.log("the moon was in the wrong place"); process.exit(1); }
`;

test("a check that fails once stops the release; a retry asks only that one again, and goes on to staging", async () => {
  const record = join(fairway.place, "asked");
  const checks = { steady: "node check.mjs steady", flaky: "node check.mjs flaky" };
  const failed = await fairway.ship("Begin", {
    "web/check.mjs": check(record),
    ...webProject({}, { service: { checks } }),
  });
  assertEnded(failed, "failed");
  expect(reasonsOf(failed)).toContain("node check.mjs flaky ended with exit code 1");
  expect(reasonsOf(failed)).toContain("the moon was in the wrong place");
  expect(stateOf(failed, "check:web/steady")).toBe("succeeded");
  expect(await fairway.client.call("releases", {})).toEqual([]);

  await fairway.client.call("retry", { run: failed.id, by });
  const retried = await fairway.settled(failed);
  assertEnded(retried, "succeeded");
  expect(retried.jobs.map(({ name, attempt }) => [name, attempt])).toEqual(
    expect.arrayContaining([
      ["check:web/steady", 1],
      ["check:web/flaky", 2],
    ]),
  );
  expect((await readFile(record, "utf8")).trim().split("\n").toSorted()).toEqual(["flaky", "flaky", "steady"]);
  const [deployment = ""] = retried.next;
  assertEnded(await fairway.settled({ id: deployment }), "succeeded");
});

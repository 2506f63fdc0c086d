import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { commandLine } from "./support/command-line.ts";
import type { Fairway } from "./support/fairway-under-test.ts";
import { by, openFairway } from "./support/fairway-under-test.ts";
import { hostileBranches, hostileMessages, impossibleRefs } from "./support/hostile-words.ts";
import { refusal } from "./support/refusal.ts";
import { ask } from "./support/requests.ts";
import { webProject } from "./support/tiny-service.ts";
import { assertEnded } from "./support/watch-run.ts";

let fairway: Fairway;

beforeAll(async () => {
  fairway = await openFairway(webProject({}, { service: { build: { inputs: ["web"] } } }));
  assertEnded(await fairway.release(), "succeeded");
});

const nothingWasRun = async (): Promise<void> => {
  await fairway.assertHealthy();
  expect(["project", "data", ""].filter((folder) => existsSync(join(fairway.place, folder, "pwned")))).toEqual([]);
  expect(await ask(fairway, "web.staging.localhost")).toMatchObject({ says: "hello" });
};

afterEach(nothingWasRun);

afterAll(() => fairway?.end());

const make = (ref: string) => fairway.client.call("makeRelease", { ref, by, deploy: false });
const newest = async () => (await fairway.client.call("releases", { limit: 1 }))[0];

test("branches with hostile names are released like any other, and their names are kept as they are", async () => {
  for (const name of hostileBranches) {
    await fairway.project.git("update-ref", `refs/heads/${name}`, "HEAD");
    assertEnded(await fairway.settled(await make(`refs/heads/${name}`)), "succeeded");
    expect((await newest())?.revision.ref).toBe(name);
  }
});

test("what names no revision is refused, whatever it looks like", async () => {
  const before = await newest();
  for (const ref of impossibleRefs) {
    const { code, message } = await refusal(make(ref));
    // No text at all is refused before anybody looks for it.
    const isText = !ref.includes("\u0000");
    expect([ref, code]).toEqual([ref, isText ? "revision_not_found" : "bad_request"]);
    expect(message).toContain(isText ? JSON.stringify(ref) : "ref has a NUL character");
  }
  expect(await newest()).toEqual(before);
});

test("hostile commit messages are kept, shown without harm, and run nothing", async () => {
  for (const message of hostileMessages) {
    await fairway.project.commit(message);
    assertEnded(await fairway.settled(await make("HEAD")), "succeeded");
  }
  const [, , , , escapes] = (await fairway.client.call("releases", { limit: hostileMessages.length })).toReversed();
  expect(escapes?.revision.subject).toContain("red");

  for (const words of [
    ["releases"],
    ["runs"],
    ["status"],
    ["run", "show", (await fairway.client.call("runs", {}))[0]?.id ?? ""],
  ]) {
    const { code, out, err } = await commandLine(fairway.project.path, fairway.data, ...words);
    expect([words[0], code, err]).toEqual([words[0], 0, ""]);
    // oxlint-disable-next-line no-control-regex -- control characters are what must not be there
    expect(out).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/u);
  }
  const { code, out } = await commandLine(fairway.project.path, fairway.data, "releases", "--json");
  expect([code, (JSON.parse(out) as unknown[]).length > 0]).toEqual([0, true]);
});

test("a subject of 10 kB does not reach every list of runs at full length", async () => {
  const runs = await fairway.client.call("runs", { limit: 50 });
  expect(Math.max(...runs.map(({ title }) => title.length))).toBeLessThan(1000);
});

import { chmod, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { commandLine } from "./support/command-line.ts";
import type { Fairway } from "./support/fairway-under-test.ts";
import { openFairway } from "./support/fairway-under-test.ts";
import { ask } from "./support/requests.ts";
import { twoEnvironments, webProject } from "./support/tiny-service.ts";
import { assertEnded, reasonsOf } from "./support/watch-run.ts";

let fairway: Fairway;
const environments = twoEnvironments();
const locked = { name: "web", lockfileVersion: 3, packages: { "node_modules/left-pad": { version: "1.3.0" } } };

beforeAll(async () => {
  const files = webProject({ says: "one" }, { environments });
  fairway = await openFairway({ ...files, "package-lock.json": JSON.stringify(locked) });
});

afterAll(() => fairway?.end());

const cli = (...words: readonly string[]): ReturnType<typeof commandLine> =>
  commandLine(fairway.project.path, fairway.data, ...words);

/** The file of that name in the stored artifact of a release's only service. */
async function storedFile(release: string, name: string): Promise<string> {
  const { parts } = await fairway.client.call("release", { release });
  const digest = parts[0]?.artifact.slice("sha256:".length) ?? "";
  const found = await readdir(join(fairway.data, "artifacts"), { recursive: true });
  const [path = ""] = found.filter((one) => one.includes(digest) && one.endsWith(`/${name}`));
  return join(fairway.data, "artifacts", path);
}

test("a release is signed as it is made, and says what it is made of", async () => {
  assertEnded(await fairway.release(), "succeeded");
  const verified = await cli("release", "verify", "r1");
  expect(verified).toMatchObject({ code: 0, err: "" });
  expect(verified.out).toContain("r1 is what was signed");
  expect((await cli("release", "show", "r1")).out).toContain("built for it");
  const sbom = JSON.parse((await cli("release", "sbom", "r1", "web")).out) as { components: { purl: string }[] };
  expect(sbom.components.map(({ purl }) => purl)).toEqual(["pkg:npm/left-pad@1.3.0"]);
});

test("two releases are compared by service, setting and commit", async () => {
  assertEnded(await fairway.ship("Say two", webProject({ says: "two" }, { environments })), "succeeded");
  const { code, out } = await cli("release", "diff", "r1", "r2");
  expect(code).toBe(0);
  expect(out).toMatch(/web +changed/u);
  expect(out).toContain("Say two");
});

test("a byte changed in the store is named, and what was changed does not go on to production", async () => {
  const file = await storedFile("r2", "server.mjs");
  await chmod(file, 0o600);
  await writeFile(file, "// somebody was here\n");

  const verified = await cli("release", "verify", "r2");
  expect(verified.code).toBe(1);
  expect(verified.out).toContain("server.mjs of artifact sha256:");
  const run = await fairway.settled(await fairway.approve(await fairway.promote()));
  assertEnded(run, "failed");
  expect(reasonsOf(run)).toContain("r2 is not what was signed: artifact of web");
});

test("what ran goes on running", async () => {
  expect(await ask(fairway, "web.staging.localhost")).toMatchObject({ says: "two", release: "r2" });
  await fairway.assertHealthy();
});

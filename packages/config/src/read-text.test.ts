import { chmodSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { needs } from "../../../tools/skips.ts";
import { readCompose } from "./compose/read-compose.ts";
import { loadProject } from "./load.ts";
import { formatProblems } from "./problems.ts";
import { testRepository } from "./test-repository.ts";

const told = async (root: string): Promise<string> => {
  const loaded = await loadProject(root);
  return loaded.ok ? "" : formatProblems(loaded.problems);
};

test("a file in another encoding is told at its first wrong character, and one with U+FFFD of its own is read", async () => {
  const root = testRepository({}, onTestFinished);
  const before = "name: shop # \uFFFD is a character\nservices:\n  web: { run: x, env: { CAFE: ";
  const bytes = Buffer.concat([Buffer.from(`${before}caf`), Buffer.from([0xe9]), Buffer.from(" } }\n")]);
  writeFileSync(join(root, "fairway.yaml"), bytes);
  expect(await told(root)).toBe(
    "fairway.yaml:3:34 the configuration must be UTF-8, and what is here is not\n    save it as UTF-8",
  );
  writeFileSync(join(root, "compose.yaml"), bytes);
  expect(readCompose(root)).toMatchObject({ ok: false, problems: [{ file: "compose.yaml", line: 3, column: 34 }] });
});

test("a file that leads to itself is told like any other problem", async () => {
  const root = testRepository({}, onTestFinished);
  symlinkSync("fairway.yaml", join(root, "fairway.yaml"));
  expect(await told(root)).toContain("fairway.yaml:1:1 the configuration cannot be read: ELOOP");
});

test.skipIf(!needs("not-root"))("a file that we may not read is told like any other problem", async () => {
  const root = testRepository({ "fairway.yaml": "name: a\n" }, onTestFinished);
  chmodSync(join(root, "fairway.yaml"), 0);
  expect(await told(root)).toContain("fairway.yaml:1:1 the configuration cannot be read: EACCES");
});

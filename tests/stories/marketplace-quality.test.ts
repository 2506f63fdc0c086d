import { cp, readFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import type { Run } from "@fairway/api";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { needs } from "../../tools/skips.ts";
import type { Fairway } from "./support/fairway-under-test.ts";
import { openFairway } from "./support/fairway-under-test.ts";
import { assertEnded } from "./support/watch-run.ts";

const repository = join(import.meta.dirname, "../..");
const example = join(repository, "examples/marketplace");
const path = process.env["PATH"] ?? "";

/** With the tools of a user on the daemon's PATH, as they would be on theirs. */
describe.skipIf(!needs("quality-tools", "python3"))("the market with a team's own tools", () => {
  let fairway: Fairway;

  beforeAll(async () => {
    process.env["PATH"] = [join(repository, ".cache/quality-tools/bin"), path].join(delimiter);
    fairway = await openFairway({});
    const copied = (source: string): boolean => !/[/](?:\.demo|node_modules|dist|artifacts|cache)$/u.test(source);
    await cp(example, fairway.project.path, { recursive: true, filter: copied });
    await fairway.project.write({
      "fairway.base.ts": await readFile(join(example, "fairway.config.ts"), "utf8"),
      "fairway.config.ts": await readFile(join(example, ".demo/quality/files/fairway.config.ts"), "utf8"),
    });
  });

  afterAll(async () => {
    process.env["PATH"] = path;
    await fairway?.end();
  });

  /** The release run alone: what it deploys is for other stories. */
  async function checked(message: string, files: Readonly<Record<string, string>> = {}): Promise<Run> {
    const ref = await fairway.project.commit(message, files);
    return fairway.settled(await fairway.client.call("makeRelease", { ref, by: "ada", deploy: false }));
  }

  const stateOf = (run: Run, name: string): string | undefined => run.jobs.find((job) => job.name === name)?.state;

  test("Ruff, pytest, ESLint, the TypeScript compiler and Hardhat say yes to every service", async () => {
    const run = await checked("Open the market");
    assertEnded(run, "succeeded");
    const { results, notRun } = await fairway.client.call("checks", { run: run.id });
    expect(notRun).toEqual([]);
    expect(results.map(({ job, verdict, errors }) => `${job} ${verdict} ${errors}`).toSorted()).toEqual([
      "check:api-gateway/eslint passed 0",
      "check:catalog/eslint passed 0",
      "check:catalog/migrations passed 0",
      "check:contracts/compile passed 0",
      "check:frontend/eslint passed 0",
      "check:frontend/types passed 0",
      "check:inference/lint passed 0",
      "check:inference/test passed 0",
      "check:websocket/eslint passed 0",
    ]);
  });

  test("what each of them finds is shown in one form, with its place in the repository", async () => {
    const money = await readFile(join(example, "frontend/src/money.mjs"), "utf8");
    const owned = await readFile(join(example, "contracts/src/Owned.sol"), "utf8");
    const run = await checked("Break things", {
      "services/websocket/extra.mjs": "var late = 1;\n",
      "frontend/src/money.mjs": `${money}export const wrong = money("1").nothing;\n`,
      "services/inference/extra.py": "import os\n",
      "services/inference/tests/test_extra.py": "def test_sum():\n    assert 1 + 1 == 3\n",
      "contracts/src/Owned.sol": owned.replace(/\}\s*$/u, "    uint256 private wrong = nothing;\n}\n"),
    });
    assertEnded(run, "failed");
    const { results } = await fairway.client.call("checks", { run: run.id });
    const found = results.flatMap(({ job, annotations }) =>
      annotations
        .filter(({ severity }) => severity === "error")
        .map(({ file, line, rule }) => `${job} ${file}:${line} ${rule}`),
    );
    const lineOf = (text: string): number => text.trimEnd().split("\n").length;
    expect(found.toSorted()).toEqual(
      [
        `check:contracts/compile contracts/src/Owned.sol:${lineOf(owned)} DeclarationError`,
        `check:frontend/types frontend/src/money.mjs:${lineOf(money) + 1} TS2339`,
        "check:inference/lint services/inference/extra.py:1 F401",
        "check:inference/test services/inference/tests/test_extra.py:2 null",
        "check:websocket/eslint services/websocket/extra.mjs:1 no-unused-vars",
        "check:websocket/eslint services/websocket/extra.mjs:1 no-var",
      ].toSorted(),
    );
    expect(stateOf(run, "build:inference")).not.toBe("succeeded");
  });
});

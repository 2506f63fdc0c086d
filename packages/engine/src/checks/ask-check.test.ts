import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EnvironmentCheck } from "@fairway/core";
import { expect, onTestFinished, test } from "vitest";
import { dataDirectory } from "../data-directory.ts";
import { inMemoryAttempt } from "../durable/in-memory.ts";
import type { Places } from "../rollouts/places.ts";
import { asJson } from "../stages/release-run.ts";
import type { Asked } from "./ask-check.ts";
import { askCheck } from "./ask-check.ts";

/** Asks a command with a folder of its own, in which `file` is what it runs. */
async function ask(script: string, over: Partial<EnvironmentCheck> = {}, retries = 0): Promise<Asked> {
  const folder = mkdtempSync(join(tmpdir(), "fairway-ask-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, "check.sh"), script);
  const check: EnvironmentCheck = {
    name: "shop",
    argv: ["sh", "check.sh"],
    directory: ".",
    env: {},
    timeout: 60_000,
    ...over,
  };
  const attempt = inMemoryAttempt({
    name: "check",
    run: async (running) => ({
      outcome: "succeeded",
      result: asJson(
        await askCheck(
          {
            data: dataDirectory(join(folder, "data")),
            secrets: { lookUp: async () => ({ KEY: "sesame-314" }) },
            places: { commandOf: (argv) => argv } as Places,
          },
          running,
          { check, step: "shop", workspace: folder, env: { KEY: { secret: "KEY" } }, secretsOf: "staging", retries },
        ),
      ),
    }),
  });
  const outcome = await attempt.execute();
  if (outcome.outcome !== "succeeded") throw new Error(outcome.reason);
  return outcome.result as unknown as Asked;
}

const failsOnce =
  "if [ -e was-here ]; then echo 'ok 1 - total'; else touch was-here; echo 'not ok 1 - total'; fi; echo 1..1";

test("what fails and then passes with the same release passes, and is named as flaky", async () => {
  const asked = await ask(failsOnce, { report: { tool: "tap" } }, 1);
  expect(asked).toMatchObject({ status: "passed", flaky: ["total"] });
});

test("what is not asked again says what it said, without secrets", async () => {
  const asked = await ask('echo "not ok 1 - total # $KEY is wrong"; echo "  at: $KEY"; echo 1..1', {
    report: { tool: "tap" },
  });
  expect(asked).toMatchObject({ status: "failed", flaky: [] });
  expect(JSON.stringify(asked)).not.toContain("sesame-314");
});

test("a report that is missing is no data, an exit code alone is an answer", async () => {
  expect(await ask("exit 0", { report: { format: "junit", file: "none.xml" } })).toMatchObject({ status: "no-data" });
  expect(await ask("exit 3")).toMatchObject({ status: "failed", tests: [{ name: "shop", state: "failed" }] });
  expect(await ask("exit 0")).toMatchObject({ status: "passed" });
});

test("the program's own report is read, and without one its end is the answer", async () => {
  const live = { kind: "journey", report: { tool: "fairway-check" } } as const;
  const report = JSON.stringify({
    status: "failed",
    summary: "no",
    tests: [{ name: "a", state: "failed", took: 5, message: "KEY sesame-314" }],
  });
  const asked = await ask(`echo '${report}' > "$2"; exit 1`, live);
  expect(asked).toMatchObject({ status: "failed", tests: [{ name: "a", took: 5 }] });
  expect(JSON.stringify(asked)).not.toContain("sesame-314");
  expect(await ask("exit 3", live)).toMatchObject({ status: "no-data" });
});

test("files that a report names are kept masked, and what is no plain file of bounded size is left out and said to be", async () => {
  const names = ["log.txt", "pipe.txt", "link.txt", "large.txt", "none.txt", "folder.txt", "log.txt"];
  const report = JSON.stringify({
    status: "passed",
    summary: "well",
    tests: [],
    files: names.map((name) => ({ name, type: "text/plain" })),
  });
  const asked = await ask(
    `echo '${report}' > "$2"; cp check.sh outside.txt; cd "$4"; echo "KEY is $KEY" > log.txt; mkfifo pipe.txt
     ln -s "$OLDPWD/outside.txt" link.txt; truncate -s 64M large.txt; mkdir folder.txt`,
    { kind: "journey", report: { tool: "fairway-check" } },
  );
  expect(asked).toMatchObject({ status: "passed", files: [{ name: "log.txt" }] });
  expect(asked.summary.split("\n").toSorted()).toEqual([
    "its file folder.txt is left out: it is not a file",
    "its file large.txt is left out: it is larger than 16 MiB",
    "its file link.txt is left out: it is a link, which is not followed",
    "its file none.txt is left out: the command left none",
    "its file pipe.txt is left out: it is not a file",
    "well",
  ]);
  expect(readdirSync(asked.folder)).toEqual(["log.txt"]);
  const kept = readFileSync(join(asked.folder, "log.txt"), "utf8");
  expect(kept).toContain("KEY is ");
  expect(kept).not.toContain("sesame-314");
});

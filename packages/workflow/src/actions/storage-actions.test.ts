import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { type ServedCaches, servedCaches } from "../caching/testing/served-caches.ts";
import type { JobSurroundings } from "../running/job-surroundings.ts";
import { removeTrials, runTrial, type Trial, type TrialOptions } from "../running/testing/trial-job.ts";

afterAll(removeTrials);

let folder: string;
let served: ServedCaches;
let around: Partial<JobSurroundings>;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "fairway-results-"));
  served = await servedCaches(folder);
  const { actionsEnv, token } = await served.access();
  around = { services: { resultsUrl: actionsEnv["ACTIONS_RESULTS_URL"] ?? "", token } };
});

afterEach(async () => {
  await served.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs a job with files in its workspace. */
async function run(
  job: string,
  files: Readonly<Record<string, string>> = {},
  options: TrialOptions = {},
): Promise<Trial> {
  return runTrial(job, {
    around,
    ...options,
    before: ({ folders }) => {
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(join(folders.workspace, path)), { recursive: true });
        writeFileSync(join(folders.workspace, path), text);
      }
    },
  });
}

const outputs = `outputs: {hit: "\${{ steps.c.outputs.cache-hit }}", matched: "\${{ steps.c.outputs.cache-matched-key }}"}\n`;
const job = (key: string, more = "", step = "run: 'true'"): string =>
  `${outputs}steps:\n  - {id: c, uses: actions/cache@v4, with: {path: "deps\\n~/more", key: ${key}${more}}}\n  - ${step}`;

describe("actions/cache", () => {
  it("saves after the steps and restores in a later job, also below the home folder", async () => {
    const first = await run(job("k1", "", "run: mkdir -p deps ~/more; echo dep > deps/a; echo more > ~/more/b"));
    expect(first.end).toMatchObject({ result: "success", outputs: {} });
    expect(first.host.text("post-1")).toContain("Cache saved with key: k1");
    const second = await run(job("k1", "", "run: cat deps/a"));
    expect(second.end.outputs).toEqual({ hit: "true", matched: "k1" });
    expect(second.host.text("2")).toMatch(/\ndep$/);
    expect(second.host.text("post-1")).toContain("Cache hit occurred on the primary key k1, not saving cache.");
  });

  it("restores by the beginning of a key, which is no hit, and saves its own", async () => {
    await run(job("npm-1"), { "deps/a": "old" });
    const second = await run(job("npm-2", ", restore-keys: npm-"));
    expect(second.end.outputs).toEqual({ hit: "false", matched: "npm-1" });
    expect(readFileSync(join(second.host.folders.workspace, "deps/a"), "utf8")).toBe("old");
    expect(second.host.text("post-1")).toContain("Cache saved with key: npm-2");
  });

  it("saves nothing after a failure", async () => {
    const trial = await run(job("k", "", "run: exit 1"), { "deps/a": "x" });
    expect(trial.end.steps.map(({ key, conclusion }) => `${key} ${conclusion}`)).toEqual([
      "1 success",
      "2 failure",
      "post-1 skipped",
    ]);
  });

  it("fails on a miss when asked to", async () => {
    const trial = await run(job("none", ", fail-on-cache-miss: true"));
    expect(trial.end.result).toBe("failure");
    expect(trial.host.text("1")).toContain("Failed to restore cache entry. Exiting as fail-on-cache-miss is set.");
  });

  it("takes wildcards and leaves out", async () => {
    const paths = 'path: "out/**/*.txt\\n!out/no/**"';
    await run(`steps:\n  - {uses: actions/cache/save@v4, with: {${paths}, key: g}}`, {
      "out/a.txt": "a",
      "out/b.bin": "b",
      "out/no/c.txt": "c",
    });
    const trial = await run(
      `steps:\n  - {uses: actions/cache/restore@v4, with: {${paths}, key: g}}\n  - run: find out -type f`,
    );
    expect(trial.host.text("2")).toMatch(/##\[endgroup\]\nout\/a.txt$/);
  });

  it("does without a server, and with one that is gone", async () => {
    const none = await runTrial(job("k"));
    expect(none.end.result).toBe("success");
    expect(none.host.text("1")).toContain("There is no cache server here");
    const gone = await run(
      job("k"),
      {},
      { around: { services: { resultsUrl: "http://127.0.0.1:1/", token: "a.e30.b" } } },
    );
    expect(gone.end.result).toBe("success");
    expect(gone.host.text("1")).toContain("##[warning]Failed to restore: 127.0.0.1:1 could not be reached");
  });
});

describe("artifacts", () => {
  const upload = (more: string): string => `{uses: actions/upload-artifact@v4, with: {${more}}}`;
  const download = (more = ""): string => `{uses: actions/download-artifact@v4, with: {${more}}}`;
  const shown = (trial: Trial): readonly string[] =>
    trial.host.text().split("##[endgroup]\n").at(-1)?.split("\n") ?? [];

  it("are kept by one job and taken by another, by their paths below what was named", async () => {
    await run(`steps:\n  - ${upload("name: built, path: dist")}`, {
      "dist/a.txt": "a",
      "dist/deep/b.txt": "b",
      "dist/.hidden": "h",
    });
    const trial = await run(
      `steps:\n  - ${download("name: built, path: got")}\n  - run: cd got && find . -type f | sort && cat deep/b.txt`,
    );
    expect(shown(trial)).toEqual(["./a.txt", "./deep/b.txt", "b"]);
  });

  it("are taken all at once, each in a folder of its name, or together", async () => {
    await run(`steps:\n  - ${upload("name: one, path: a.txt")}\n  - ${upload("name: two, path: b.txt")}`, {
      "a.txt": "a",
      "b.txt": "b",
    });
    const apart = await run(`steps:\n  - ${download()}\n  - run: find . -type f | sort`);
    expect(shown(apart)).toEqual(["./one/a.txt", "./two/b.txt"]);
    const together = await run(
      `steps:\n  - ${download("merge-multiple: true, pattern: '{one,two}'")}\n  - run: find . -type f | sort`,
    );
    expect(shown(together)).toEqual(["./a.txt", "./b.txt"]);
    const some = await run(`steps:\n  - ${download("pattern: t*")}\n  - run: find . -type f`);
    expect(shown(some)).toEqual(["./two/b.txt"]);
  });

  it("stand below the folder that all paths share, and may leave some out", async () => {
    await run(`steps:\n  - ${upload('name: x, path: "a/**\\nb/c.txt\\n!a/no.txt"')}`, {
      "a/yes.txt": "",
      "a/no.txt": "",
      "b/c.txt": "",
    });
    const trial = await run(`steps:\n  - ${download("name: x")}\n  - run: find . -type f | sort`);
    expect(shown(trial)).toEqual(["./a/yes.txt", "./b/c.txt"]);
  });

  it("are not replaced, unless that is asked for", async () => {
    const files = { "a.txt": "a", "b.txt": "b" };
    await run(`steps:\n  - ${upload("name: x, path: a.txt")}`, files);
    const again = await run(`steps:\n  - ${upload("name: x, path: b.txt")}`, files);
    expect(again.end.result).toBe("failure");
    expect(again.host.text()).toContain("already exists on the workflow run. Use another name, or `overwrite: true`.");
    const over = await run(`steps:\n  - ${upload("name: x, path: b.txt, overwrite: true")}`, files);
    expect(over.end.result).toBe("success");
  });

  it.each([
    ["warn", "success", "##[warning]No files were found"],
    ["error", "failure", "##[error]No files were found"],
    ["ignore", "success", "\nNo files were found"],
  ])("without files: %s", async (setting, result, text) => {
    const trial = await run(`steps:\n  - ${upload(`name: x, path: nothing, if-no-files-found: ${setting}`)}`);
    expect(trial.end.result).toBe(result);
    expect(trial.host.text()).toContain(text);
  });

  it("that are not there are said to be so", async () => {
    const trial = await run(`steps:\n  - ${download("name: nothing")}`);
    expect(trial.host.text()).toContain("Unable to download artifact(s): Artifact not found for name: nothing");
  });
});

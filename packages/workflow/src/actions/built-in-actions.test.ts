import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runJob } from "../running/run-job.ts";
import { Crash } from "../running/testing/memory-host.ts";
import {
  removeTrials,
  runTrial,
  type Trial,
  trialHost,
  trialInstance,
  type TrialOptions,
  trialSurroundings,
} from "../running/testing/trial-job.ts";
import { builtInActionNames } from "./registry.ts";

afterAll(removeTrials);

const log = (trial: Trial): string => trial.host.text();

it("built-in actions are found whatever their version and spelling", async () => {
  expect(builtInActionNames()).toContain("actions/checkout");
  const trial = await runTrial("steps:\n  - {uses: Amondnet/Vercel-Action@v99, with: {nonsense: 1}}");
  expect(log(trial)).toContain("##[warning]Unexpected input(s) 'nonsense', valid inputs are ['vercel-token', ");
});

describe("actions/checkout", () => {
  let origin: string;
  const shas: string[] = [];
  const git = (...args: readonly string[]): string =>
    execFileSync("git", ["-c", "user.name=T", "-c", "user.email=t@example.com", ...args], {
      cwd: origin,
      encoding: "utf8",
    }).trim();

  beforeAll(() => {
    origin = mkdtempSync(join(tmpdir(), "fairway-origin-"));
    git("init", "-q", "-b", "main", ".");
    for (const text of ["one", "two", "three"]) {
      writeFileSync(join(origin, "file"), text);
      mkdirSync(join(origin, "deep"), { recursive: true });
      writeFileSync(join(origin, "deep/file"), text);
      git("add", ".");
      git("commit", "-q", "-m", text);
      git("tag", text);
      shas.push(git("rev-parse", "HEAD"));
    }
  });

  afterAll(() => rmSync(origin, { recursive: true, force: true }));

  const withOrigin = (options: TrialOptions = {}): TrialOptions => ({
    repository: async ({ ref }) => {
      const sha = ref === undefined ? (shas[2] ?? "") : git("rev-parse", ref);
      return { from: origin, fetch: sha, sha, ...(ref === undefined ? { branch: "main" } : {}) };
    },
    ...options,
  });
  const state = 'git log --format=%s | tr "\\n" " "; cat file; git rev-parse --abbrev-ref HEAD; git tag | tr "\\n" " "';

  it.each([
    ["has one commit on its branch", "", "three three main"],
    ["has all commits and tags when asked", "with: {fetch-depth: 0}", "three two one three main one three two"],
    ["has as many commits as asked", "with: {fetch-depth: 2}", "three two three main"],
    ["is detached at a sha that is no head any more", "with: {ref: two}", "two two HEAD"],
  ])("%s", async (_, more, expected) => {
    const trial = await runTrial(
      `steps:\n  - {uses: actions/checkout@v4, ${more}}\n  - run: ${JSON.stringify(state)}`,
      withOrigin(),
    );
    expect(trial.end.result).toBe("success");
    const shown = log(trial).split("##[endgroup]").at(-1) ?? "";
    expect(shown.replaceAll(/\s+/g, " ").replace("threemain", "three main").replace("twoHEAD", "two HEAD").trim()).toBe(
      expected,
    );
  });

  it("goes into a folder below the workspace, and into no other", async () => {
    const trial = await runTrial(
      "steps:\n  - {uses: actions/checkout@v4, with: {path: a/b}}\n  - {uses: actions/checkout@v4, with: {path: ../x}}",
      withOrigin(),
    );
    expect(trial.conclusions).toEqual(["success", "failure"]);
    expect(readFileSync(join(trial.host.folders.workspace, "a/b/file"), "utf8")).toBe("three");
    expect(log(trial)).toContain("is not under");
  });

  it("goes on after a crash, on another way than before since git knows the folder by then", async () => {
    const job = "steps:\n  - {uses: actions/checkout@v4, with: {clean: false}}\n  - run: cat file";
    const killed = trialHost(withOrigin({ crash: ({ kind }) => kind === "before-record" }));
    await expect(runJob(trialInstance(job), killed, trialSurroundings)).rejects.toBeInstanceOf(Crash);
    const { memory, folder, startedAt } = killed;
    const heir = trialHost(withOrigin({ memory, folder, startedAt }));
    expect((await runJob(trialInstance(job), heir, trialSurroundings)).result).toBe("success");
    expect(heir.text("2").endsWith("three")).toBe(true);
  });

  it("cleans what an earlier checkout left, unless it must not", async () => {
    const trial = await runTrial(
      `
steps:
  - uses: actions/checkout@v4
  - run: touch extra; echo changed > file
  - {uses: actions/checkout@v4, with: {clean: false}}
  - run: test -e extra && test "$(cat file)" = three
  - uses: actions/checkout@v4
  - run: test ! -e extra
`,
      withOrigin(),
    );
    expect(trial.end.result).toBe("success");
  });

  it("has only the folders that were asked for", async () => {
    const trial = await runTrial(
      "steps:\n  - {uses: actions/checkout@v4, with: {sparse-checkout: other}}",
      withOrigin(),
    );
    expect(trial.end.result).toBe("success");
    expect(existsSync(join(trial.host.folders.workspace, "deep"))).toBe(false);
  });

  it("takes a bundle, which is how another user gets the repository", async () => {
    const bundle = join(origin, "all.bundle");
    git("bundle", "create", "-q", bundle, "main");
    const trial = await runTrial("steps:\n  - uses: actions/checkout@v4\n  - run: cat file", {
      repository: async () => ({ from: bundle, fetch: "refs/heads/main", sha: shas[2] ?? "" }),
    });
    expect(log(trial)).toMatch(/\nthree$/);
  });

  it("fails when another commit came than the one that was wanted", async () => {
    const trial = await runTrial("steps:\n  - uses: actions/checkout@v4", {
      repository: async () => ({ from: origin, fetch: "refs/heads/main", sha: shas[0] ?? "" }),
    });
    expect(trial.end.result).toBe("failure");
    expect(log(trial)).toContain(`The commit ${shas[0]} was wanted, but ${shas[2]} was fetched`);
  });

  it("takes what comes where the host does not know the commit, and is on no tag", async () => {
    const trial = await runTrial("steps:\n  - uses: actions/checkout@v4\n  - run: git rev-parse --abbrev-ref HEAD", {
      repository: async () => ({ from: origin, fetch: "refs/tags/two", sha: "", branch: "refs/tags/two" }),
    });
    expect(trial.host.text("2")).toMatch(/\nHEAD$/);
  });

  it("gives the commit as an output", async () => {
    const trial = await runTrial(
      'outputs: {c: "${{ steps.a.outputs.commit }}"}\nsteps:\n  - {id: a, uses: actions/checkout@v4}',
      withOrigin(),
    );
    expect(trial.end.outputs).toEqual({ c: shas[2] });
  });
});

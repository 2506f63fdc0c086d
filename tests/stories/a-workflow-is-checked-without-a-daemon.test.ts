import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { commandLine } from "./support/command-line.ts";

const run = promisify(execFile);
const blockbuilders = join(import.meta.dirname, "../../packages/workflow/fixtures/blockbuilders/ci-cd.yml");

let place: string;
let project: string;

beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), "fairway-story-"));
  project = join(place, "project");
  await mkdir(join(project, ".github/workflows"), { recursive: true });
  await run("git", ["init", "--quiet", project]);
  await cp(blockbuilders, join(project, ".github/workflows/ci-cd.yml"));
});

afterAll(() => rm(place, { recursive: true, force: true }));

const check = (...words: readonly string[]): ReturnType<typeof commandLine> =>
  commandLine(project, join(place, "data"), "workflow", "check", ...words);

interface Told {
  readonly ok: boolean;
  readonly reports: readonly {
    readonly file: string;
    readonly constructs: readonly { readonly mark: string }[];
    readonly faults: readonly { readonly rule: string; readonly patch?: string }[];
  }[];
}

test("every line has a mark, and what will not do what it should is told with its place", async () => {
  const { code, out } = await check();
  expect(code).toBe(0);
  expect(out).toContain(
    ".github/workflows/ci-cd.yml:4:5: a push of `staging` starts this workflow, and no job deploys it",
  );
  expect(out).toContain(".github/workflows/ci-cd.yml:39:15: `role-to-assume` needs a token");
  expect(out).toMatch(/^44 constructs: .* 0 rejected; 0 problems, 19 faults$/mu);
});

test("a suggested patch applies at the root of the repository, and the fault is gone", async () => {
  const told = JSON.parse((await check("--json")).out) as Told;
  const patch = told.reports[0]?.faults.find(({ rule }) => rule === "oidc-without-permission")?.patch ?? "";
  const file = join(place, "suggested.patch");
  await writeFile(file, patch);
  await run("git", ["apply", file], { cwd: project });
  const after = JSON.parse((await check("--json")).out) as Told;
  expect(after.reports[0]?.faults.map(({ rule }) => rule)).not.toContain("oidc-without-permission");
  expect(after.reports[0]?.constructs.length).toBe((told.reports[0]?.constructs.length ?? 0) + 3);
});

test("a file that cannot run ends with 1 and says where, in each form", async () => {
  const bad = join(place, "bad.yml");
  await writeFile(bad, "on: push\njobs:\n  a: { runs-on: windows-latest, colour: red, steps: [{ run: dir }] }\n");
  const text = await check(bad);
  expect(text).toMatchObject({ code: 1, err: "" });
  expect(text.out).toContain("bad.yml:3:33: Unexpected value 'colour'");
  expect(text.out).toMatch(/^3:8 +REJECTED +jobs\.a\.runs-on +this machine runs Linux/mu);
  const sarif = JSON.parse((await check(bad, "--sarif")).out) as {
    readonly runs: readonly { readonly results: readonly object[] }[];
  };
  expect(sarif.runs[0]?.results[0]).toMatchObject({ ruleId: "invalid", level: "error" });
});

test("a file that is not there is told, and nothing else is needed", async () => {
  const { code, err } = await check("nowhere.yml");
  expect(code).toBe(1);
  expect(err).toContain("nowhere.yml cannot be read");
});

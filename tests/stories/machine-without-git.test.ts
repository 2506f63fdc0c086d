import { mkdir, mkdtemp, readdir, realpath, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { commandLine } from "./support/command-line.ts";
import type { Fairway } from "./support/fairway-under-test.ts";
import { by, openFairwayOn } from "./support/fairway-under-test.ts";
import { gitProject } from "./support/git-project.ts";
import { refusal } from "./support/refusal.ts";
import { ask } from "./support/requests.ts";
import { webProject } from "./support/tiny-service.ts";
import { assertEnded } from "./support/watch-run.ts";

let fairway: Fairway;
/** What the daemon finds on its PATH: all that is on ours, but for git and Python. */
let programs: string;
const withheld = new Map<string, string>();

beforeAll(async () => {
  const place = await realpath(await mkdtemp(join(tmpdir(), "fairway-story-")));
  programs = join(place, "programs");
  await mkdir(programs);
  for (const directory of (process.env["PATH"] ?? "").split(delimiter).toReversed())
    for (const name of await readdir(directory).catch(() => [])) {
      if (/^(?:git|python)/.test(name)) {
        withheld.set(name, join(directory, name));
        continue;
      }
      await rm(join(programs, name), { force: true });
      await symlink(join(directory, name), join(programs, name));
    }
  const project = await gitProject(join(place, "project"));
  await project.commit("Begin", webProject({ says: "one" }));
  vi.stubEnv("PATH", programs);
  fairway = await openFairwayOn(project, place);
});

afterAll(() => fairway?.end());

const cli = (...words: readonly string[]): ReturnType<typeof commandLine> =>
  commandLine(fairway.project.path, fairway.data, ...words);

test("without git and Python the daemon starts, and says what cannot be done", async () => {
  const { problems } = await fairway.status();
  expect(problems).toEqual([expect.stringContaining("git is not on the PATH")]);
  expect((await fetch(`${fairway.client.url}/readyz`)).ok).toBe(true);
  const { out } = await cli("status");
  expect(out).toContain("git is not on the PATH");
});

test("what needs git is refused by its name, and the daemon is none the worse", async () => {
  const { code, hint } = await refusal(fairway.client.call("makeRelease", { ref: "HEAD", by }));
  expect(code).toBe("git_missing");
  expect(hint).toContain("git");
  expect((await fetch(`${fairway.client.url}/readyz`)).ok).toBe(true);
});

test("once git is there the same daemon releases, and has nothing to complain of", async () => {
  const git = withheld.get("git") ?? "";
  await symlink(git, join(programs, "git"));
  assertEnded(await fairway.release(), "succeeded");
  expect(await ask(fairway, "web.staging.localhost")).toMatchObject({ says: "one", release: "r1" });
  await fairway.assertHealthy();
});

test("when git is gone again what was released goes on running and can be rolled out again", async () => {
  vi.unstubAllEnvs();
  assertEnded(await fairway.ship("Say two", webProject({ says: "two" })), "succeeded");
  await fairway.kill("SIGTERM");
  await rm(join(programs, "git"));
  vi.stubEnv("PATH", programs);
  const { code, out } = await cli("up", "--port", "0", "--router-port", "0", "--internal-port", "0");
  expect([code, out.includes("git is not on the PATH")]).toEqual([0, true]);
  expect(await ask(fairway, "web.staging.localhost")).toMatchObject({ says: "two", release: "r2" });
  expect(await cli("down")).toMatchObject({ code: 0 });
  await fairway.start();
  await fairway.settled(await fairway.client.call("rollback", { environment: "staging", release: "r1", by }));
  expect(await ask(fairway, "web.staging.localhost")).toMatchObject({ says: "one", release: "r1" });
});

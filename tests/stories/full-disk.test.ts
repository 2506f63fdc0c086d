import { execFileSync, spawnSync } from "node:child_process";
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { needs } from "../../tools/skips.ts";
import type { Fairway } from "./support/fairway-under-test.ts";
import { by, openFairwayOn } from "./support/fairway-under-test.ts";
import { gitProject } from "./support/git-project.ts";
import { endWhatIsLeft, processesOf, until } from "./support/leak-guard.ts";
import { refusal } from "./support/refusal.ts";
import { ask, startLoad } from "./support/requests.ts";
import { webProject } from "./support/tiny-service.ts";
import { assertEnded, stateOf } from "./support/watch-run.ts";

const host = "web.staging.localhost";

describe.skipIf(!needs("tmpfs-mount"))("a disk that fills up while a release is made", () => {
  let fairway: Fairway;
  /** Mounted beside the story's place, which is removed at its end, and reached through a link from there. */
  let disk: string;
  let ballast: string;
  let gate: string;

  beforeAll(async () => {
    const place = await realpath(await mkdtemp(join(tmpdir(), "fairway-story-")));
    disk = await realpath(await mkdtemp(join(tmpdir(), "fairway-disk-")));
    // Room for the database and, above it, the least that Fairway asks for to begin something.
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=640m", "tmpfs", disk]);
    await mkdir(join(disk, "data"), { mode: 0o700 });
    await symlink(join(disk, "data"), join(place, "data"));
    [ballast, gate] = [join(disk, "ballast"), join(place, "gate")];
    const project = await gitProject(join(place, "project"));
    await project.commit("Begin", webProject({ says: "one" }));
    fairway = await openFairwayOn(project, place);
    assertEnded(await fairway.release(), "succeeded");
    assertEnded(await fairway.ship("Say two", webProject({ says: "two" })), "succeeded");
  });

  afterAll(async () => {
    await fairway?.end();
    const left = processesOf(disk);
    await endWhatIsLeft(disk);
    execFileSync("umount", [disk]);
    await rm(disk, { recursive: true });
    if (left.length > 0) throw new Error(`left running: ${left.map(({ command }) => command).join(", ")}`);
  });

  test("stops nothing that runs, refuses what is new in words, and hangs nobody", async () => {
    const waits = `import { existsSync } from "node:fs";\nsetInterval(() => existsSync(${JSON.stringify(gate)}) && process.exit(0), 20);\n`;
    const sha = await fairway.project.commit("Wait in a check", {
      "web/check.mjs": waits,
      ...webProject({ says: "three" }, { service: { checks: { wait: "node check.mjs" } } }),
    });
    const run = await fairway.client.call("makeRelease", { ref: sha, by });
    await fairway.runUntil(run, (now) => stateOf(now, "check:web/wait") === "running");

    const load = startLoad(fairway, host);
    spawnSync("dd", ["if=/dev/zero", `of=${ballast}`, "bs=64k"], { stdio: "ignore" });
    const refused = await refusal(fairway.client.call("makeRelease", { ref: "HEAD", by }));
    expect(refused).toMatchObject({ code: "disk_full", retryable: true });
    expect(refused.message).toContain(fairway.data);

    // What was under way goes on as far as it can be written down.
    await writeFile(gate, "");
    const full = load.answered;
    await until(() => load.answered > full + 200, "requests are answered on a full disk");

    await rm(ballast);
    // It had to end when it could not write its log, or did not: whichever, it is well again by itself.
    const isWell = (): Promise<boolean> =>
      fairway.assertHealthy().then(
        () => true,
        () => false,
      );
    await until(isWell, "the daemon and its database are well again", 60_000);
    const ended = await fairway.settled(run);
    if (ended.state !== "succeeded") await fairway.client.call("retry", { run: run.id, by });
    const released = await fairway.settled(run);
    assertEnded(released, "succeeded");
    assertEnded(await fairway.settled({ id: released.next[0] ?? "" }), "succeeded");
    const served = await load.stop();
    expect(served.failures).toEqual([]);
  });

  test("afterwards everything is there, and works", async () => {
    const releases = await fairway.client.call("releases", {});
    expect(releases.map(({ id }) => id)).toEqual(["r3", "r2", "r1"]);
    expect(await ask(fairway, host)).toMatchObject({ says: "three", release: "r3" });
    await fairway.assertHealthy();
    assertEnded(await fairway.ship("Say four", webProject({ says: "four" })), "succeeded");
    expect(await ask(fairway, host)).toMatchObject({ says: "four", release: "r4" });
  });
});

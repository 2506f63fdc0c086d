import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { Life, watchLives } from "../testing/lives.ts";
import { processesOfCommand } from "./processes.ts";
import { type CommandSpec, runCommand } from "./run-command.ts";

let root: string;
let unwatch: () => void;
/** The code a second time, as another process has it: nothing of the first is in its memory. */
let another: typeof runCommand;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "fairway-killed-"));
  vi.resetModules();
  ({ runCommand: another } = await import("./run-command.ts"));
  unwatch = await watchLives();
}, 120_000);
afterAll(async () => {
  unwatch();
  await rm(root, { recursive: true, force: true });
});

const specIn = (directory: string): CommandSpec => ({
  directory,
  argv: ["/bin/sh", "-c", 'echo started >> "$LEDGER"; echo "one hunter22"; echo two; exit 3'],
  cwd: root,
  env: { LEDGER: `${directory}.ledger` },
  secrets: ["hunter22"],
  timeout: 60_000,
  grace: 1_000,
});

/** At every point, also where only people see what is written, when this is set. */
const points = process.env["FAIRWAY_KILL_POINTS"] === "all" ? /./ : /spawn|\/state\//;

const asItShould = { ended: "exited", code: 3, ledger: "started\n", log: "one ***\ntwo\n", left: 0 };
const sideBySide = 8;

/** Kills who runs the command at a point and lets another ask for it; what came of it, and whether the point was met. */
async function killedAt(point: string, at: number): Promise<{ readonly met: boolean; readonly came: unknown }> {
  const place = join(root, String(at));
  const [victim, heir] = [new Life(place, point), new Life(place)];
  const first = victim.within(() => runCommand(specIn(place)));
  // One that was killed has no end, and what it still says is heard by nobody.
  first.catch(() => {});
  const told = await Promise.race([victim.killed, first]);
  const outcome = told === "killed" ? await heir.within(() => another(specIn(place))) : told;
  await Promise.all([victim.bury(), heir.bury()]);
  return {
    met: told === "killed",
    came: {
      ended: outcome.ended,
      code: "code" in outcome ? outcome.code : null,
      ledger: readFileSync(`${place}.ledger`, "utf8"),
      log: readFileSync(join(place, "log"), "utf8"),
      left: (await processesOfCommand(place, undefined)).length,
    },
  };
}

test("a command whose daemon is killed at any point runs once, with its end and its log whole", async () => {
  const whole = new Life(join(root, "whole"));
  await whole.within(() => runCommand(specIn(join(root, "whole"))));
  await whole.bury();
  const wrong: Record<string, unknown> = {};
  const met: string[] = [];
  const queue = [...whole.passed].filter((point) => points.test(point)).entries();
  const work = async (): Promise<void> => {
    for (const [at, point] of queue) {
      const found = await killedAt(point, at);
      if (found.met) met.push(point);
      if (!isDeepStrictEqual(found.came, asItShould)) wrong[point] = found.came;
    }
  };
  await Promise.all(Array.from({ length: sideBySide }, work));
  expect(wrong).toEqual({});
  expect(met).toEqual(expect.arrayContaining(["before spawn", "after spawn", "after rename /state/plan.json.new"]));
}, 120_000);

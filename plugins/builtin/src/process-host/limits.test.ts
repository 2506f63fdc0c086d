import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { needs } from "../../../../tools/skips.ts";
import type { ProcessWorld } from "../../fixtures/process-world.ts";
import { hasFailed, isReady, processWorld, token } from "../../fixtures/process-world.ts";
import { openControlGroups } from "./control-groups.ts";
import { limitKeeper, notHeld } from "./replica-limits.ts";

const mebibyte = 1024 ** 2;
const noGroups = openControlGroups("none", null);
const hasEnded = (replica: Parameters<typeof hasFailed>[0]): boolean => hasFailed(replica) && !replica.alive;

let world: ProcessWorld;
let told: string[];
beforeEach(() => {
  told = [];
});
afterEach(() => world.close());

const groupsOf = (): readonly string[] =>
  (JSON.parse(readFileSync(join(world.directory, "a.0", "record.json"), "utf8")) as { groups: string[] }).groups;

describe.skipIf(!needs("control-groups"))("where the kernel holds processes to their limits", () => {
  beforeEach(() => {
    world = processWorld({ tell: (message) => told.push(message) });
  });

  test("one that uses more memory than it may is ended, and says so", async () => {
    const { reason } = await world.run(["leaks"], hasEnded, { limits: { memory: 128 * mebibyte } });
    expect(reason).toMatch(/^was ended for using more than 128 MiB; its last lines:\nleaks starts/);
    expect(told).toEqual([]);
  });

  test("a child that uses more is ended, and what the service does then is its own", async () => {
    await world.run(["child-leaks"], isReady, { limits: { memory: 192 * mebibyte } });
    await expect
      .poll(() => /^oom_kill [1-9]/m.test(groupsOf().map(eventsIn).join("\n")), { timeout: 10_000 })
      .toBe(true);
    // While memory was short an answer may have come late.
    await expect
      .poll(() => world.replicas.list(), { timeout: 10_000 })
      .toMatchObject([{ state: "ready", alive: true }]);
  });

  test("one that wants more of the processor than it may is slowed down", async () => {
    const { endpoint } = await world.run(["well"], isReady, { limits: { cpus: 0.25 } });
    const used = Number(await (await fetch(`http://127.0.0.1:${endpoint?.port}/spin`)).text());
    // A quarter of 800 ms is 200; the kernel counts in periods, so it may be somewhat more.
    expect(used).toBeLessThan(400);
  });

  test("nothing is left of its groups when it has ended", async () => {
    await world.run(["well"], isReady, { limits: { memory: 128 * mebibyte, cpus: 1 } });
    const groups = groupsOf();
    expect(groups.map((group) => existsSync(group))).toContain(true);
    await world.replicas.stop("a.0", 1000, token);
    expect(groups.filter((group) => existsSync(group) || existsSync(dirname(group)))).toEqual([]);
  });

  test("the groups of one that was adopted stay", async () => {
    await world.run(["well"], isReady, { limits: { memory: 128 * mebibyte } });
    const groups = groupsOf();
    world = world.reopen();
    expect(await world.until(isReady)).toMatchObject({ alive: true });
    expect(groups.map((group) => existsSync(group))).toEqual([true]);
  });
});

const eventsIn = (group: string): string =>
  ["memory.oom_control", "memory.events"]
    .map((name) => join(group, name))
    .filter((file) => existsSync(file))
    .map((file) => readFileSync(file, "utf8"))
    .join("\n");

describe("where it does not", () => {
  beforeEach(() => {
    world = processWorld({
      tell: (message) => told.push(message),
      limits: limitKeeper("/nowhere", noGroups),
    });
  });

  test("one that uses more memory than it may is noticed within a second or so, ended, and says so", async () => {
    const { reason } = await world.run(["leaks"], hasEnded, { limits: { memory: 128 * mebibyte } });
    expect(reason).toMatch(/^was ended for using more than 128 MiB; its last lines:\nleaks starts/);
    expect(told).toEqual([
      "test/api: its memory is looked at each second, since the kernel does not enforce 128 MiB here",
    ]);
  });

  test("its children count", async () => {
    const { reason } = await world.run(["child-leaks"], hasEnded, { limits: { memory: 192 * mebibyte } });
    expect(reason).toMatch(/^was ended for using more than 192 MiB/);
  });

  test("what nothing enforces is told once, and the service runs", async () => {
    await world.run(["well"], isReady, { limits: { cpus: 0.5 } });
    await world.replicas.stop("a.0", 1000, token);
    await world.replicas.forget("a.0", token);
    await world.run(["well"], isReady, { limits: { cpus: 0.5 } });
    expect(told).toEqual(["test/api: nothing enforces 0.5 processors here: this system has no control groups"]);
  });
});

test("the limit of open files is the service's, and is never more than the system allows", async () => {
  world = processWorld({ tell: (message) => told.push(message) });
  const files = async (limit: number): Promise<string> => {
    await world.run([], hasEnded, { command: ["sh", "-c", "ulimit -n"], limits: { files: limit } });
    const log = readFileSync(world.host.logPath("a.0"), "utf8").trim().split("\n").at(-1) ?? "";
    await world.replicas.forget("a.0", token);
    return log;
  };
  expect(await files(64)).toBe("64");
  const most = world.host.enforcement.files as number;
  expect(await files(most + 1)).toBe(String(most));
  expect(told).toEqual([`test/api: it gets ${most} open files and not ${most + 1}: the system allows no more`]);
});

test("one that may not enter its group is not started without its limits", async () => {
  const missing = "/no/such/group/cgroup.procs";
  const keeper = limitKeeper("/nowhere", noGroups);
  world = processWorld({
    limits: { ...keeper, hold: () => ({ ...notHeld, words: ["--join", missing] }) },
  });
  const { reason } = await world.run(["well"], hasEnded);
  expect(reason).toMatch(new RegExp(`^exited with code 126.*\n.*${missing}`));
});

test("in the newer tree memory, swap and processor are set, and what is below is given the controllers", () => {
  world = processWorld();
  const own = mkdtempSync(join(tmpdir(), "fairway-groups-"));
  const made = join(own, "fairway-x", "a.0.1");
  // What the kernel would show in a group.
  mkdirSync(made, { recursive: true });
  for (const directory of [own, dirname(made)]) {
    writeFileSync(join(directory, "cgroup.controllers"), "cpu memory pids\n");
    writeFileSync(join(directory, "cgroup.subtree_control"), "");
  }
  for (const name of ["memory.max", "memory.swap.max", "memory.oom.group", "cpu.max"])
    writeFileSync(join(made, name), "");
  const groups = openControlGroups("fairway-x", { version: 2, own, whole: false });
  expect(groups).toMatchObject({ memory: true, cpus: true, where: `control groups of version 2 below ${own}` });
  expect(groups.make("a.0.1", { memory: 64 * mebibyte, cpus: 0.5 })).toEqual([made]);
  const written = (...path: readonly string[]): string => readFileSync(join(own, ...path), "utf8");
  expect(written("cgroup.subtree_control")).toBe("+memory +cpu");
  expect(written("fairway-x", "cgroup.subtree_control")).toBe("+memory +cpu");
  expect(written("fairway-x", "a.0.1", "memory.max")).toBe("67108864");
  expect(written("fairway-x", "a.0.1", "memory.swap.max")).toBe("0");
  expect(written("fairway-x", "a.0.1", "cpu.max")).toBe("50000 100000");
  expect(groups.make("a.0.2", {})).toEqual([]);
  rmSync(own, { recursive: true });
});

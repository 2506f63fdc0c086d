import { execFileSync, fork, spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { containerBase } from "../../../../tools/container-base.mjs";
import { needs } from "../../../../tools/skips.ts";
import { podman } from "../../fixtures/podman.ts";
import { removeImages } from "../../fixtures/remove-images.ts";
import { buildImage } from "./build-image.ts";
import type { ContainerEngine } from "./container-engine.ts";
import { containerEngine } from "./container-engine.ts";
import { engineAddress } from "./engine-address.ts";

// Each build is a dozen of the engine's own processes, which take their time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const fixture = join(import.meta.dirname, "../../fixtures/building-daemon.mjs");

/** Whether a program runs anywhere on this machine that was given this word. */
const runs = (word: string): boolean =>
  readdirSync("/proc").some((pid) => /^\d+$/.test(pid) && wordsOf(pid).split("\0").includes(word));

function wordsOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return ""; // It has ended meanwhile.
  }
}

describe.skipIf(!needs("podman"))("a build that goes wrong", () => {
  let directory: string;
  let context: string;
  let engine: ContainerEngine;
  let tag: string;
  const stop = new AbortController();

  beforeAll(() => void containerBase(), 120_000);
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "fairway-engine-"));
    context = join(directory, "context");
    mkdirSync(context);
    engine = containerEngine({ address: engineAddress("podman"), directory });
    tag = `localhost/fairway-test-${randomUUID()}`;
  });
  afterEach(async () => {
    await engine.close();
    removeImages([tag]);
    rmSync(directory, { recursive: true });
  });

  const write = (...lines: readonly string[]): void => writeFileSync(join(context, "Dockerfile"), lines.join("\n"));
  const build = (tell: (line: string) => void = () => undefined, signal = stop.signal): Promise<void> =>
    buildImage(engine, { tag, context, dockerfile: "Dockerfile", args: {}, labels: {} }, tell, signal);
  const isThere = (): boolean => spawnSync("podman", ["image", "exists", tag]).status === 0;
  /** A word that no other process has, and that `sleep` takes for a long time. */
  const longTime = (): string => `9${process.pid}.${Date.now()}`;
  const buildFiles = (): readonly string[] => readdirSync(directory).filter((name) => name.startsWith("build-"));

  /** The process that carries the build out. */
  const builder = (): number => {
    const record = buildFiles().find((name) => name.endsWith(".json")) ?? "none";
    return (JSON.parse(readFileSync(join(directory, record), "utf8")) as { pid: number }).pid;
  };

  test("has no Dockerfile, and is told where one should be", async () => {
    await expect(build()).rejects.toMatchObject({
      code: "command_failed",
      message: `there is no Dockerfile in the folder of the build, ${context}`,
      hint: expect.stringContaining("`dockerfile`") as string,
    });
  });

  test("fails in a step, and is told the line and what the engine said", async () => {
    write(`FROM ${containerBase()}`, "RUN true", "RUN echo no such flag && exit 3");
    const said: string[] = [];
    await expect(build((line) => said.push(line))).rejects.toMatchObject({
      code: "command_failed",
      message: expect.stringMatching(/^Dockerfile:3: the image cannot be built: .*exit status 3/s) as string,
    });
    expect(said).toContain("no such flag");
    expect(isThere()).toBe(false);
    expect(buildFiles()).toEqual([]);
  });

  test("is stopped, and nothing of it runs on", async () => {
    const long = longTime();
    write(`FROM ${containerBase()}`, `RUN sleep ${long}`);
    const person = new AbortController();
    const built = build((line) => line.includes("RUN sleep") && person.abort(), person.signal);
    await expect(built).rejects.toMatchObject({ code: "not_allowed_now", message: `the build of ${tag} was stopped` });
    expect(runs(long)).toBe(false);
    expect(isThere()).toBe(false);
    expect(buildFiles()).toEqual([]);
  });

  test("loses its daemon to a kill: the next one ends it, and builds anew", async () => {
    const long = longTime();
    write(`FROM ${containerBase()}`, `RUN sleep ${long}`);
    const daemon = fork(fixture, [directory, context, tag], { silent: true, execArgv: [] });
    onTestFinished(() => void daemon.kill("SIGKILL"));
    await expect.poll(() => runs(long), { timeout: 30_000, interval: 20 }).toBe(true);
    const ended = once(daemon, "exit");
    daemon.kill("SIGKILL");
    await ended;

    // Whatever is asked first.
    await engine.call("ask the engine", async (docker) => docker.ping());
    expect(runs(long)).toBe(false);
    expect(buildFiles()).toEqual([]);
    const left = podman("ps", "--all", "--external", "--format", "{{.Command}}");
    expect(left).not.toContain(long);
    write(`FROM ${containerBase()}`, "RUN true");
    await build();
    expect(isThere()).toBe(true);
  });

  test("loses its engine in its midst: nobody takes that for an answer", async () => {
    const long = longTime();
    write(`FROM ${containerBase()}`, `RUN sleep ${long}`);
    const built = build((line) => {
      if (line.includes("RUN sleep")) process.kill(builder(), "SIGKILL");
    });
    await expect(built).rejects.toMatchObject({
      code: "target_unreachable",
      retryable: true,
      message: expect.stringContaining("went away in its midst") as string,
    });
    expect(runs(long)).toBe(false);
  });
});

describe.skipIf(!needs("podman", "tmpfs-mount"))("a disk that is full during a build", () => {
  let disk: string;
  let engine: ContainerEngine;
  const settings = "CONTAINERS_STORAGE_CONF";
  const before = process.env[settings];

  beforeEach(() => {
    disk = mkdtempSync(join(tmpdir(), "fairway-disk-"));
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=24m", "tmpfs", disk]);
    const storage = { driver: "vfs", graphroot: join(disk, "graph"), runroot: join(disk, "run") };
    const lines = Object.entries(storage).map(([key, value]) => `${key} = "${value}"`);
    writeFileSync(join(disk, "storage.conf"), ["[storage]", ...lines, ""].join("\n"));
    process.env[settings] = join(disk, "storage.conf");
    engine = containerEngine({ address: engineAddress("podman"), directory: disk });
  });
  afterEach(async () => {
    await engine.close();
    if (before === undefined) delete process.env[settings];
    else process.env[settings] = before;
    execFileSync("umount", [disk]);
    rmSync(disk, { recursive: true });
  });

  test("is told as such, leaves no image, and the build works once there is room", async () => {
    const context = mkdtempSync(join(tmpdir(), "fairway-context-"));
    onTestFinished(() => rmSync(context, { recursive: true }));
    writeFileSync(join(context, "Dockerfile"), "FROM scratch\nCOPY large /large\n");
    writeFileSync(join(context, "large"), Buffer.alloc(4 * 1024 ** 2));
    const build = { tag: "localhost/large:1", context, dockerfile: "Dockerfile", args: {}, labels: {} };
    const built = (): Promise<void> => buildImage(engine, build, () => undefined, new AbortController().signal);
    const images = async (): Promise<number> => (await (await engine.connected()).listImages()).length;

    expect(await images()).toBe(0);
    const ballast = join(disk, "ballast");
    // All but enough for what the engine writes down about itself.
    writeFileSync(ballast, Buffer.alloc(21 * 1024 ** 2));
    await expect(built()).rejects.toMatchObject({ code: "disk_full", retryable: true });
    expect(await images()).toBe(0);
    rmSync(ballast);
    await built();
    expect(await images()).toBe(1);
  });
});

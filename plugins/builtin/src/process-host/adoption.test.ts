import type { ChildProcess } from "node:child_process";
import { fork, spawn } from "node:child_process";
import { readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Replica } from "@fairway/core";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { ProcessWorld } from "../../fixtures/process-world.ts";
import { isReady, processWorld, soon, token } from "../../fixtures/process-world.ts";
import type { ReplicaRecord } from "./replica-record.ts";
import { homesWithProcesses } from "./replica-processes.ts";

const fixture = (name: string): string => fileURLToPath(new URL(`../../fixtures/${name}`, import.meta.url));

let world: ProcessWorld;
let daemon: ChildProcess;
beforeEach(() => {
  world = processWorld();
});
afterEach(async () => {
  daemon.kill("SIGKILL");
  await world.close();
});

/** A daemon of its own that has brought these up. */
async function daemonWith(...hows: readonly string[]): Promise<void> {
  world.host.close();
  const given = [world.directory, fixture("misbehaving-service.mjs"), ...hows];
  // Without vitest's conditions: a process of its own runs what was built.
  daemon = fork(fixture("daemon.mjs"), given, { silent: true, execArgv: [] });
  const output = await new Promise<string>((resolve, reject) => {
    daemon.stdout?.once("data", (chunk: Buffer) => resolve(chunk.toString()));
    daemon.stderr?.once("data", (chunk: Buffer) => reject(new Error(chunk.toString())));
  });
  expect(output).toBe("ready\n");
}

async function killDaemon(): Promise<void> {
  const gone = new Promise((resolve) => daemon.once("exit", resolve));
  daemon.kill("SIGKILL");
  await gone;
}

const recordOf = (name: string): ReplicaRecord =>
  JSON.parse(readFileSync(join(world.directory, name, "record.json"), "utf8")) as ReplicaRecord;
const rewrite = (name: string, changes: Partial<ReplicaRecord>): void =>
  writeFileSync(join(world.directory, name, "record.json"), JSON.stringify({ ...recordOf(name), ...changes }));

async function settled(wanted: (replicas: readonly Replica[]) => boolean): Promise<readonly Replica[]> {
  for (;;) {
    const found = await world.replicas.list();
    if (wanted(found)) return found;
    await soon();
  }
}

test("replicas live on when the daemon is killed, and the next one has them ready at its first look", async () => {
  await daemonWith("well", "busy");
  await killDaemon();
  expect(homesWithProcesses(world.directory).size).toBe(2);
  const began = performance.now();
  world = world.reopen();
  const found = await world.replicas.list();
  expect(performance.now() - began).toBeLessThan(5000);
  expect(found).toMatchObject([
    { name: "a.0", state: "ready", alive: true },
    { name: "a.1", state: "ready", alive: true },
  ]);
  const answer = await fetch(`http://127.0.0.1:${found[0]?.endpoint?.port}/healthz`);
  expect(answer.status).toBe(200);
  await world.replicas.stop("a.0", 1000, token);
  expect(await world.replicas.list()).toMatchObject([{ state: "stopped", alive: false }, { state: "ready" }]);
});

test("one that ended while no daemon was there has failed, with the exit code that its shim kept", async () => {
  await daemonWith("well");
  await killDaemon();
  const { service } = recordOf("a.0");
  process.kill(service!.pid, "SIGKILL");
  await expect.poll(() => readdirSync(join(world.directory, "a.0"))).toContain("exit");
  world = world.reopen();
  const [replica] = await settled(([first]) => first?.alive === false);
  expect(replica).toMatchObject({ state: "failed", reason: expect.stringMatching(/^was ended by SIGKILL/) });
});

test("a daemon killed between a start and its record is made up for: the mark in the environment tells", async () => {
  await daemonWith("well");
  await killDaemon();
  rewrite("a.0", { shim: null, service: null, readyAt: null });
  world = world.reopen();
  expect(await world.until(isReady)).toMatchObject({ name: "a.0", alive: true });
});

test("a record without any process is of a start that never came about, and is forgotten", async () => {
  await daemonWith("well");
  await killDaemon();
  process.kill(recordOf("a.0").service!.pid, "SIGKILL");
  await expect.poll(() => homesWithProcesses(world.directory).size).toBe(0);
  rewrite("a.0", { shim: null, service: null, readyAt: null });
  world = world.reopen();
  expect(await world.replicas.list()).toEqual([]);
});

test("processes that are on no record have nobody to answer for them, and are ended", async () => {
  await daemonWith("well", "forks");
  await killDaemon();
  rmSync(join(world.directory, "a.0", "record.json"));
  writeFileSync(join(world.directory, "a.1", "record.json"), "{ torn");
  world = world.reopen();
  expect(await world.replicas.list()).toEqual([]);
  expect(homesWithProcesses(world.directory).size).toBe(0);
});

test("a stop that the daemon did not live to finish is finished by the next one", async () => {
  await daemonWith("stubborn");
  daemon.send({ stop: "a.0" });
  await expect.poll(() => recordOf("a.0").stopBy, { interval: 5 }).not.toBeNull();
  await killDaemon();
  world = world.reopen();
  const [replica] = await settled(([first]) => first?.alive === false);
  expect(replica).toMatchObject({ state: "stopped" });
});

test("a process that only has the same pid is not touched", async () => {
  const stranger = spawn("sleep", ["1000"], { stdio: "ignore" });
  await daemonWith("well");
  await killDaemon();
  process.kill(recordOf("a.0").service!.pid, "SIGKILL");
  await expect.poll(() => homesWithProcesses(world.directory).size).toBe(0);
  const identity = { pid: stranger.pid!, startTime: "1" };
  rewrite("a.0", { shim: identity, service: identity });
  world = world.reopen();
  const [replica] = await settled(([first]) => first?.alive === false);
  expect(replica).toMatchObject({ state: "failed" });
  await world.replicas.stop("a.0", 0, token);
  expect(stranger.exitCode).toBeNull();
  expect(stranger.signalCode).toBeNull();
  stranger.kill("SIGKILL");
});

test("after the machine was started anew nothing of before is taken for alive", async () => {
  await daemonWith("well");
  await killDaemon();
  process.kill(recordOf("a.0").service!.pid, "SIGKILL");
  await expect.poll(() => homesWithProcesses(world.directory).size).toBe(0);
  rewrite("a.0", { bootId: "another", shim: { pid: process.pid, startTime: "1" } });
  world = world.reopen();
  expect(await world.replicas.list()).toMatchObject([
    { state: "failed", alive: false, reason: "ended with the machine, which was started anew" },
  ]);
});

test("no secret is on disk or in an argument", async () => {
  await daemonWith("well");
  const written = readdirSync(world.directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"));
  expect(written.join("\n")).not.toContain("geheim");
  for (const processes of homesWithProcesses(world.directory).values())
    for (const { pid } of processes) expect(readFileSync(`/proc/${pid}/cmdline`, "utf8")).not.toContain("geheim");
  await killDaemon();
  world = world.reopen();
});

test("a replica gets its own environment and a small base, and nothing of the daemon's", async () => {
  process.env["DAEMON_ONLY"] = "yes";
  daemon = spawn("true");
  const { endpoint } = await world.run(["well"], isReady, { env: { COLOUR: "green", HOST: "0.0.0.0" } });
  const answer = (await (await fetch(`http://127.0.0.1:${endpoint!.port}/environment`)).json()) as Record<
    string,
    string
  >;
  delete process.env["DAEMON_ONLY"];
  expect(answer).toMatchObject({
    COLOUR: "green",
    HOST: "127.0.0.1",
    PORT: String(endpoint!.port),
    FAIRWAY_REPLICA: "a.0",
  });
  const base = ["PATH", "HOME", "LANG", "FAIRWAY_REPLICA_HOME", "PWD", "OLDPWD", "SHLVL", "_"];
  const allowed = [...base, "COLOUR", "HOST", "PORT", "FAIRWAY_REPLICA"];
  expect(Object.keys(answer).filter((name) => !allowed.includes(name))).toEqual([]);
});

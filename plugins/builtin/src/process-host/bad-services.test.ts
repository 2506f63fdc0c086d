import { readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import type { ProcessWorld } from "../../fixtures/process-world.ts";
import { hasFailed, isReady, processWorld, soon, token } from "../../fixtures/process-world.ts";
import { fastHealth, serviceSpec } from "../../fixtures/service-spec.ts";
import { processesOf } from "./replica-processes.ts";

let world: ProcessWorld;
beforeEach(() => {
  world = processWorld();
});
afterEach(() => world.close());

// Long enough for the service to boot on a busy machine: each of these takes all of it.
const impatient = { health: { ...fastHealth, startWithin: 1500, timeout: 100 } };
const processes = (): readonly unknown[] => processesOf({ home: `${world.directory}/a.0`, shim: null });

test("one that never listens says so", async () => {
  const { reason, alive } = await world.run(["never-ready"], hasFailed, impatient);
  expect(reason).toMatch(
    /^was not ready within 1\.5 s: it does not listen on 127\.0\.0\.1:\d+; its last lines:\nnever-ready starts$/,
  );
  expect(alive).toBe(true);
});

test("one that listens elsewhere is told about PORT", async () => {
  const { reason } = await world.run(["elsewhere", "19871"], hasFailed, impatient);
  expect(reason).toMatch(/it listens on port 19871 and should listen on PORT, which is \d+/);
});

test("one that listens late gets ready", async () => {
  await world.run(["late"], isReady);
});

test("one that exits at once says with what and what it wrote last", async () => {
  const { reason } = await world.run(["broken"], (replica) => hasFailed(replica) && !replica.alive);
  expect(reason).toBe("exited with code 1; its last lines:\nbroken starts\ncannot find module 'left'");
});

test("one that is killed says by what", async () => {
  await world.run(["well"], isReady);
  process.kill(await world.pidOf("a.0"), "SIGKILL");
  expect((await world.until(hasFailed)).reason).toMatch(/^was ended by SIGKILL \(exit code 137\)/);
});

test("one whose shim is killed goes on, and its end is noticed all the same", async () => {
  await world.run(["well"], isReady);
  const { shim } = JSON.parse(readFileSync(`${world.directory}/a.0/record.json`, "utf8")) as { shim: { pid: number } };
  process.kill(shim.pid, "SIGKILL");
  await soon();
  expect(await world.replicas.list()).toMatchObject([{ state: "ready", alive: true }]);
  process.kill(await world.pidOf("a.0"), "SIGKILL");
  expect((await world.until(hasFailed)).reason).toMatch(/^ended, and nobody saw how/);
});

test("one that dies after it was ready has failed", async () => {
  expect((await world.run(["dies-later"], hasFailed)).reason).toMatch(/^exited with code 3; its last lines:/);
});

test("one whose health hangs has failed with the timeout", async () => {
  expect((await world.run(["hangs"], hasFailed, impatient)).reason).toMatch(/it gave no answer within \d+ ms/);
});

test("one whose health drips for ever has failed with the timeout", async () => {
  expect((await world.run(["drips"], hasFailed, impatient)).reason).toMatch(/it gave no answer within \d+ ms/);
});

test("one whose health is 500 says what it answered", async () => {
  expect((await world.run(["ill"], hasFailed, impatient)).reason).toMatch(/it answered 500: no database/);
});

test("one that gets ill after it was ready has failed after three answers, and lives", async () => {
  const { reason, alive } = await world.run(["ill-later"], hasFailed);
  expect(reason).toMatch(/^answered 500: no database when asked for \/healthz, 3 times in a row/);
  expect(alive).toBe(true);
});

test("one that answers with a megabyte is well, and only the beginning is read", async () => {
  await world.run(["talks"], isReady);
});

test("one that is at work says how much", async () => {
  expect(await world.run(["busy"], isReady)).toMatchObject({ busy: 2 });
});

test("one that ignores SIGTERM is ended by force once its grace is over", async () => {
  await world.run(["stubborn"], isReady);
  const began = performance.now();
  await world.replicas.stop("a.0", 200, token);
  expect(performance.now() - began).toBeGreaterThan(190);
  expect(performance.now() - began).toBeLessThan(15_000);
  expect(await world.replicas.list()).toMatchObject([{ state: "stopped", alive: false }]);
  expect(processes()).toEqual([]);
});

test("a service gets SIGTERM exactly once", async () => {
  await world.run(["counts-terms"], isReady);
  await Promise.all([world.replicas.stop("a.0", 200, token), world.replicas.stop("a.0", 200, token)]);
  expect(readFileSync(world.host.logPath("a.0"), "utf8").match(/told to end/g)).toHaveLength(1);
});

test("what forked away is ended with the rest", async () => {
  await world.run(["forks"], isReady);
  expect(processes()).toHaveLength(3);
  await world.replicas.stop("a.0", 2000, token);
  expect(processes()).toEqual([]);
});

test("what a service leaves behind when it dies is ended", async () => {
  await world.run(["forks-and-dies"], (replica) => hasFailed(replica) && !replica.alive);
  expect(processes()).toEqual([]);
});

test("a command that is not there is a failed replica that says so", async () => {
  const { reason, alive } = await world.run([], hasFailed, { command: ["no-such-program", "--serve"] });
  expect(reason).toMatch(/^the command "no-such-program" was not found in PATH/);
  expect(alive).toBe(false);
});

test("a command that calls one that is not there says so", async () => {
  const command = ["/bin/sh", "-c", "no-such-program"] as const;
  expect((await world.run([], hasFailed, { command })).reason).toMatch(
    /^exited with code 127: its command, or one that it called, was not found; its last lines:\n.*no-such-program/,
  );
});

test("a directory that is not there is a failed replica that says so", async () => {
  const { reason } = await world.run([], hasFailed, { directory: "/no/such/place" });
  expect(reason).toBe("the directory /no/such/place does not exist");
});

test("a zero byte in the environment is named without its value", async () => {
  const { reason } = await world.run([], hasFailed, { env: { TOKEN: "geh\0eim" } });
  expect(reason).toBe("the environment variable TOKEN has a zero byte in it");
});

test("a stranger on the port who answers that all is well does not count", async () => {
  const stranger = createServer((_request, response) => response.end("ok")).listen(0, "127.0.0.1");
  await new Promise((resolve) => stranger.once("listening", resolve));
  const { port } = stranger.address() as AddressInfo;
  await world.close();
  // The stranger is there first: the port is not handed out.
  world = processWorld({ ports: { from: port, to: port } });
  await expect(world.run(["well"], isReady)).rejects.toMatchObject({ code: "port_in_use" });
  expect(await world.host.strangers()).toEqual([{ port, who: expect.stringMatching(`^pid ${process.pid} \\(`) }]);
  stranger.close();
  // The stranger comes between the look and the service, which never listens.
  await new Promise((resolve) => stranger.once("close", resolve));
  await world.replicas.start({ ...serviceSpec("a.0", "never-ready"), ...impatient }, token);
  stranger.listen(port, "127.0.0.1");
  const { reason } = await world.until(hasFailed);
  stranger.close();
  expect(reason).toMatch(new RegExp(`port ${port} belongs to another process, pid ${process.pid} \\(.*\\)`));
});

test("one that floods its log keeps the limit, and the last part of it", async () => {
  await world.close();
  world = processWorld({ log: { bytes: 200_000, keep: 2 } });
  await world.run(["floods"], isReady);
  const log = world.host.logPath("a.0");
  await expect
    .poll(() => statSync(`${log}.2`, { throwIfNoEntry: false })?.size, { timeout: 10_000, interval: 20 })
    .toBe(200_000);
  await world.replicas.stop("a.0", 0, token);
  expect(statSync(`${log}.3`, { throwIfNoEntry: false })).toBeUndefined();
});

test("one whose child goes on listening after it died leaves its port to the next", async () => {
  await world.close();
  const port = 19_872;
  world = processWorld({ ports: { from: port, to: port } });
  const { reason } = await world.run(["leaves-listener"], (replica) => hasFailed(replica) && !replica.alive);
  expect(reason).toMatch(/^exited with code 5/);
  expect(processes()).toEqual([]);
  await world.replicas.forget("a.0", token);
  expect(await world.run(["well"], isReady)).toMatchObject({ endpoint: { port } });
});

test("whoever sets the clock ends no patience and no grace", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  onTestFinished(() => void vi.useRealTimers());
  await world.replicas.start({ ...serviceSpec("a.0", "stubborn"), ...impatient }, token);
  vi.setSystemTime("2050-01-01");
  expect(await world.until((replica) => replica.state !== "starting")).toMatchObject({ state: "ready" });
  vi.setSystemTime("1990-01-01");
  const began = performance.now();
  const stopped = world.replicas.stop("a.0", 300, token);
  vi.setSystemTime("2050-01-01");
  await stopped;
  expect(performance.now() - began).toBeGreaterThan(290);
  expect(performance.now() - began).toBeLessThan(15_000);
});

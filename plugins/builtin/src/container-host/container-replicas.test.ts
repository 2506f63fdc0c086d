import type { ChildProcess } from "node:child_process";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import type { FairwayError, Replica, ReplicaSpec } from "@fairway/core";
import { defaultHealth } from "@fairway/core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { needs } from "../../../../tools/skips.ts";
import type { ContainerWorld, EngineWorld } from "../../fixtures/container-world.ts";
import { containerServiceSpec, containerWorld, engineWorld, serviceImage } from "../../fixtures/container-world.ts";
import { hasFailed, isReady, token } from "../../fixtures/process-world.ts";
import { firstOf } from "../process-host/free-port.ts";
import { containerEngine } from "../container-engine/container-engine.ts";
import { removeContainer } from "../container-engine/remove-container.ts";
import { containerName } from "./container-spec.ts";

const mebibyte = 1024 ** 2;
const hasEnded = (replica: Replica): boolean => hasFailed(replica) && !replica.alive;

/** The process that was told to serve this socket. */
function serverOf(socket: string): number {
  const found = readdirSync("/proc").find(
    (pid) => /^\d+$/.test(pid) && wordsOf(pid).split("\0").includes(`unix://${socket}`),
  );
  if (found === undefined) throw new Error(`nobody serves ${socket}`);
  return Number(found);
}

function wordsOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return ""; // It has ended meanwhile.
  }
}

// Each start is a dozen of the engine's own processes, which take their time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

describe.skipIf(!needs("podman"))("a replica in a container", () => {
  let engines: EngineWorld;
  let image: string;
  let world: ContainerWorld;
  beforeAll(async () => {
    engines = engineWorld();
    image = await serviceImage(engines);
  }, 120_000);
  afterAll(() => engines.close());
  beforeEach(() => {
    world = containerWorld(engines.engine);
  });
  afterEach(() => world.close());

  const spec = (how: readonly string[], changes: Partial<ReplicaSpec> = {}): ReplicaSpec => ({
    ...containerServiceSpec(image, "a.0", ...how),
    ...changes,
  });
  const withImage = (changes: Partial<NonNullable<ReplicaSpec["image"]>>): Partial<ReplicaSpec> => {
    const { image: own } = spec(["well"]);
    return own === undefined ? {} : { image: { ...own, ...changes } };
  };
  const inspect = async (): Promise<unknown> =>
    (await engines.engine.connected()).getContainer(containerName(world.host.id, "a.0")).inspect();
  const environmentAt = async (replica: Replica | undefined): Promise<Record<string, string>> => {
    const answer = await fetch(`http://127.0.0.1:${replica?.endpoint?.port}/environment`);
    return (await answer.json()) as Record<string, string>;
  };

  test("has its environment, and what is secret is in no label, no word and no file of ours", async () => {
    const found = await world.run(
      spec(["well"], { env: { COLOUR: "green", TOKEN: "geheim-4711" }, secrets: ["geheim-4711"] }),
      isReady,
    );
    expect(await environmentAt(found)).toMatchObject({
      COLOUR: "green",
      TOKEN: "geheim-4711",
      HOST: "127.0.0.1",
      PORT: String(found.endpoint?.port),
      FAIRWAY_REPLICA: "a.0",
    });
    const { Config, Args, Path, Name } = (await inspect()) as Record<string, unknown> & {
      Config: Record<string, unknown>;
    };
    const { Labels, Cmd, Entrypoint } = Config;
    expect(Labels).toMatchObject({
      "dev.fairway.scope": "test/api",
      "dev.fairway.replica": "a.0",
      "dev.fairway.release": "r1",
    });
    expect(JSON.stringify({ Labels, Cmd, Entrypoint, Args, Path, Name })).not.toContain("geheim");
    const written = readdirSync(world.directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"));
    expect(written.join("\n")).not.toContain("geheim");
  });

  test("may have its secrets as files, and then no tool that asks the engine reads them", async () => {
    const env = { COLOUR: "green", TOKEN: "geheim-4711", DATABASE_URL: "postgresql://api:geheim-4711@db/api" };
    const command = ["node", "/srv/misbehaving-service.mjs", "well"];
    const files = withImage({ secretFiles: true, command });
    const found = await world.run(spec([], { env, secrets: ["geheim-4711"], ...files }), isReady);
    expect(await environmentAt(found)).toMatchObject({
      COLOUR: "green",
      TOKEN_FILE: "/run/secrets/TOKEN",
      DATABASE_URL_FILE: "/run/secrets/DATABASE_URL",
    });
    expect(JSON.stringify(await inspect())).not.toContain("geheim");
    const docker = await engines.engine.connected();
    const archive = await docker
      .getContainer(containerName(world.host.id, "a.0"))
      .getArchive({ path: "/run/secrets/TOKEN" });
    const read = execFileSync("tar", ["-xO"], { input: await buffer(archive) });
    expect(read.toString()).toBe("geheim-4711");
  });

  test("that always listens at the same port is given a network of its own, and there may be two of it", async () => {
    const fixed = { ...withImage({ port: 4321, command: ["node", "misbehaving-service.mjs", "elsewhere", "4321"] }) };
    await world.replicas.start(spec([], fixed), token);
    await world.replicas.start({ ...spec([], fixed), name: "a.1" }, token);
    await expect
      .poll(async () => (await world.replicas.list()).map(({ state }) => state), { timeout: 18_000, interval: 50 })
      .toEqual(["ready", "ready"]);
    const [first, second] = await world.replicas.list();
    expect(first?.endpoint?.port).not.toBe(second?.endpoint?.port);
    expect((await environmentAt(first))["PORT"]).toBe("4321");
  });

  test("that uses more memory than it may is ended, and says so", async () => {
    // Asked as seldom as services are: the engine may be slow to say that it has died, and nobody answers meanwhile.
    const limited = { limits: { memory: 96 * mebibyte, cpus: 1 }, health: defaultHealth };
    const { reason } = await world.run(spec(["leaks"], limited), hasEnded);
    expect(reason).toMatch(/^was ended .*for using more than 96 MiB; its last lines:\nleaks starts/);
    const { HostConfig } = (await inspect()) as { HostConfig: unknown };
    // Who died is replaced by Fairway, which says why; the engine starts nothing anew.
    const restarts = { Name: expect.stringMatching(/^(no)?$/u) as string, MaximumRetryCount: 0 };
    expect(HostConfig).toMatchObject({ Memory: 96 * mebibyte, NanoCpus: 1e9, RestartPolicy: restarts });
  });

  test("sees a folder of the machine under its own name", async () => {
    const command = [
      "node",
      "-e",
      `process.exit(require("fs").readdirSync(${JSON.stringify(world.directory)}).length > 0 ? 7 : 8)`,
    ];
    const { reason } = await world.run(spec([], withImage({ command, mounts: [world.directory] })), hasEnded);
    expect(reason).toMatch(/^exited with code 7/);
  });

  test("that ignores SIGTERM is ended by force when its grace is over", async () => {
    await world.run(spec(["stubborn"]), isReady);
    await world.replicas.stop("a.0", 100, token);
    expect(await world.replicas.list()).toMatchObject([{ state: "stopped", alive: false }]);
    expect(readFileSync(world.host.logPath("a.0"), "utf8")).toContain("stubborn starts");
  });

  test("whose program is not in the image has failed, and says so", async () => {
    const { reason } = await world.run(spec([], withImage({ command: ["no-such-program"] })), hasEnded);
    expect(reason).toMatch(/exec/);
  });

  test("whose image is nowhere has failed, and says so", async () => {
    const { reason } = await world.run(spec([], withImage({ reference: "localhost/no-such-image:1" })), hasEnded);
    expect(reason).toBe("the image localhost/no-such-image:1 is not on this machine");
    expect(await world.containers()).toEqual([]);
  });

  test("that has no image is refused", async () => {
    const refused = world.replicas.start(spec([], { image: undefined }), token);
    await expect(refused).rejects.toMatchObject({
      code: "bad_request",
      message: "a.0 has no image, and a container needs one",
    });
  });

  test("that somebody else removed has failed", async () => {
    await world.run(spec(["well"]), isReady);
    world.host.close();
    await removeContainer(engines.engine, containerName(world.host.id, "a.0"));
    world = world.reopen();
    expect((await world.until(hasEnded)).reason).toMatch(/^its container was removed by somebody else/);
  });

  test("of whose port another process has taken hold gets the next one", async () => {
    const port = firstOf(world.ports);
    const stranger = createServer();
    onTestFinished(() => void stranger.close());
    await new Promise<void>((resolve) => void stranger.listen(port, "127.0.0.1", () => resolve()));
    await world.close();
    world = containerWorld(engines.engine, { ports: world.ports });
    const { endpoint } = await world.run(spec(["well"]), isReady);
    expect(endpoint?.port).not.toBe(port);
  });

  test("lives on without the daemon, and its log goes on where it stopped", async () => {
    await world.run(spec(["well"]), isReady);
    world = world.reopen();
    expect(await world.until(isReady)).toMatchObject({ name: "a.0", alive: true });
    await world.replicas.stop("a.0", 5000, token);
    await world.replicas.forget("a.0", token);
    const log = readFileSync(world.host.logPath("a.0"), "utf8");
    expect(log.match(/well starts/g)).toHaveLength(1);
    expect(log.match(/listens at/g)).toHaveLength(1);
    expect(await world.containers()).toEqual([]);
  });

  test("that is on no record has nobody to answer for it, and is ended", async () => {
    await world.run(spec(["well"]), isReady);
    world.host.close();
    rmSync(join(world.directory, "a.0", "record.json"));
    world = world.reopen();
    expect(await world.replicas.list()).toEqual([]);
    expect(await world.containers()).toEqual([]);
  });

  test("is not taken for dead while an engine that is not ours is away, and what could not be asked is asked again", async () => {
    const socket = join(engines.directory, "theirs.sock");
    const serve = async (): Promise<ChildProcess> => {
      rmSync(socket, { force: true });
      const served = spawn("podman", ["system", "service", "--time=0", `unix://${socket}`], { stdio: "ignore" });
      await expect.poll(() => existsSync(socket), { timeout: 15_000, interval: 20 }).toBe(true);
      return served;
    };
    const end = async (served: ChildProcess): Promise<void> => {
      const ended = once(served, "exit");
      served.kill("SIGKILL");
      await ended;
    };
    let service = await serve();
    const theirs = containerEngine({ address: { kind: "socket", path: socket }, directory: engines.directory });
    const other = containerWorld(theirs);
    onTestFinished(async () => {
      await other.close();
      await end(service);
    });
    await other.run(spec(["well"]), isReady);
    await end(service);
    const second = { ...spec(["well"]), name: "a.1" };
    await expect(other.replicas.start(second, token)).rejects.toMatchObject({
      code: "target_unreachable",
      retryable: true,
    });
    service = await serve();
    await other.replicas.start(second, token);
    await expect
      .poll(async () => (await other.replicas.list()).map(({ state }) => state), { timeout: 18_000, interval: 50 })
      .toEqual(["ready", "ready"]);
  });

  test("goes on when the engine's service is killed, which is started anew", async () => {
    await world.run(spec(["well"]), isReady);
    process.kill(serverOf(engines.engine.socket), "SIGKILL");
    // A question that was on its way is answered by nobody.
    const answered = async (): Promise<boolean> =>
      world.replicas.list().then(
        (found) => found.every(isReady),
        () => false,
      );
    await expect.poll(answered, { timeout: 15_000, interval: 50 }).toBe(true);
    expect(await world.until(isReady)).toMatchObject({ name: "a.0", alive: true });
    // What is seen without the engine says nothing of it: the stop may be the first that meets the killed one.
    const stopped = async (): Promise<boolean> =>
      world.replicas.stop("a.0", 5000, token).then(
        () => true,
        (thrown: unknown) => {
          if (!(thrown as FairwayError).retryable) throw thrown;
          return false;
        },
      );
    await expect.poll(stopped, { timeout: 15_000, interval: 50 }).toBe(true);
    expect(await world.replicas.list()).toMatchObject([{ state: "stopped", alive: false }]);
  });
});

import { cpSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { RouterTraffic, RoutingTable } from "@fairway/core";
import { describe, expect, it, vi } from "vitest";
import { atEnd, eventually } from "../testing/cleanup.ts";
import { Load } from "../testing/load.ts";
import { endpoint, getOnce, group, route, table } from "../testing/plane.ts";
import { RawClient } from "../testing/raw-client.ts";
import { builtRouter, startReply, temporaryDirectory, testRouter, type TestRouter } from "../testing/router-process.ts";
import { httpService, namedService, rawService } from "../testing/services.ts";

// Each has several processes and hundreds of requests; a machine that is busy takes its time.
vi.setConfig({ testTimeout: 120_000 });

async function routing(router: TestRouter, port: number, version = 0): Promise<void> {
  const { body } = await router.control("PUT", "/table", table({ web: route([group("r1", [port])]) }, version));
  expect(body).toEqual({ outcome: "written", version: version + 1 });
}

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe("a worker", () => {
  it("that is killed under load is replaced on the same sockets, and no connection is refused", async () => {
    const router = await testRouter();
    await routing(router, await namedService("web"));
    const load = new Load(router.port, { kept: 6, fresh: 6 });
    for (let kill = 0; kill < 3; kill++) {
      await load.more(200);
      const { pid } = await router.status();
      process.kill(pid.worker, "SIGKILL");
      await load.more(50);
      expect((await router.status()).pid.worker).not.toBe(pid.worker);
    }
    const { refused, failures } = await load.stop();
    expect(refused).toBe(0);
    // Connections that were established die with their process; there were twelve at each kill.
    expect(failures.filter((failure) => failure !== "ECONNRESET" && failure !== "EPIPE")).toEqual([]);
    expect(failures.length).toBeLessThanOrEqual(36);
  });

  it("that is replaced under load hands over without one failed request, slow ones included", async () => {
    const router = await testRouter();
    const port = await httpService((request, answer) => {
      request.resume();
      setTimeout(() => answer.end("ok"), request.url === "/slow" ? 400 : 0);
    });
    await routing(router, port);
    const loads = [
      new Load(router.port, { kept: 6, fresh: 4 }),
      new Load(router.port, { kept: 3, fresh: 0, target: "/slow" }),
    ];
    for (let upgrade = 0; upgrade < 3; upgrade++) {
      await loads[0]?.more(100);
      const before = await router.status();
      const { status, body } = await router.control("POST", "/upgrade");
      expect([status, (body as { retiring: number }).retiring]).toEqual([200, before.pid.worker]);
      expect((await router.status()).pid.worker).toBe((body as { worker: number }).worker);
    }
    await loads[0]?.more(100);
    const counts = await Promise.all(loads.map((load) => load.stop()));
    expect(counts.map(({ refused, failures }) => [refused, failures])).toEqual([
      [0, []],
      [0, []],
    ]);
    const { body } = await router.control("GET", "/metrics");
    const good = counts.reduce((sum, { good }) => sum + good, 0);
    expect((body as RouterTraffic).routes["web"]?.["r1"]?.requests).toBe(good);
  });

  it("that retires follows the table of its successor, and a drain waits for it too", async () => {
    const router = await testRouter();
    const first = await httpService((request, answer) => {
      if (request.url === "/slow")
        request.on("data", () => undefined).on("end", () => setTimeout(() => answer.end("slow"), 600));
      else answer.end("first");
    });
    await routing(router, first);
    const kept = new RawClient(router.port);
    await kept.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").has("first");
    const slow = new RawClient(router.port).send(getOnce("/slow"));
    await eventually(() => slow.socket.bytesWritten > 0);
    await new Promise((sent) => setTimeout(sent, 100));
    await router.control("POST", "/upgrade");
    const next = table({ web: route([group("r2", [await namedService("second")])]) }, 1);
    expect((await router.control("PUT", "/table", next)).body).toEqual({ outcome: "written", version: 2 });
    await kept.send("GET /next HTTP/1.1\r\nHost: a\r\n\r\n").has('"name":"second"');
    expect(kept.text).toContain("Connection: close");
    const drain = await router.control("POST", "/drain", { endpoints: [endpoint(first)], within: 10_000 });
    expect(drain.body).toEqual({ cut: 0 });
    expect((await slow.until(({ ended }) => ended)).text).toMatch(/slow$/);
  });

  it("that does not start leaves the one before in place", async () => {
    const directory = temporaryDirectory();
    cpSync(dirname(builtRouter), join(directory, "program"), { recursive: true });
    writeFileSync(join(directory, "package.json"), '{"type":"module"}');
    const router = await testRouter({ program: join(directory, "program/main.js") });
    await routing(router, await namedService("web"));
    const before = await router.status();
    writeFileSync(join(directory, "program/worker.js"), "process.exit(3);\n");
    const { status, body } = await router.control("POST", "/upgrade");
    expect([status, body]).toMatchObject([500, { code: "internal", message: /exit code 3/ as unknown as string }]);
    expect((await router.status()).pid.worker).toBe(before.pid.worker);
    await new RawClient(router.port).send(getOnce("/")).has("200 OK");
  });

  it("whose holder is killed under load goes on, and gets a new holder that keeps the sockets", async () => {
    const router = await testRouter();
    await routing(router, await namedService("web"));
    const load = new Load(router.port, { kept: 4, fresh: 4 });
    const { pid } = await router.status();
    for (let kill = 0, { holder } = pid; kill < 2; kill++) {
      await load.more(50);
      process.kill(holder ?? 0, "SIGKILL");
      const adopted = await router.until(({ pid }) => pid.holder !== null && pid.holder !== holder);
      expect(adopted.pid.worker).toBe(pid.worker);
      ({ holder } = adopted.pid);
    }
    await routing(router, await namedService("other"), 1);
    await load.more(50);
    const counts = await load.stop();
    expect([counts.refused, counts.failures]).toEqual([0, []]);
    const { body } = await router.control("GET", "/metrics");
    expect((body as RouterTraffic).routes["web"]?.["r1"]?.requests).toBe(counts.good);
    process.kill(pid.worker, "SIGKILL");
    const replaced = await router.until((status) => status.pid.worker !== pid.worker);
    await new RawClient(router.port).send(getOnce("/")).has('"name":"other"');
    await router.control("POST", "/shutdown");
    await eventually(() => ![replaced.pid.holder, replaced.pid.worker].some((one) => isAlive(one ?? 0)));
  });

  it("whose holder is killed when its directory is gone ends, as nobody could reach it", async () => {
    const router = await testRouter();
    const { pid } = await router.status();
    rmSync(router.directory, { recursive: true });
    process.kill(pid.holder ?? 0, "SIGKILL");
    await eventually(() => !isAlive(pid.worker));
  });

  it("whose holder is killed is upgraded by its new one", async () => {
    const router = await testRouter();
    await routing(router, await namedService("web"));
    const { pid } = await router.status();
    process.kill(pid.holder ?? 0, "SIGKILL");
    const { status, body } = await router.control("POST", "/upgrade");
    expect([status, (body as { retiring: number }).retiring]).toEqual([200, pid.worker]);
    await new RawClient(router.port).send(getOnce("/")).has("200 OK");
    const after = await router.status();
    expect(after.pid).not.toMatchObject({ worker: pid.worker });
    await router.control("POST", "/shutdown");
    await eventually(() => ![after.pid.holder, after.pid.worker].some((one) => isAlive(one ?? 0)));
  });
});

describe("the routing table", () => {
  it("is in force again after a restart", async () => {
    const first = await testRouter();
    await routing(first, await namedService("web"));
    await first.stop();
    const second = await testRouter({ directory: first.directory });
    expect(((await second.control("GET", "/table")).body as RoutingTable).version).toBe(1);
    await new RawClient(second.port).send(getOnce("/")).has('"name":"web"');
  });

  it("that is damaged on disk is set aside, said, and replaced by the next write", async () => {
    const first = await testRouter();
    await first.stop();
    writeFileSync(join(first.directory, "table.json"), '{"version":3,"routes":{"a":');
    const second = await testRouter({ directory: first.directory });
    expect((await second.control("GET", "/table")).body).toEqual({ version: 0, routes: {} });
    expect(readdirSync(first.directory).some((name) => name.startsWith("table.json.damaged-"))).toBe(true);
    expect(readFileSync(join(first.directory, "router.log"), "utf8")).toContain("table file damaged");
    await routing(second, await namedService("web"));
  });

  it("is written by whoever read it last and holds the newest epoch, and never half", async () => {
    const router = await testRouter();
    const put = async (sent: unknown): Promise<unknown> => (await router.control("PUT", "/table", sent)).body;
    const held = (version: number, epoch: number): RoutingTable => table({ web: route([], { epoch }) }, version);
    expect(await put(held(0, 7))).toEqual({ outcome: "written", version: 1 });
    expect(await put(held(0, 7))).toEqual({ outcome: "outdated", version: 1 });
    expect(await put(held(1, 6))).toEqual({ outcome: "fenced", route: "web", epoch: 7 });
    const wrong = table({ good: route([], { internalPath: "/g" }), web: route([group("r1", [99_999], -1)]) });
    const { status, body } = await router.control("PUT", "/table", wrong);
    expect(status).toBe(400);
    expect(body).toMatchObject({ code: "bad_request", problems: { length: 3 } });
    expect((await router.control("GET", "/table")).body).toEqual({ ...held(1, 7), version: 1 });
    const outcomes = await Promise.all(Array.from({ length: 8 }, () => put(held(1, 7))));
    expect(outcomes.filter((outcome) => (outcome as { outcome: string }).outcome === "written")).toHaveLength(1);
  });

  it("does not let an endpoint be drained that is on it", async () => {
    const router = await testRouter();
    const port = await namedService("web");
    await routing(router, port);
    const { status, body } = await router.control("POST", "/drain", { endpoints: [endpoint(port)], within: 10 });
    expect([status, body]).toMatchObject([409, { code: "not_allowed_now" }]);
  });
});

describe("several workers", () => {
  /** All processes whose parent is the holder. */
  const workersOf = (holder: number | null): readonly number[] =>
    readFileSync(`/proc/${holder}/task/${holder}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number);

  it("follow one table, are drained together, and each is replaced when it dies", async () => {
    const router = await testRouter({ flags: ["--workers", "3"] });
    await routing(router, await namedService("web"));
    const { pid } = await router.until(({ pid }) => workersOf(pid.holder).length === 3);
    const clients = Array.from({ length: 30 }, () =>
      new RawClient(router.port).send("GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    );
    await Promise.all(clients.map((client) => client.has('"name":"web"')));
    const { body } = await router.control("GET", "/metrics");
    expect((body as RouterTraffic).routes["web"]?.["r1"]?.requests).toBe(30);
    // Whoever asks sees one router: the clients, requests and room of all of them.
    const whole = await router.status();
    expect(whole).toMatchObject({ connections: 30, totals: { requests: 30 }, endpoints: [{ served: 30 }] });
    expect(whole.processes.map(({ role }) => role).toSorted()).toEqual(["follows", "follows", "leads"]);
    expect(whole.processes.reduce((sum, { connections }) => sum + connections, 0)).toBe(30);
    expect(whole.connectionLimit % 3).toBe(0);
    // Whichever worker has a client, once the write is acknowledged it goes by the new table.
    await routing(router, await namedService("next"), 1);
    for (const client of clients) client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    await Promise.all(clients.map((client) => client.has('"name":"next"')));
    const [follower = 0] = workersOf(pid.holder).filter((one) => one !== pid.worker);
    process.kill(follower, "SIGKILL");
    await router.until(() => workersOf(pid.holder).length === 3 && !workersOf(pid.holder).includes(follower));
    expect((await router.status()).pid).toEqual(pid);
    await router.control("POST", "/upgrade");
    await router.until((status) => status.pid.worker !== pid.worker);
    for (const client of clients) client.socket.destroy();
    await router.until(() => workersOf(pid.holder).length === 3);
    const last = workersOf(pid.holder);
    await router.stop();
    expect(last.filter(isAlive)).toEqual([]);
  });

  it("hold a client to one rate, whichever of them it comes to", async () => {
    const router = await testRouter({ flags: ["--workers", "2"] });
    const limits = { requestRate: { perSecond: 0.001, burst: 40 } };
    const limited = route([group("r1", [await namedService("web")])], { limits });
    await router.control("PUT", "/table", table({ web: limited }, 0));
    await router.until(({ processes }) => processes.length === 2);
    const clients = Array.from({ length: 40 }, () => new RawClient(router.port));
    const ask = async (): Promise<readonly string[]> => {
      const answers = clients.map(async (client) => {
        const from = client.text.length;
        client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        await client.until(({ text }) => /^HTTP\/1\.1 \d+[^]*\}/.test(text.slice(from)));
        return client.text.slice(from + 9, from + 12);
      });
      return [...new Set(await Promise.all(answers))];
    };
    expect(await ask()).toEqual(["200"]);
    // Whoever asks how they are has them tell each other first.
    await router.status();
    expect(await ask()).toEqual(["429"]);
  });
});

describe("an upgrade", () => {
  it("takes a new number of workers and a new access log, and no request fails", async () => {
    const router = await testRouter();
    await routing(router, await namedService("web"));
    const load = new Load(router.port, { kept: 4, fresh: 4 });
    await load.more(50);
    const first = join(router.directory, "access.log");
    const asked = { workers: 2, accessLog: { file: first, sample: 1 } };
    expect((await router.control("POST", "/upgrade", asked)).status).toBe(200);
    expect(await router.status()).toMatchObject(asked);
    await load.more(50);
    await router.until(({ processes }) => processes.filter(({ role }) => role === "follows").length === 1);
    await eventually(() => existsSync(first) && readFileSync(first, "utf8").includes('"route":"web"'));
    // What is left out stays as it is, and a new holder knows it too.
    expect((await router.control("POST", "/upgrade")).status).toBe(200);
    const { pid } = await router.status();
    atEnd(() => router.control("POST", "/shutdown").catch(() => undefined));
    process.kill(pid.holder ?? 0, "SIGKILL");
    const after = await router.until((status) => ![null, pid.holder].includes(status.pid.holder));
    expect(after).toMatchObject(asked);
    expect((await router.control("POST", "/upgrade", { workers: 1, accessLog: null })).status).toBe(200);
    expect(await router.status()).toMatchObject({ workers: 1, accessLog: null });
    await load.more(50);
    expect(await load.stop()).toMatchObject({ refused: 0, failures: [] });
    // One that was still starting when the upgrade came retires with the rest.
    const last = await router.until(({ processes }) => processes.length === 1);
    await router.control("POST", "/shutdown");
    await eventually(() => ![last.pid.holder, last.pid.worker].some((one) => isAlive(one ?? 0)));
  });

  it("to what makes no sense changes nothing", async () => {
    const router = await testRouter();
    const { pid } = await router.status();
    const nonsense = [
      ...[[], { workers: 0 }, { workers: "2" }, { workers: 65 }, { publicAddress: "127.0.0.1:1" }],
      ...[{ accessLog: 1 }, { accessLog: { file: "relative" } }, { accessLog: { file: "/x", sample: 2 } }],
    ];
    for (const settings of nonsense) {
      expect(await router.control("POST", "/upgrade", settings)).toMatchObject({
        status: 400,
        body: { code: "bad_request" },
      });
    }
    expect(await router.status()).toMatchObject({ pid, workers: 1, accessLog: null });
  });
});

describe("what releases did", () => {
  it("is still known after a restart of the router, and after its holder and worker were killed", async () => {
    const first = await testRouter();
    await routing(first, await namedService("web"));
    const counted = async (router: TestRouter): Promise<readonly [string, number | undefined]> => {
      const { since, routes } = (await router.control("GET", "/metrics")).body as RouterTraffic;
      return [since, routes["web"]?.["r1"]?.requests];
    };
    for (let i = 0; i < 3; i++) await new RawClient(first.port).send(getOnce("/")).has("200 OK");
    const [since, requests] = await counted(first);
    expect(requests).toBe(3);
    await first.stop();
    const second = await testRouter({ directory: first.directory });
    expect(await counted(second)).toEqual([since, 3]);
    await new RawClient(second.port).send(getOnce("/")).has("200 OK");
    // One that dies before it reports must not take along what it was told.
    process.kill((await second.status()).pid.worker, "SIGKILL");
    await second.until(({ pid }) => pid.holder !== null);
    expect((await counted(second))[1]).toBeGreaterThanOrEqual(3);
    await second.stop();
    writeFileSync(join(first.directory, "metrics.json"), '{"since":');
    const third = await testRouter({ directory: first.directory });
    expect((await counted(third))[1]).toBe(0);
  });
});

describe("a router", () => {
  it("can be controlled by its owner only", async () => {
    const { directory } = await testRouter();
    const mode = (path: string): number => statSync(path).mode & 0o777;
    expect([mode(directory), mode(join(directory, "router.sock"))]).toEqual([0o700, 0o600]);
  });

  it("does not start where one runs, where the port is taken, or where its socket would not fit", async () => {
    const { directory, port } = await testRouter();
    const start = async (at: string, address: string): Promise<unknown> =>
      startReply(["--directory", at, "--public", address, "--internal", "127.0.0.1:0"]);
    expect(await start(directory, "127.0.0.1:0")).toMatchObject({ kind: "failed", code: "already_running" });
    const taken = { kind: "failed", code: "port_in_use", port };
    expect(await start(temporaryDirectory(), `127.0.0.1:${port}`)).toMatchObject(taken);
    const long = join(temporaryDirectory(), "x".repeat(100));
    expect(await start(long, "127.0.0.1:0")).toMatchObject({
      code: "bad_request",
      message: expect.stringContaining("107") as string,
    });
    const open = ["--directory", directory, "--public", "127.0.0.1:0", "--internal", "0.0.0.0:0"];
    expect(await startReply(open)).toMatchObject({ message: expect.stringContaining("other machines") as string });
  });

  it("refuses what it does not understand on its control socket", async () => {
    const router = await testRouter();
    expect((await router.control("GET", "/constructor")).status).toBe(404);
    expect((await router.control("PUT", "/table")).status).toBe(400);
    expect((await router.control("POST", "/drain", { endpoints: 1 })).status).toBe(400);
  });

  it("turns clients away before it runs out of open files, says so, and serves on", async () => {
    const router = await testRouter({ openFiles: 120 });
    await routing(router, await namedService("web"));
    const { connectionLimit, files } = await router.status();
    expect(files.limit).toBe(120);
    const clients = Array.from({ length: connectionLimit + 30 }, () => new RawClient(router.port));
    for (const client of clients) client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    // Nobody leaves meanwhile, so who is served is served for good and all others hear no, or nothing.
    const heard = ({ text, ended }: RawClient): boolean => ended || /"requestId"|"name":"web"/.test(text);
    await Promise.allSettled(clients.map((client) => client.until(heard)));
    expect(clients.filter(({ status }) => status === 200).length).toBe(connectionLimit);
    expect(clients.filter(({ text }) => text.includes("too many connections")).length).toBeGreaterThan(0);
    expect((await router.status()).totals.turnedAway).toBe(30);
    for (const client of clients) client.socket.destroy();
    await router.until(({ connections }) => connections === 0);
    await new RawClient(router.port).send(getOnce("/")).has("200 OK");
    expect(readFileSync(join(router.directory, "router.log"), "utf8")).toContain("raise the limit on open files");
  });

  it("that has no open file left for a service spares one, and no request fails", async () => {
    const router = await testRouter({ openFiles: 120, limits: { upstreamIdle: 3_600_000 } });
    const port = await rawService((socket) =>
      socket.on("data", () => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")),
    );
    // A connection is kept to each replica, and there are more of them than open files.
    const endpoints = Array.from({ length: 150 }, (_, replica) => endpoint(port, `replica-${replica}`));
    const many = route([{ ...group("r1", []), endpoints }]);
    await router.control("PUT", "/table", table({ web: many }, 0));
    const client = new RawClient(router.port);
    for (let asked = 1; asked <= 150; asked++) {
      client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
      await client.until(({ text }) => text.split("\r\n\r\nok").length === asked + 1);
    }
    expect(client.text.split("HTTP/1.1 200 OK").length).toBe(151);
    const { endpoints: seen } = await router.status();
    expect(seen.filter(({ state, failed }) => state !== "well" || failed > 0)).toEqual([]);
    expect(readFileSync(join(router.directory, "router.log"), "utf8")).toContain("too few open files");
  });
});

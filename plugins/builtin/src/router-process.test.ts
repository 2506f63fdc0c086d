import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { createServer as createHttpServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { trafficRulesSuite } from "@fairway/conformance";
import type { ReleaseId, RoutingTable } from "@fairway/core";
import { afterEach, describe, expect, it, vi } from "vitest";
import { localRouter } from "./local-router.ts";
import { portOwner } from "./port-owner.ts";
import { ensureRouter, routerProcess, type EnsuredRouter } from "./router-process.ts";

const program = join(import.meta.dirname, "../../../apps/router/dist/main.js");

const undo: (() => unknown)[] = [];
async function undoAll(): Promise<void> {
  for (let end = undo.pop(); end !== undefined; end = undo.pop()) await end();
}
afterEach(undoAll);

function directory(): string {
  const made = mkdtempSync(join(tmpdir(), "fairway-ensure-"));
  undo.push(() => rmSync(made, { recursive: true, force: true }));
  undo.push(() => routerProcess(made).stop());
  return made;
}

const ensure = (at: string, publicAddress = "127.0.0.1:0", limits = {}): Promise<EnsuredRouter> =>
  ensureRouter({
    ...{ directory: at, publicAddress, internalAddress: "127.0.0.1:0", program },
    limits: { stopWithin: 500, ...limits },
  });

async function service(answer: string): Promise<number> {
  const server = createHttpServer((_request, response) => response.end(answer));
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  undo.push(() => (server.closeAllConnections(), server.close()));
  return (server.address() as AddressInfo).port;
}

const tableWith = (version: number, port: number, epoch = 1): RoutingTable => ({
  version,
  routes: {
    "production/web": {
      rules: [{ host: "*", path: "/" }],
      internalPath: "/web",
      health: { path: "/", interval: 1000, timeout: 500 },
      groups: [{ release: "r1" as ReleaseId, weight: 1, endpoints: [{ replica: "web-1", host: "127.0.0.1", port }] }],
      epoch,
    },
  },
});

trafficRulesSuite("Fairway's own", async () => {
  const at = directory();
  const { publicAddress, internalAddress } = await ensure(at, "127.0.0.1:0", { holdFor: 50 });
  return { router: localRouter({ directory: at }), publicAddress, internalAddress, close: undoAll };
});

describe("the router process", () => {
  it("is started once, adopted after, and gone when it is stopped", async () => {
    const at = directory();
    const first = await ensure(at);
    expect(first.found).toBe("not running");
    const second = await ensure(at);
    expect([second.found, second.publicAddress]).toEqual(["running", first.publicAddress]);
    const { pid } = await second.status();
    await second.stop();
    await expect(second.status()).rejects.toMatchObject({ code: "router_unavailable", retryable: true });
    expect(() => process.kill(pid.worker, 0)).toThrow("ESRCH");
    await second.stop();
  });

  it("whose holder was killed is adopted, with a new holder", async () => {
    const at = directory();
    const { pid } = await (await ensure(at)).status();
    process.kill(pid.holder ?? 0, "SIGKILL");
    const again = await ensure(at);
    expect(again.found).toBe("running");
    await vi.waitUntil(async () => ![null, pid.holder].includes((await again.status()).pid.holder), {
      timeout: 15_000,
    });
    expect((await again.status()).pid.worker).toBe(pid.worker);
  });

  it("that is wanted otherwise is given its settings without an end, and keeps them", async () => {
    const at = directory();
    const options = { directory: at, publicAddress: "127.0.0.1:0", internalAddress: "127.0.0.1:0", program };
    const { pid } = await (await ensureRouter(options)).status();
    const accessLog = { file: join(at, "access.log"), sample: 0.5 };
    const second = await ensureRouter({ ...options, workers: 2, accessLog });
    expect(second.found).toBe("running");
    expect(await second.status()).toMatchObject({ pid: { holder: pid.holder }, workers: 2, accessLog });
    const { worker } = (await second.status()).pid;
    await ensureRouter({ ...options, workers: 2, accessLog });
    expect((await second.status()).pid.worker).toBe(worker);
    await ensureRouter(options);
    expect(await second.status()).toMatchObject({ pid: { holder: pid.holder }, workers: 1, accessLog: null });
  });

  it("that two want at the same time is one", async () => {
    const at = directory();
    const [one, other] = await Promise.all([ensure(at), ensure(at)]);
    expect((await one.status()).pid).toEqual((await other.status()).pid);
  });

  it("is not another one because other addresses are asked for", async () => {
    const at = directory();
    await ensure(at);
    await expect(ensure(at, "127.0.0.1:1")).rejects.toMatchObject({ code: "not_allowed_now" });
  });

  it("has a TLS listener when it is to, and says what is wrong with its certificates", async () => {
    const at = directory();
    const options = {
      publicAddress: "127.0.0.1:0",
      internalAddress: "127.0.0.1:0",
      program,
      limits: { stopWithin: 500 },
    };
    const router = await ensureRouter({ directory: at, ...options, tlsAddress: "127.0.0.1:0" });
    expect(await router.status()).toMatchObject({
      publicTls: expect.stringMatching(/^127/) as string,
      certificates: [],
    });
    expect(await router.reload()).toEqual({ certificates: [] });
    writeFileSync(
      join(at, "certificates.json"),
      '{"certificates":[{"host":"a.test","certificate":"/no","key":"/no"}]}',
    );
    const problems = ["host a.test: /no is not there", "host a.test: /no is not there"];
    await expect(router.reload()).rejects.toMatchObject({ code: "bad_request", problems });
    await expect(ensure(at)).rejects.toMatchObject({ message: /not on no TLS port/ });
  });

  it("names the port that is taken and who has it", async () => {
    const taken = createServer();
    await new Promise<void>((listening) => taken.listen(0, "127.0.0.1", listening));
    undo.push(() => taken.close());
    const { port } = taken.address() as AddressInfo;
    expect(await portOwner(port)).toBe(process.pid);
    const failing = ensure(directory(), `127.0.0.1:${port}`);
    await expect(failing).rejects.toMatchObject({ code: "port_in_use" });
    await expect(failing).rejects.toThrow(`port ${port} is taken by process ${process.pid}`);
  });

  it("says what is wrong with its directory", async () => {
    const long = join(directory(), "x".repeat(100));
    await expect(ensure(long)).rejects.toMatchObject({ code: "bad_request", message: /107/ });
    await expect(ensure("/dev/null/router")).rejects.toMatchObject({ code: "data_directory_unusable" });
  });
});

describe("the local router", () => {
  it("reads, writes and drains", async () => {
    const at = directory();
    const { publicAddress } = await ensure(at);
    const router = localRouter({ directory: at });
    expect(await router.read()).toEqual({ version: 0, routes: {} });
    const port = await service("hello");
    expect(await router.write(tableWith(0, port))).toEqual({ outcome: "written", version: 1 });
    expect(await router.read()).toEqual(tableWith(1, port));
    expect(await router.write(tableWith(0, port))).toEqual({ outcome: "outdated", version: 1 });
    expect(await router.write(tableWith(1, port, 0))).toEqual({ outcome: "fenced", route: "production/web", epoch: 1 });
    expect(await (await fetch(`http://${publicAddress}/`)).text()).toBe("hello");
    expect((await router.traffic()).routes["production/web"]?.["r1"]?.requests).toBe(1);
    const replica = { replica: "web-1", host: "127.0.0.1", port };
    await expect(router.drain([replica], 100)).rejects.toMatchObject({ code: "not_allowed_now" });
    expect(await router.write({ version: 1, routes: {} })).toEqual({ outcome: "written", version: 2 });
    expect(await router.drain([replica], 100)).toEqual({ cut: 0 });
  });

  it("says all that is wrong with a table", async () => {
    const at = directory();
    await ensure(at);
    const failing = localRouter({ directory: at }).write(tableWith(0, 70_000, -1));
    await expect(failing).rejects.toMatchObject({ code: "bad_request", problems: { length: 2 } });
  });

  it("gets every answer while workers are replaced and killed", async () => {
    const at = directory();
    const { upgrade, status } = await ensure(at);
    const router = localRouter({ directory: at });
    const port = await service("hello");
    await router.write(tableWith(0, port));
    const versions = new Set<number>();
    let asking = true;
    const asked = (async () => {
      while (asking) versions.add((await router.read()).version);
    })();
    const before = await status();
    expect((await upgrade()).worker).not.toBe(before.pid.worker);
    process.kill((await status()).pid.worker, "SIGKILL");
    // The write may have taken just before the kill: then it was its repetition that was answered.
    expect(["written", "outdated"]).toContain((await router.write(tableWith(1, port, 2))).outcome);
    expect((await router.read()).version).toBe(2);
    asking = false;
    await asked;
    expect([...versions].every((version) => version === 1 || version === 2)).toBe(true);
  });
});

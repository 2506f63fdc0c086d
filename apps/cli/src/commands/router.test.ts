import { describe, expect, test } from "vitest";
import type { DaemonStandIn } from "../testing/daemon-stand-in.ts";
import { standInForDaemon } from "../testing/daemon-stand-in.ts";
import type { Ended } from "../testing/run-cli.ts";
import { runCli } from "../testing/run-cli.ts";
import { routerLines } from "./router.ts";

const status = {
  kind: "local",
  holder: 7,
  worker: 8,
  since: "2026-11-21T10:00:00.000Z",
  public: "127.0.0.1:8080",
  publicTls: null,
  internal: "127.0.0.1:7301",
  tableVersion: 3,
  connections: 2,
  connectionLimit: 9900,
  files: { limit: 20_000, open: 31 },
  held: 0,
  workers: 1,
  accessLogSample: null,
} as const;

const none = { totals: {}, certificates: [], endpoints: [], processes: [], maintenance: [] };

const linesOf = (other: Partial<Parameters<typeof routerLines>[0]>): string =>
  routerLines({ ...status, ...none, ...other }).join("\n");

test("the router's status says only what there is", () => {
  const lines = linesOf({});
  expect(lines).toContain("worker 8, holder 7");
  expect(lines).toContain("31 of at most 20000");
  for (const absent of ["TLS", "waiting", "replica", "served to", "workers", "log", "turned", "closed"])
    expect(lines).not.toContain(absent);
});

test("the router's status has its certificates, endpoints and troubles", () => {
  const lines = linesOf({
    holder: null,
    held: 2,
    publicTls: "0.0.0.0:8443",
    certificates: [{ host: "*", certificate: "/tls/a.crt", names: ["a"], validUntil: "2027-01-02T00:00:00.000Z" }],
    endpoints: [
      {
        ...{ replica: "web-1", host: "127.0.0.1", port: 40_001, state: "ill" },
        ...{ inFlight: 1, served: 2, failed: 3, lastFailure: "GET /healthz answered 500\u001B[2J" },
      },
    ],
  });
  expect(lines).toMatch(/holder has died[^]*0\.0\.0\.0:8443[^]*2 requests, for a replica/);
  expect(lines).toMatch(/\*\s+2027-01-02\s+a\s+\/tls\/a\.crt/);
  expect(lines).toMatch(/web-1\s+127\.0\.0\.1:40001\s+ill\s+1\s+2\s+3\s+GET \/healthz answered 500$/);
});

test("the router's status has its workers, its log, what is closed, and whom it had no room for", () => {
  const facts = { since: "2026-11-21T10:00:00.000Z", residentBytes: 60 * 1024 * 1024 };
  const lines = linesOf({
    workers: 2,
    accessLogSample: 0.05,
    totals: { turnedAway: 3 },
    processes: [
      { ...facts, pid: 8, role: "leads", connections: 2 },
      { ...facts, pid: 9, role: "retires", connections: 1 },
    ],
    maintenance: [{ route: "production/web", message: "Back at ten" }],
  });
  expect(lines).toMatch(/workers\s+2\n/);
  expect(lines).toMatch(/0\.05 of what goes well[^]*3 clients: too few open files/);
  expect(lines).toMatch(/production\/web\s+Back at ten/);
  expect(lines).toMatch(/9\s+ends what it has\s+2026-11-21 10:00:00\s+1\s+60 MiB/);
});

test("an upgrade leaves the settings as they are, and says which process carries the traffic", async () => {
  const daemon = await standInForDaemon({ "POST /api/v1/router/upgrade": { worker: 9 } });
  const ended = await runCli(["--data", daemon.dataDirectory, "router", "upgrade"]);
  await daemon.close();
  expect(ended).toMatchObject({ code: 0, stderr: "" });
  expect(ended.stdout).toContain("process 9 carries the traffic now");
  expect(daemon.changes.map(({ body }) => body)).toEqual([{}]);
});

describe("maintenance", () => {
  const place = "POST /api/v1/environments/production/services/web/maintenance";
  const ask = async (...words: readonly string[]): Promise<{ ended: Ended; changes: DaemonStandIn["changes"] }> => {
    const daemon = await standInForDaemon({ [place]: ({ body }: { body: unknown }) => body });
    const ended = await runCli([
      "--data",
      daemon.dataDirectory,
      "router",
      "maintenance",
      "production",
      "web",
      ...words,
    ]);
    await daemon.close();
    return { ended, changes: daemon.changes };
  };

  test("begins with a message, and says how it ends", async () => {
    const { ended, changes } = await ask("--message", "Back at ten");
    expect(ended).toMatchObject({ code: 0, stderr: "" });
    expect(ended.stdout).toContain("fairway router maintenance production web --off");
    expect(changes.map(({ body }) => body)).toEqual([{ message: "Back at ten" }]);
  });

  test("ends with --off", async () => {
    const { ended, changes } = await ask("--off");
    expect(ended).toMatchObject({ code: 0, stdout: "web in production is open\n" });
    expect(changes.map(({ body }) => body)).toEqual([{ message: null }]);
  });

  test.each([[[]], [["--off", "--message", "x"]], [["--message", ""]]])(
    "%j is refused, and changes nothing",
    async (words) => {
      const { ended, changes } = await ask(...words);
      expect(ended.code).toBe(1);
      expect(ended.stderr).toContain('--message "…", or --off');
      expect(changes).toEqual([]);
    },
  );
});

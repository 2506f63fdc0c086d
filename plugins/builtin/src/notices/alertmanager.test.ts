import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Notice, NoticeAnswer } from "@fairway/core";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { needs } from "../../../../tools/skips.ts";
import { openNotifier } from "./open-notifier.ts";

interface Running {
  readonly url: string;
  end(): Promise<void>;
}

/** An Alertmanager that tells nobody; null when somebody else took the port before it. */
async function start(): Promise<Running | null> {
  const directory = mkdtempSync(join(tmpdir(), "fairway-alertmanager-"));
  const file = join(directory, "alertmanager.yml");
  writeFileSync(file, "route: { receiver: none }\nreceivers: [{ name: none }]\n");
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  server.close();
  await once(server, "close");
  const program = spawn(
    "prometheus-alertmanager",
    [
      `--config.file=${file}`,
      `--storage.path=${join(directory, "data")}`,
      `--web.listen-address=${address}`,
      "--cluster.listen-address=",
    ],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  const ended = once(program, "exit").then(() => rmSync(directory, { recursive: true, force: true }));
  for await (const line of createInterface({ input: program.stderr }))
    if (/Listening on|listen-address|address=127/u.test(line) && !line.includes("err=")) {
      program.stderr.resume();
      return {
        url: `http://${address}`,
        end: async () => {
          program.kill();
          await ended;
        },
      };
    }
  await ended;
  return null;
}

interface Alert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly endsAt: string;
}

describe.skipIf(!needs("alertmanager"))("a real Alertmanager", () => {
  let running: Running | null = null;
  beforeAll(async () => {
    for (let tries = 0; running === null && tries < 5; tries++) running = await start();
  });
  afterAll(() => running?.end());

  const alerts = async (): Promise<readonly Alert[]> =>
    (await (await fetch(`${running?.url}/api/v2/alerts`)).json()) as readonly Alert[];

  test("holds one alert however often it is told, for longer than it would by itself, until all is well again", async () => {
    const opened = openNotifier(
      {
        ...{ name: "alerts", about: [], environments: null, allowPrivate: [] },
        place: { kind: "alertmanager", url: running?.url ?? "", user: null, password: null },
      },
      {},
      ["127.0.0.0/8"],
    );
    onTestFinished(() => opened.close());
    const told = (level: Notice["level"], title: string): Promise<NoticeAnswer> =>
      opened.notify(
        {
          ...{ id: "one", kind: "deployment.failed", level, title, text: "nobody knows why", thread: "run-17" },
          ...{ environment: "production", run: null, release: null, facts: [], at: new Date().toISOString() },
          url: "https://fairway.example.com/runs/run-17",
        },
        { thread: null, uncertain: false },
      );
    expect(await told("error", "r7 to production failed")).toEqual({ told: true, reference: null });
    await told("error", "r7 to production failed again");
    const held = await alerts();
    expect(held).toMatchObject([
      {
        labels: { alertname: "Fairway", severity: "critical", environment: "production" },
        annotations: { summary: "r7 to production failed again" },
      },
    ]);
    // By itself it lets go of an alert after five minutes.
    expect(Date.parse(held[0]?.endsAt ?? "") - Date.now()).toBeGreaterThan(86_400_000);
    expect(await told("success", "r8 runs in production")).toEqual({ told: true, reference: null });
    expect(await alerts()).toEqual([]);
  });
});

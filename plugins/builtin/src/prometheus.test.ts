import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { needs } from "../../../tools/skips.ts";
import { prometheusMetricsSource } from "./prometheus-metrics-source.ts";

interface Running {
  readonly url: string;
  end(): Promise<void>;
}

/** A Prometheus that watches nothing; null when somebody else took the port before it. */
async function start(): Promise<Running | null> {
  const directory = mkdtempSync(join(tmpdir(), "fairway-prometheus-"));
  const file = join(directory, "prometheus.yml");
  writeFileSync(file, "scrape_configs: []\n");
  const address = `127.0.0.1:${await freePort()}`;
  const program = spawn(
    "prometheus",
    [`--config.file=${file}`, `--storage.tsdb.path=${join(directory, "data")}`, `--web.listen-address=${address}`],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  const ended = once(program, "exit").then(() => rmSync(directory, { recursive: true, force: true }));
  for await (const line of createInterface({ input: program.stderr }))
    if (line.includes("Server is ready to receive web requests")) {
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

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

describe.skipIf(!needs("prometheus"))("a real Prometheus", () => {
  let running: Running | null = null;
  beforeAll(async () => {
    for (let tries = 0; running === null && tries < 5; tries++) running = await start();
  });
  afterAll(() => running?.end());

  test("answers as its documentation says, and every answer is a number or words", async () => {
    const { ask } = prometheusMetricsSource({ url: running?.url ?? "", timeout: 30_000 });
    expect(await ask("vector(41) + 1")).toBe(42);
    expect(await ask("42")).toBe(42);
    expect(await ask("up")).toBe("the answer is empty: nothing has these labels");
    expect(await ask("0 / 0")).toBe("the answer is no number: NaN");
    expect(await ask("vector(1) / 0")).toBe("the answer is no number: +Inf");
    expect(await ask('label_replace(vector(1), "a", "b", "", "") or vector(2)')).toContain("2 numbers");
    expect(await ask("vector(1)[1m:]")).toBe("the query gives a matrix, not a number");
    expect(await ask("sum(rate(")).toMatch(/^Prometheus refused the query: invalid parameter "query": .*parse error/u);
  });
});

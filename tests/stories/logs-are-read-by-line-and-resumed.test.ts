import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { LogLine, Run } from "@fairway/api";
import { compressLog } from "@fairway/engine";
import type { Fairway } from "./support/fairway-under-test.ts";
import { openFairway } from "./support/fairway-under-test.ts";
import { stagingOnly, webProject } from "./support/tiny-service.ts";
import { assertEnded } from "./support/watch-run.ts";

const count = 30_000;
const cli = join(import.meta.dirname, "../../apps/cli/dist/main.js");
const job = "check:web/noise";

let fairway: Fairway;
let run: Run;
let step: string;

beforeAll(async () => {
  const files = webProject(
    {},
    { service: { checks: { noise: "node noise.mjs", quiet: "node --check server.mjs" } }, environments: stagingOnly() },
  );
  fairway = await openFairway({
    ...files,
    "web/noise.mjs": `for (let at = 1; at <= ${count}; at++) console.log("line " + at);`,
  });
  const deployed = await fairway.release();
  assertEnded(deployed, "succeeded");
  const runs = await fairway.client.call("runs", {});
  const released = runs.find(({ kind }) => kind === "release");
  run = await fairway.client.call("run", { run: released?.id ?? "" });
  step = run.jobs.find(({ name }) => name === job)?.steps[0]?.name ?? "";
});

afterAll(() => fairway?.end());

/** The lines of a stream until it ends, or so many, and the id of the last. */
async function read(
  query: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = {},
  most = Infinity,
): Promise<{ readonly lines: readonly LogLine[]; readonly id: string }> {
  const url = `${fairway.client.url}/api/v1/logs?${new URLSearchParams({ run: run.id, job, ...query }).toString()}`;
  const leave = new AbortController();
  const response = await fetch(url, { headers, signal: leave.signal });
  const lines: LogLine[] = [];
  let id = "";
  let open = "";
  const decoder = new TextDecoder();
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    const events = (open + decoder.decode(chunk, { stream: true })).split("\n\n");
    open = events.pop() ?? "";
    for (const event of events) {
      const [, eventId = "", data = ""] = /^id: (.*)\ndata: (.*)$/.exec(event) ?? [];
      if (data === "" || lines.length >= most) continue;
      id = eventId;
      lines.push(JSON.parse(data) as LogLine);
    }
    if (lines.length >= most) break;
  }
  leave.abort();
  return { lines, id };
}

const texts = (lines: readonly LogLine[]): readonly string[] => lines.map(({ text }) => text);
const expected = (from: number, to: number): readonly string[] =>
  Array.from({ length: to - from + 1 }, (_, at) => `line ${from + at}`);

/** What must hold before the log is compressed and after. */
async function assertReadable(): Promise<void> {
  const whole = await read({});
  expect(texts(whole.lines)).toEqual(expected(1, count));
  expect(whole.lines.at(-1)).toMatchObject({ line: count });

  const first = await read({}, {}, 12_345);
  const rest = await read({}, { "last-event-id": first.id });
  expect(texts(rest.lines)).toEqual(expected(12_346, count));

  const named = { run: run.id, job, step };
  const window = await fairway.client.call("logWindow", { ...named, line: 20_000, lines: 3 });
  expect(texts(window.lines)).toEqual(expected(20_000, 20_002));
  expect(window).toMatchObject({ ended: true, size: whole.lines.at(-1)?.next });
  const next = await fairway.client.call("logWindow", { ...named, offset: window.next, bytes: 25 });
  expect(texts(next.lines)).toEqual(expected(20_003, 20_005));
  const behind = await fairway.client.call("logWindow", { ...named, line: count + 1 });
  expect(behind).toMatchObject({ lines: [], next: behind.size });

  const args = ["logs", "--run", run.id, "--job", job, "--from-line", "29999", "--data", fairway.data];
  const shown = await promisify(execFile)(process.execPath, [cli, ...args], { cwd: fairway.project.path });
  expect(shown.stdout).toMatch(/line 29999\n.*line 30000\n$/);
}

test("a log is read whole, by line, by bytes, and on from where a reader was", assertReadable);

test("and just so once it is compressed", async () => {
  const found = await promisify(execFile)("find", [
    join(fairway.data, "steps"),
    "-path",
    "*noise*",
    "-name",
    "log.lines",
  ]);
  const log = found.stdout.trim().replace(/\.lines$/, "");
  // The daemon may have been faster.
  expect(["compressed", "missing"]).toContain(await compressLog(log));
  expect(existsSync(log)).toBe(false);
  await assertReadable();
});

test("a window of what is not one log, and an id that is none, are refused", async () => {
  await expect(fairway.client.call("logWindow", { run: run.id })).rejects.toMatchObject({ code: "bad_request" });
  await expect(fairway.client.stream("logs", { run: run.id, after: "nonsense" }).next()).rejects.toMatchObject({
    code: "bad_request",
  });
});

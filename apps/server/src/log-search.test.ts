import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { dispositionOf } from "./http/sent-file.ts";
import { logFile } from "./log-download.ts";
import { marksOfLog, searchLog } from "./log-search.ts";
import type { LogParts } from "./logs.ts";

let directory = "";
beforeAll(async () => void (directory = await mkdtemp(join(tmpdir(), "fairway-search-"))));
afterAll(() => rm(directory, { recursive: true }));

/** What somebody might write, who wants it taken for something else. */
const hostile = [
  "<script>x</script>",
  "\u001b[31mred\u001b[0m",
  "a\u0000b\u202ec",
  '" ; filename=evil.exe',
  "..\\../../x",
  "\ud83dhalf",
  "é 配置",
];

const going = new AbortController().signal;
const whole = { offset: 0, bytes: 1_000_000, most: 500 };

/** A replica's log with this text. */
async function logOf(text: string): Promise<LogParts> {
  const path = join(await mkdtemp(join(directory, "log-")), "log");
  await writeFile(path, text);
  return { replicaLogs: async () => [{ replica: "staging.api.r1.0", path, alive: false }] } as unknown as LogParts;
}

test("a text is found with its line and column, whatever its case, and colours do not hide it", async () => {
  const parts = await logOf("one\n\u001b[31mTWO\u001b[0m three two\n");
  const found = await searchLog(parts, { ...whole, text: "two", exact: "false" }, going);
  expect(found).toMatchObject({
    source: "staging.api.r1.0",
    ended: true,
    next: null,
    matches: [{ offset: 4, line: 2, column: 1, text: "TWO three two" }],
  });
  const exact = await searchLog(parts, { ...whole, text: "two", exact: "true" }, going);
  expect(exact.matches).toMatchObject([{ column: 11 }]);
});

test("a look goes so far and finds so many, and says where to go on until all was looked at", async () => {
  const parts = await logOf("match here\nnothing\n".repeat(1000));
  let [next, found, looks]: [number | null, number, number] = [0, 0, 0];
  while (next !== null) {
    const look = await searchLog(parts, { offset: next, bytes: 5_000, most: 100, text: "match", exact: "true" }, going);
    expect(look.matches.length).toBeLessThanOrEqual(100);
    [next, found, looks] = [look.next, found + look.matches.length, looks + 1];
  }
  expect(found).toBe(1000);
  expect(looks).toBeGreaterThan(3);
});

test("a match in a long line is shown with what is around it", async () => {
  const parts = await logOf(`${"x".repeat(5_000)}needle${"y".repeat(5_000)}\n`);
  const { matches } = await searchLog(parts, { ...whole, bytes: 2_000_000, text: "needle", exact: "true" }, going);
  expect(matches.map(({ column, text }) => [column, text.length, text.includes("needle")])).toEqual([
    [5_001, 406, true],
  ]);
});

test("groups, errors and warnings are told with their places, as both kinds of steps write them", async () => {
  const parts = await logOf(
    "##[group]Install\nfine\n##[endgroup]\n::error file=a.js,line=3::broken\n2026-01-02T03:04:05.123Z ##[warning]slow\nsays ::error:: inside\n",
  );
  const { marks } = await marksOfLog(parts, whole, going);
  expect(marks.map(({ line, kind, text }) => [line, kind, text])).toEqual([
    [1, "group", "Install"],
    [3, "endgroup", ""],
    [4, "error", "broken"],
    [5, "warning", "slow"],
  ]);
});

test("a log is downloaded as it was written, byte for byte", async () => {
  const text = hostile.join("\n");
  const { name, type, body } = await logFile(await logOf(text), {}, going);
  const pieces: Uint8Array[] = [];
  for await (const piece of body) pieces.push(piece);
  expect([name, type]).toEqual(["staging.api.r1.0.log", "text/plain; charset=utf-8"]);
  expect(Buffer.concat(pieces).equals(Buffer.from(text))).toBe(true);
});

test("no name of a file says anything but a name in a header", () => {
  for (const text of hostile) {
    const header = dispositionOf(text.toWellFormed());
    expect(header).toMatch(/^attachment; filename="[\w .-]*"; filename\*=UTF-8''[\w.~!%-]*$/);
  }
});

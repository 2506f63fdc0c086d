import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { copyFile, mkdtemp, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { compressLog } from "./compress-log.ts";
import { compressedPathOf } from "./compressed-log.ts";
import { countNewlines, lineAt, placeOfLine } from "./line-index.ts";
import { LogWriter } from "./log-writer.ts";
import { openLogBytes } from "./open-log-bytes.ts";
import { type LogLine, type LogQuery, readLog } from "./read-log.ts";
import { tailOf } from "./tail.ts";

let root: string;
let path: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "fairway-logs-"));
  path = join(root, "log");
});
afterEach(() => rm(root, { recursive: true, force: true }));

const count = 30_000;
const lines = Array.from({ length: count }, (_, at) => `line ${at + 1} ${"x".repeat(at % 60)}`);
const text = `${lines.join("\n")}\n`;

async function written(more?: "open"): Promise<void> {
  const log = await LogWriter.open(path);
  // Pieces that agree with no block.
  for (let at = 0; at < text.length; at += 99_991) await log.write(Buffer.from(text.slice(at, at + 99_991)));
  await (more === "open" ? log.close() : log.end());
}

const all = async (query: Partial<LogQuery> = {}): Promise<LogLine[]> => {
  const found: LogLine[] = [];
  for await (const line of readLog({ path, ...query })) found.push(line);
  return found;
};

async function contents(): Promise<string> {
  const log = await openLogBytes(path);
  if (log === undefined) throw new Error("no log");
  const chunk = Buffer.alloc(70_001);
  const parts: Buffer[] = [];
  for (let at = 0; ;) {
    const read = await log.read(chunk, chunk.length, at);
    if (read === 0) break;
    parts.push(Buffer.from(chunk.subarray(0, read)));
    at += read;
  }
  await log.close();
  return Buffer.concat(parts).toString();
}

describe("a compressed log", () => {
  it("reads as the plain one did: whole, by line, from the end, from an offset, and with zcat", async () => {
    await written();
    const before = await all({ fromLine: 12_345, lines: 3 });
    expect(await compressLog(path)).toBe("compressed");
    expect(existsSync(path)).toBe(false);
    expect((await stat(compressedPathOf(path))).size).toBeLessThan(text.length / 2);
    expect(await contents()).toBe(text);
    expect(await all({ fromLine: 12_345, lines: 3 })).toEqual(before);
    expect(before.map(({ line, number }) => [line, number])).toEqual(
      [12_344, 12_345, 12_346].map((at) => [lines[at], at + 1]),
    );
    expect((await all({ tail: 2 })).map(({ line, number }) => [line, number])).toEqual([
      [lines.at(-2), count - 1],
      [lines.at(-1), count],
    ]);
    const { next } = before.at(-1)!;
    expect((await all({ from: next, lines: 1, follow: true }))[0]).toMatchObject({
      line: lines[12_347],
      number: 12_348,
    });
    expect(await tailOf(path, 1)).toEqual([lines.at(-1)]);
    expect(execFileSync("zcat", [compressedPathOf(path)], { encoding: "utf8", maxBuffer: 1e8 })).toBe(text);
  });

  it("goes on for those who were reading the plain one", async () => {
    await written();
    const reader = readLog({ path, follow: true });
    const first = await reader.next();
    await compressLog(path);
    const rest: string[] = [first.value.line];
    for await (const { line } of reader) rest.push(line);
    expect(rest).toEqual(lines);
  });

  it("is made again when a crash left a part of it, and never at the price of the plain one", async () => {
    await written();
    await copyFile(path, `${path}.copy`);
    await compressLog(path);
    const whole = await readFile(compressedPathOf(path));
    // The plain log was not yet removed: it is what is read, whatever lies beside it.
    for (const left of [whole, whole.subarray(0, whole.length - 7), whole.subarray(0, 100), Buffer.alloc(0)]) {
      await copyFile(`${path}.copy`, path);
      await writeFile(compressedPathOf(path), left);
      const unfinished = `${compressedPathOf(path)}.new-4194305`; // no process has such a number
      await writeFile(unfinished, "half");
      expect(await contents()).toBe(text);
      expect(await compressLog(path)).toBe("compressed");
      expect(await contents()).toBe(text);
      expect(left === whole || !existsSync(unfinished)).toBe(true);
    }
  });

  it("that is damaged says so", async () => {
    await written();
    await compressLog(path);
    await truncate(compressedPathOf(path), 5_000);
    await expect(all()).rejects.toMatchObject({ code: "internal", message: expect.stringContaining("is damaged") });
  });
});

it("leaves a log alone that is small, not there, or not ended", async () => {
  expect(await compressLog(path)).toBe("missing");
  await written("open");
  expect(await compressLog(path)).toBe("open");
  await rm(path);
  await rm(`${path}.index`);
  const log = await LogWriter.open(path);
  await log.write(Buffer.from("short\n"));
  await log.end();
  expect(await compressLog(path)).toBe("small");
  expect(await readFile(path, "utf8")).toBe("short\n");
});

it("refuses a path that is none, and makes no file of it", async () => {
  const none = undefined as unknown as string;
  for (const wrong of [none, "", "log", "a\0b"]) {
    await expect(LogWriter.open(wrong)).rejects.toMatchObject({ code: "internal" });
    await expect(compressLog(wrong)).rejects.toMatchObject({ code: "internal" });
  }
  expect(existsSync("undefined")).toBe(false);
  expect(existsSync("undefined.gz.new")).toBe(false);
});

describe("line numbers", () => {
  const offsetOf = (line: number): number => lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);

  it.each(["whole", "missing", "cut short", "half zeros"])("are found with an index that is %s", async (state) => {
    await written();
    const index = `${path}.lines`;
    if (state === "missing") await rm(index);
    if (state === "cut short") await truncate(index, 21);
    if (state === "half zeros")
      await writeFile(index, Buffer.concat([(await readFile(index)).subarray(0, 16), Buffer.alloc(64)]));
    for (const line of [1, 2, 1_500, 1_501, 15_000, count])
      expect(await placeOfLine(path, line)).toEqual({ offset: offsetOf(line), line });
    expect(await placeOfLine(path, count + 1)).toEqual({ offset: text.length, line: count + 1 });
    expect(await placeOfLine(path, 10 * count)).toEqual({ offset: text.length, line: count + 1 });
    for (const line of [1, 1_500, count]) expect(await lineAt(path, offsetOf(line))).toBe(line);
  });

  it("go on behind what an earlier writer left", async () => {
    await written("open");
    const log = await LogWriter.open(path);
    await log.skipToEnd();
    await log.write(Buffer.from("one more\n"));
    await log.end();
    expect((await all({ fromLine: count + 1 })).map(({ line }) => line)).toEqual(["one more"]);
  });

  it("are those of a count byte by byte, at any alignment", () => {
    const bytes = Buffer.from(
      Array.from({ length: 300 }, (_, at) => [0x0a, 0x0b, 0x8a, 0x09, 0x0a, 0, 0xff][(at * at) % 7] ?? 0),
    );
    for (let from = 0; from < 9; from++)
      for (let to = from; to < bytes.length; to += 13) {
        const part = bytes.subarray(from, to);
        expect(countNewlines(part)).toBe(part.filter((byte) => byte === 0x0a).length);
      }
  });
});

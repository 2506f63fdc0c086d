import { appendFile, mkdtemp, rename, rm, truncate, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LogIndexWriter, markLogTime } from "./log-index.ts";
import { type LogLine, type LogQuery, readLog } from "./read-log.ts";

let root: string;
let path: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "fairway-logs-"));
  path = join(root, "log");
});
afterEach(() => rm(root, { recursive: true, force: true }));

const all = async (query: Partial<LogQuery> = {}): Promise<LogLine[]> => {
  const lines: LogLine[] = [];
  for await (const line of readLog({ path, ...query })) lines.push(line);
  return lines;
};
const texts = async (query: Partial<LogQuery> = {}): Promise<string[]> => (await all(query)).map(({ line }) => line);

describe("reading", () => {
  it("gives lines with the offsets to go on from, and the one that is not ended", async () => {
    await writeFile(path, "one\n\nthrée\nfour");
    const lines = await all();
    expect(lines.map(({ line, offset }) => [line, offset])).toEqual([
      ["one", 0],
      ["", 4],
      ["thrée", 5],
      ["four", 12],
    ]);
    for (const [at, line] of lines.entries())
      expect(await texts({ from: line.next })).toEqual(lines.slice(at + 1).map((l) => l.line));
  });

  it("gives the last lines, whatever their lengths", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: fc.constantFrom("a", "é"), maxLength: 5 }), { maxLength: 8 }),
        fc.nat({ max: 9 }),
        fc.boolean(),
        async (lines, tail, ended) => {
          await writeFile(path, lines.join("\n") + (ended && lines.length > 0 ? "\n" : ""));
          const whole = await texts();
          expect(await texts({ tail })).toEqual(tail === 0 ? [] : whole.slice(-tail));
        },
      ),
      { numRuns: 100 },
    );
  });

  it("finds the last lines of a file larger than it reads at once", async () => {
    const lines = Array.from({ length: 30_000 }, (_, at) => `line ${at}`);
    await writeFile(path, `${lines.join("\n")}\n`);
    expect(await texts({ tail: 20_000 })).toEqual(lines.slice(-20_000));
    expect(await texts({ lines: 2 })).toEqual(["line 0", "line 1"]);
    expect(await texts({ tail: 2, grep: "7" })).toEqual(["line 29987", "line 29997"]);
  });

  it("takes the text to look for as it stands, and sees through colours", async () => {
    await writeFile(path, "a.b\naxb\n(a+)+$\n\u001b[31mer\u001b[0mror\n");
    expect(await texts({ grep: "a.b" })).toEqual(["a.b"]);
    expect(await texts({ grep: "(a+)+$" })).toEqual(["(a+)+$"]);
    expect(await texts({ grep: "error" })).toHaveLength(1);
  });

  it("shows the beginning of a line that never ends", async () => {
    await writeFile(path, `${"x".repeat(1_000_000)}\nnext\n`);
    const lines = await texts();
    expect(lines[0]?.length).toBeLessThan(70_000);
    expect(lines[0]).toMatch(/ … \[line cut\]$/);
    expect(lines[1]).toBe("next");
  });

  it("gives nothing of a log that is not there", async () => {
    expect(await texts()).toEqual([]);
    expect(await texts({ tail: 3, since: new Date(0).toISOString() })).toEqual([]);
  });
});

describe("times", () => {
  it("come from the index, and so does what was written since", async () => {
    await writeFile(path, "one\ntwo\nthree\n");
    const index = await LogIndexWriter.open(path);
    await index.mark(0, 1_000);
    await index.mark(6, 2_000);
    await index.mark(8, 2_050);
    await index.end(14, 3_000);
    await index.close();
    expect((await all()).map(({ time }) => Date.parse(time ?? ""))).toEqual([1_000, 1_000, 2_000]);
    expect(await texts({ since: new Date(1_500).toISOString() })).toEqual(["two", "three"]);
    expect(await texts({ since: new Date(4_000).toISOString() })).toEqual([]);
  });

  it("survive an index that a power cut left half written, and are not written twice", async () => {
    await writeFile(path, "one\ntwo\n");
    const first = await LogIndexWriter.open(path);
    await first.mark(0, 1_000);
    await first.close();
    await appendFile(`${path}.index`, "    7 ");
    const second = await LogIndexWriter.open(path);
    await second.mark(0, 9_000);
    await second.mark(4, 9_500);
    await second.close();
    expect((await all()).map(({ time }) => Date.parse(time ?? ""))).toEqual([1_000, 9_500]);
  });

  it("of a log without an index are not made up", async () => {
    await writeFile(path, "one\n");
    await utimes(path, 1, 1);
    expect(await all()).toEqual([{ offset: 0, next: 4, line: "one", number: 1 }]);
    expect(await texts({ since: new Date(2_000).toISOString() })).toEqual([]);
    expect(await texts({ since: new Date(500).toISOString() })).toEqual(["one"]);
  });

  it("can be noted for a log that somebody else writes", async () => {
    await writeFile(path, "before\n");
    await markLogTime(path);
    await appendFile(path, "after\n");
    const lines = await all({ since: new Date(Date.now() - 60_000).toISOString() });
    expect(lines.map(({ line }) => line)).toEqual(["after"]);
    expect(Date.now() - Date.parse(lines[0]?.time ?? "")).toBeLessThan(60_000);
  });
});

describe("following", () => {
  /** Reads line by line, so that a test can write between two lines. */
  const follow = (query: Partial<LogQuery> = {}): (() => Promise<string | undefined>) => {
    const reader = readLog({ path, follow: true, ...query });
    return async () => {
      const { value, done } = await reader.next();
      return done === true ? undefined : value.line;
    };
  };

  it("waits for a log that is not there yet, gives whole lines, and ends with the writer", async () => {
    const next = follow();
    const first = next();
    await writeFile(path, "one\ntw");
    expect(await first).toBe("one");
    const second = next();
    await appendFile(path, "o\nrest");
    expect(await second).toBe("two");
    const last = next();
    const index = await LogIndexWriter.open(path);
    await index.end(12);
    await index.close();
    expect(await last).toBe("rest");
    expect(await next()).toBeUndefined();
  });

  it("begins with the last lines and goes on with new ones", async () => {
    await writeFile(path, "a1\nb\na2\n");
    let over = false;
    const next = follow({ tail: 1, grep: "a", ended: () => over });
    expect(await next()).toBe("a2");
    await appendFile(path, "b\na3\n");
    expect(await next()).toBe("a3");
    over = true;
    expect(await next()).toBeUndefined();
  });

  it("goes on in the new file when the old one is moved away or emptied", async () => {
    await writeFile(path, "one\n");
    let over = false;
    const next = follow({ ended: () => over });
    expect(await next()).toBe("one");
    await appendFile(path, "two\n");
    await rename(path, `${path}.1`);
    await writeFile(path, "three\n");
    expect(await next()).toBe("two");
    expect(await next()).toBe("three");
    await truncate(path);
    await writeFile(path, "4\n");
    expect(await next()).toBe("4");
    over = true;
    expect(await next()).toBeUndefined();
  });

  it("stops when it is told to", async () => {
    await writeFile(path, "one\n");
    const stop = new AbortController();
    const next = follow({ signal: stop.signal });
    expect(await next()).toBe("one");
    const waiting = next();
    stop.abort();
    expect(await waiting).toBeUndefined();
  });
});

import { execFileSync } from "node:child_process";
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { buffer } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ZipFile } from "yazl";
import { ArchiveJudge } from "./archive-judge.ts";
import { type ArchiveLimits, usualLimits } from "./archive-limits.ts";
import { type TarEntry, tarOf } from "./testing/tar-of.ts";
import { unpack, type Unpacked } from "./unpack.ts";

let root: string;
let into: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "fairway-archives-"));
  into = join(root, "into");
  mkdirSync(into);
  mkdirSync(join(root, "staging"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const unpacked = (
  format: "zip" | "tar.gz",
  bytes: Buffer,
  limits: Partial<ArchiveLimits> = {},
  inside?: readonly string[],
): Promise<Unpacked> => {
  writeFileSync(join(root, "archive"), bytes);
  return unpack({
    archive: join(root, "archive"),
    format,
    base: into,
    staging: join(root, "staging"),
    limits: { ...usualLimits, ...limits },
    ...(inside === undefined ? {} : { inside }),
  });
};
const tar = (...entries: readonly TarEntry[]): Promise<Unpacked> => unpacked("tar.gz", tarOf(entries));

/** A zip of honest entries, for the dishonest ones to be patched into. */
async function zipOf(files: Readonly<Record<string, string>>, mode = 0o100_644): Promise<Buffer> {
  const zip = new ZipFile();
  for (const [path, text] of Object.entries(files)) zip.addBuffer(Buffer.from(text), path, { mode });
  zip.end();
  return buffer(zip.outputStream);
}
const patched = (bytes: Buffer, from: string, to: string): Buffer =>
  Buffer.from(bytes.toString("latin1").replaceAll(from, to), "latin1");

async function refused(answer: Promise<Unpacked>, why: RegExp): Promise<void> {
  expect(await answer).toEqual({ refused: expect.stringMatching(why) });
  expect(readdirSync(into)).toEqual([]);
  expect(readdirSync(join(root, "staging"))).toEqual([]);
  expect(readdirSync(root).toSorted()).toEqual(["archive", "into", "staging"]);
}

describe("an honest archive", () => {
  it("of tar is put in its place, over what was there", async () => {
    writeFileSync(join(into, "a"), "before");
    mkdirSync(join(into, "d"));
    const done = await tar(
      { path: "a", text: "after" },
      { path: "d/", type: "5" },
      { path: "d/run", text: "#!", mode: 0o755 },
      { path: "d/same", type: "1", leadsTo: "d/run" },
      { path: "d/link", type: "2", leadsTo: "../a" },
      { path: "empty/", type: "5" },
    );
    expect(done).toEqual({ files: 4, bytes: 7 });
    expect(readFileSync(join(into, "a"), "utf8")).toBe("after");
    expect(statSync(join(into, "d/run")).mode & 0o777).toBe(0o755);
    expect(statSync(join(into, "d/run")).mtime).toEqual(new Date(1_700_000_000_000));
    expect(statSync(join(into, "d/same")).ino).toBe(statSync(join(into, "d/run")).ino);
    expect(readlinkSync(join(into, "d/link"))).toBe("../a");
    expect(statSync(join(into, "empty")).isDirectory()).toBe(true);
    expect(readdirSync(join(root, "staging"))).toEqual([]);
  });

  it("of the system's own tar is read, with names that are long", async () => {
    const long = `${"long/".repeat(30)}name`;
    mkdirSync(join(root, "from", "long/".repeat(30)), { recursive: true });
    writeFileSync(join(root, "from", long), "x");
    execFileSync("tar", ["-czf", join(root, "archive"), "-C", join(root, "from"), "."]);
    expect(await unpacked("tar.gz", readFileSync(join(root, "archive")))).toEqual({ files: 1, bytes: 1 });
    expect(readFileSync(join(into, long), "utf8")).toBe("x");
  });

  it("of zip is put in its place, and may be put there again", async () => {
    const bytes = await zipOf({ "a.txt": "a", "deep/er/b.txt": "b" });
    for (const _again of [1, 2]) expect(await unpacked("zip", bytes)).toEqual({ files: 2, bytes: 2 });
    expect(readFileSync(join(into, "deep/er/b.txt"), "utf8")).toBe("b");
  });

  it("may have a link to a program of the machine, as virtual environments do, and to nothing else of it", async () => {
    expect(await tar({ path: "bin/node", type: "2", leadsTo: process.execPath })).toMatchObject({ files: 1 });
    rmSync(join(into, "bin"), { recursive: true });
    await refused(tar({ path: "passwd", type: "2", leadsTo: "/etc/passwd" }), /"passwd" is a link that leads out/);
    await refused(tar({ path: "etc", type: "2", leadsTo: "/etc" }), /"etc" is a link that leads out/);
  });
});

describe("a hostile tar", () => {
  it.each<[string, readonly TarEntry[], RegExp]>([
    ["a path upwards", [{ path: "ok" }, { path: "../evil" }], /"\.\.\/evil" leads out/],
    ["a path down and up", [{ path: "a/../../evil" }], /leads out/],
    ["an absolute path", [{ path: "/etc/evil" }], /"\/etc\/evil" leads out/],
    ["a link up", [{ path: "up", type: "2", leadsTo: ".." }], /"up" is a link that leads out/],
    ["a link down and up", [{ path: "d/up", type: "2", leadsTo: "x/../.." }], /goes down and up/],
    [
      "a file through a link before it",
      [
        { path: "d", type: "2", leadsTo: "e" },
        { path: "d/evil", text: "x" },
      ],
      /"d\/evil" is below a link/,
    ],
    [
      "a link in the place of a folder that has files",
      [
        { path: "d/file", text: "x" },
        { path: "d", type: "2", leadsTo: "e" },
      ],
      /"d" is a folder and something else/,
    ],
    ["a hard link out", [{ path: "h", type: "1", leadsTo: "../../etc/passwd" }], /leads out/],
    ["a hard link to what is no file of it", [{ path: "h", type: "1", leadsTo: "x" }], /no file before it/],
    ["a device", [{ path: "null", type: "3" }], /"null" is neither a file, a folder nor a link/],
    ["a pipe", [{ path: "pipe", type: "6" }], /neither a file/],
    ["a name twice", [{ path: "a" }, { path: "./a" }], /"\.\/a" is there twice/],
    ["a file below a file", [{ path: "a" }, { path: "a/b" }], /"a\/b" is below a file/],
    ["the folder itself as a file", [{ path: ".", text: "x" }], /no place|something else/],
  ])("with %s is refused, and nothing is left behind", async (_what, entries, why) => {
    await refused(tar({ path: "first", text: "first" }, ...entries), why);
  });

  it("has no NUL in its names: the reader ends them there, and the judge takes none", async () => {
    const text = "12 path=a\0b\n";
    expect(await tar({ path: "x", type: "x", text }, { path: "x" })).toMatchObject({ files: 1 });
    expect(readdirSync(into)).toEqual(["a"]);
    const judge = new ArchiveJudge({ limits: usualLimits, base: "/", inside: ["/"], links: "none", foldsCase: false });
    expect(judge.entry({ path: "a\0b", kind: "file" })).toEqual({ refused: String.raw`"a\u0000b" is no path` });
  });

  it("with a header that would fill the memory is refused", async () => {
    await refused(tar({ path: "x", type: "L", text: "n".repeat(100_000) }, { path: "a" }), /header that is too long/);
  });

  it("with more entries, bytes, depth or length than may be is refused", async () => {
    const many = Array.from({ length: 101 }, (_, index) => ({ path: `f${index}` }));
    await refused(unpacked("tar.gz", tarOf(many), { entries: 100 }), /more than 100 entries/);
    const large = { path: "large", text: "0".repeat(3 * 1024 ** 2) };
    await refused(unpacked("tar.gz", tarOf([large]), { bytes: 2 * 1024 ** 2 }), /more than 2 MiB/);
    await refused(unpacked("tar.gz", tarOf([{ path: "a/".repeat(40) }]), { depth: 20 }), /deeper than 20 folders/);
    await refused(unpacked("tar.gz", tarOf([{ path: "a".repeat(90) }]), { pathBytes: 50 }), /longer than 50 bytes/);
  });

  it("that ends in the middle, is of another format or lies about its sum is refused", async () => {
    const whole = tarOf([{ path: "a", text: "a".repeat(5000) }]);
    await refused(unpacked("tar.gz", whole.subarray(0, whole.length - 10)), /cannot be read/);
    await refused(unpacked("tar.gz", tarOf([{ path: "a", text: "a", size: 5000 }], false)), /cannot be read/);
    await refused(unpacked("tar.gz", Buffer.from("no archive")), /cannot be read/);
    await refused(unpacked("tar.gz", Buffer.alloc(0)), /cannot be read/);
  });

  it("finds no way through a link that is there already, nor puts a file in the place of a folder", async () => {
    symlinkSync(tmpdir(), join(into, "link"));
    mkdirSync(join(into, "folder"));
    expect(await tar({ path: "link/evil" })).toEqual({
      refused: expect.stringMatching(/has no place: .*is a link to/),
    });
    expect(await tar({ path: "ok" }, { path: "folder" })).toEqual({
      refused: expect.stringMatching(/a folder is there/),
    });
    expect(readdirSync(into).toSorted()).toEqual(["folder", "link"]);
  });

  it("puts a file in the place of a link, not where the link leads", async () => {
    writeFileSync(join(root, "precious"), "precious");
    symlinkSync(join(root, "precious"), join(into, "a"));
    expect(await tar({ path: "a", text: "new" })).toMatchObject({ files: 1 });
    expect(readFileSync(join(root, "precious"), "utf8")).toBe("precious");
    expect(lstatSync(join(into, "a")).isFile()).toBe(true);
  });
});

describe("a hostile zip", () => {
  it("with paths that lead out, absolute ones and backslashes is refused", async () => {
    const bytes = await zipOf({ "first.txt": "x", "aa/evil.txt": "x" });
    await refused(
      unpacked("zip", patched(bytes, "aa/evil.txt", "../evil.txt")),
      /cannot be read: invalid relative path/,
    );
    await refused(unpacked("zip", patched(bytes, "aa/evil.txt", "/a/evil.txt")), /cannot be read: absolute path/);
    await refused(unpacked("zip", patched(bytes, "aa/evil.txt", "aa\\evil.txt")), /cannot be read: invalid characters/);
    await refused(unpacked("zip", patched(bytes, "aa/evil.txt", "aa\0evil.txt")), /is no path/);
  });

  it("with a link, a name twice, or a file that is a folder is refused", async () => {
    await refused(unpacked("zip", await zipOf({ link: "../.." }, 0o120_777)), /"link" is a link/);
    await refused(unpacked("zip", await zipOf({ tube: "" }, 0o010_644)), /neither a file/);
    const two = await zipOf({ "one.txt": "1", "two.txt": "2" });
    await refused(unpacked("zip", patched(two, "two.txt", "one.txt")), /"one.txt" is there twice/);
    await refused(unpacked("zip", patched(await zipOf({ aa: "1", "bb/c": "2" }), "bb/c", "aa/c")), /below a file/);
  });

  it("that unpacks to far more than it should, or to other bytes than it says, is refused", async () => {
    const bomb = await zipOf({ zeros: "0".repeat(5 * 1024 ** 2) });
    expect(bomb.length).toBeLessThan(20_000);
    await refused(unpacked("zip", bomb, { bytes: 1024 ** 2 }), /more than 1 MiB/);
    const judge = new ArchiveJudge({
      limits: usualLimits,
      base: "/b",
      inside: ["/b"],
      links: "none",
      foldsCase: false,
    });
    expect(judge.bytes(4_500_000_000, 42_374)).toMatch(/more than 500 times its size/);
    expect(judge.bytes(100_000_000, 42_374)).toBeNull();
    const stored = new ZipFile();
    stored.addBuffer(Buffer.from("honest bytes"), "f", { compress: false });
    stored.end();
    await refused(
      unpacked("zip", patched(await buffer(stored.outputStream), "honest", "hostil")),
      /other bytes than it says/,
    );
    const whole = await zipOf({ a: "a" });
    await refused(unpacked("zip", whole.subarray(0, whole.length - 15)), /cannot be read/);
  });
});

describe("the judge", () => {
  const judge = (foldsCase: boolean): ArchiveJudge =>
    new ArchiveJudge({ limits: usualLimits, base: "/b", inside: ["/b/in"], links: "inside", foldsCase });

  it("takes two names for one where the file system does", () => {
    for (const [folds, answer] of [
      [true, { refused: '"in/README" is there twice' }],
      [false, { make: "file", at: "/b/in/README" }],
    ] as const) {
      const one = judge(folds);
      one.entry({ path: "in/readme", kind: "file" });
      expect(one.entry({ path: "in/README", kind: "file" })).toEqual(answer);
    }
  });

  it("never makes anything outside of where it may, whatever the paths and links are", () => {
    const part = fc.constantFrom("..", ".", "in", "a", "b", "", "/", "A");
    const path = fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join("/"));
    const kind = fc.constantFrom("file" as const, "directory" as const, "link" as const, "hard-link" as const);
    const entry = fc.record({ path, kind, leadsTo: path });
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 8 }), (entries) => {
        const one = judge(true);
        const made = entries.flatMap((each) => {
          const verdict = one.entry(each);
          return "refused" in verdict ? [] : [verdict.at];
        });
        expect(made.filter((at) => at !== "/b/in" && !at.startsWith("/b/in/"))).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});

import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hashFiles, hashFilesInTurns } from "./hash-files.ts";

let workspace: string;
const files = { "a.txt": "a", "b/c.txt": "c", "b/d.lock": "d", ".hidden/e.txt": "e", "node_modules/x/f.txt": "f" };

beforeAll(() => {
  workspace = mkdtempSync(join(tmpdir(), "fairway-hash-"));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(workspace, path)), { recursive: true });
    writeFileSync(join(workspace, path), text);
  }
  symlinkSync(join(workspace, "a.txt"), join(workspace, "b/link.txt"));
});

afterAll(() => rmSync(workspace, { recursive: true, force: true }));

const sha = (data: string | Uint8Array): Uint8Array => createHash("sha256").update(data).digest();
const over = (...texts: readonly string[]): string =>
  Buffer.from(sha(Buffer.concat(texts.map((text) => sha(text))))).toString("hex");
const hash = (...patterns: readonly string[]): string => hashFiles(patterns, { workspace, home: "/nowhere" });

describe("hashFiles", () => {
  it.each([
    ["one file", ["a.txt"], ["a"]],
    ["a pattern, hidden files too", ["**/*.txt"], ["e", "a", "c", "f"]],
    ["a folder with all that is in it", ["b"], ["c", "d"]],
    ["several patterns", ["a.txt", "**/*.lock"], ["a", "d"]],
    ["patterns on lines, with comments", ["a.txt\n# no\nb/*.lock"], ["a", "d"]],
    ["all but some", ["**/*.txt", "!node_modules/**"], ["e", "a", "c"]],
    ["some of those taken out again", ["**", "!b/**", "b/c.txt"], ["e", "a", "c", "f"]],
    ["a path with a dot before it", ["./a.txt"], ["a"]],
    ["braces and ranges", ["{a,z}.txt", "b/[c].txt"], ["a", "c"]],
  ])("hashes %s", (_, patterns, texts) => {
    expect(hash(...patterns)).toBe(over(...texts));
  });

  it("takes an absolute path below the workspace, and none outside of it", () => {
    expect(hash(join(workspace, "a.txt"))).toBe(over("a"));
    expect(hash("/etc/hostname", "../**")).toBe("");
  });

  it("is empty when nothing matches", () => {
    expect(hash("*.none")).toBe("");
  });

  it("follows links only when asked", () => {
    expect(hash("b/*.txt")).toBe(over("c"));
    expect(hash("--follow-symbolic-links", "b/*.txt")).toBe(over("c", "a"));
  });

  it("is the same in turns", async () => {
    expect(await hashFilesInTurns(["**/*.txt"], { workspace, home: "/" })).toBe(hash("**/*.txt"));
  });

  it("gives up with a sentence when its time is over", () => {
    expect(() => hashFiles(["**"], { workspace, home: "/", limit: -1 })).toThrow("couldn't finish within");
  });
});

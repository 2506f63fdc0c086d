import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import {
  appendFile,
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  stat,
  symlink,
  unlink,
  utimes,
  writeFile,
} from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { copyArtifacts } from "./copy-artifacts.ts";
import { pruneArtifacts } from "./prune-artifacts.ts";
import { removeTree } from "./remove-tree.ts";
import { artifactDirectory, storeArtifact } from "./store-artifact.ts";
import { verifyArtifact } from "./verify-artifact.ts";

let root: string;
let source: string;
let store: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "fairway-artifacts-"));
  source = join(root, "dist");
  store = join(root, "store");
  await mkdir(source);
});
afterEach(() => removeTree(root));

const put = async (path: string, text = path, mode = 0o644): Promise<void> => {
  await mkdir(dirname(join(source, path)), { recursive: true });
  await writeFile(join(source, path), text);
  await chmod(join(source, path), mode);
};
const drafts = (): Promise<readonly string[]> => readdir(join(store, "drafts"));
const refused = (message: RegExp): unknown =>
  expect.objectContaining({ code: "artifact_refused", message: expect.stringMatching(message) });

describe("storing", () => {
  it("keeps files, folders, links and who may be run, and nothing of git", async () => {
    await put("server.js");
    await put("bin/tool", "#!/bin/sh\n", 0o755);
    await put(".git/config");
    await put("lib/.git", "gitdir: elsewhere");
    await mkdir(join(source, "empty"));
    await symlink("../bin/tool", join(source, "lib/tool"));
    await symlink("not-there-yet", join(source, "later"));
    const stored = await storeArtifact(source, store);
    const files = artifactDirectory(stored.digest, store);
    expect((await readdir(files, { recursive: true })).toSorted()).toEqual([
      "bin",
      "bin/tool",
      "empty",
      "later",
      "lib",
      "lib/tool",
      "server.js",
    ]);
    expect(stored).toMatchObject({ files: 2, bytes: 19 });
    expect((await stat(join(files, "bin/tool"))).mode & 0o777).toBe(0o555);
    expect((await stat(join(files, "server.js"))).mode & 0o777).toBe(0o444);
    expect((await stat(files)).mode & 0o777).toBe(0o555);
    expect(await readFile(join(files, "lib/tool"), "utf8")).toBe("#!/bin/sh\n");
    await verifyArtifact(stored.digest, store);
    expect(await drafts()).toEqual([]);
  });

  it("gives a digest of names, modes and bytes, and of nothing else", async () => {
    await put("b/one");
    await put("a");
    const before = (await storeArtifact(source, store)).digest;
    await utimes(join(source, "a"), 1, 1);
    await chmod(join(source, "a"), 0o600);
    expect((await storeArtifact(source, join(root, "other"))).digest).toBe(before);
    await chmod(join(source, "a"), 0o700);
    const program = (await storeArtifact(source, store)).digest;
    await put("a", "other", 0o700);
    const changed = (await storeArtifact(source, store)).digest;
    await put("c");
    const added = (await storeArtifact(source, store)).digest;
    expect(new Set([before, program, changed, added]).size).toBe(4);
  });

  it("tells names and contents apart, whatever they are made of", async () => {
    const name = fc.string({ unit: fc.constantFrom("a", "b", "\n", '"', ",", "é", "\\"), minLength: 1, maxLength: 4 });
    const tree = fc.dictionary(name, fc.string({ maxLength: 5 }), { minKeys: 1, maxKeys: 4 });
    const seen = new Map<string, string>();
    let round = 0;
    await fc.assert(
      fc.asyncProperty(tree, async (files) => {
        const folder = join(root, `tree-${round++}`);
        await mkdir(folder);
        for (const [file, text] of Object.entries(files)) await writeFile(join(folder, file), text);
        const { digest } = await storeArtifact(folder, store);
        const same = JSON.stringify(Object.entries(files).toSorted(([a], [b]) => (a < b ? -1 : 1)));
        expect(seen.get(digest) ?? same).toBe(same);
        seen.set(digest, same);
      }),
      { numRuns: 40 },
    );
  });

  it("keeps a copy: whoever changes the source afterwards changes nothing", async () => {
    await put("a", "before");
    const { digest } = await storeArtifact(source, store);
    await appendFile(join(source, "a"), " and after");
    expect(await readFile(join(artifactDirectory(digest, store), "a"), "utf8")).toBe("before");
  });

  it("keeps links to programs of the machine, as a virtual environment has them", async () => {
    await writeFile(join(root, "python3.11"), "", { mode: 0o755 });
    await put(".venv/pyvenv.cfg");
    await mkdir(join(source, ".venv/bin"));
    await symlink(join(root, "python3.11"), join(source, ".venv/bin/python3"));
    await symlink("python3", join(source, ".venv/bin/python"));
    const { digest } = await storeArtifact(source, store);
    expect(await readlink(join(artifactDirectory(digest, store), ".venv/bin/python"))).toBe("python3");
    await unlink(join(root, "python3.11"));
    await verifyArtifact(digest, store);
    await copyArtifacts(store, join(root, "second"));
    await verifyArtifact(digest, join(root, "second"));
  });

  it("of the same files at once is one", async () => {
    for (let at = 0; at < 80; at++) await put(`f${at}`);
    const stored = await Promise.all([1, 2, 3, 4].map(() => storeArtifact(source, store)));
    expect(new Set(stored.map(({ digest }) => digest)).size).toBe(1);
    expect(await readdir(join(store, "sha256"))).toHaveLength(1);
    expect(await drafts()).toEqual([]);
    await verifyArtifact(stored[0]?.digest ?? "", store);
  });
});

describe("what cannot be an artifact", () => {
  it.each([
    ["an absolute link", () => symlink("/etc/passwd", join(source, "link")), /^link is a link to \/etc\/passwd/],
    ["a link out", () => symlink("../../secret", join(source, "link")), /^link is a link to/],
    ["a link out to nothing", () => symlink("../nothing", join(source, "link")), /^link is a link to/],
    ["a named pipe", async () => void execFileSync("mkfifo", [join(source, "pipe")]), /^pipe is a named pipe/],
    ["nothing", async () => unlink(join(source, "file")), /left no files/],
    [
      "a name that is no text",
      () => writeFile(Buffer.concat([Buffer.from(`${source}/`), Buffer.from([0xff])]), ""),
      /not valid UTF-8/,
    ],
  ])("%s", async (_what, make, message) => {
    await put("file");
    await make();
    await expect(storeArtifact(source, store)).rejects.toEqual(refused(message));
    expect(existsSync(join(store, "sha256"))).toBe(false);
  });

  it("a link that leads out only through another link", async () => {
    await put("d/e/f/file");
    await symlink("../../..", join(source, "d/e/f/up"));
    await symlink("d/e/f/up/../secret", join(source, "link"));
    await expect(storeArtifact(source, store)).rejects.toEqual(refused(/^link is a link to/));
  });

  it("a link to a program of the checkout, which goes with it", async () => {
    await put("built/file");
    await writeFile(join(source, "tool"), "", { mode: 0o755 });
    await symlink(join(source, "tool"), join(source, "built/tool"));
    const stored = storeArtifact(join(source, "built"), store, { within: source });
    await expect(stored).rejects.toEqual(refused(/^tool is a link to/));
  });

  it("a socket", async () => {
    await put("file");
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(join(source, "socket"), resolve));
    await expect(storeArtifact(source, store)).rejects.toEqual(refused(/^socket is a socket/));
    await new Promise((resolve) => server.close(resolve));
  });

  it("a folder that is a link, is missing, or is reached through a link that leads out", async () => {
    await put("file");
    await symlink(source, join(root, "link"));
    await mkdir(join(root, "checkout"));
    await symlink("..", join(root, "checkout/up"));
    await expect(storeArtifact(join(root, "link"), store)).rejects.toEqual(refused(/is a link/));
    await expect(storeArtifact(join(root, "none"), store)).rejects.toEqual(refused(/left no/));
    await expect(
      storeArtifact(join(root, "checkout/up/dist"), store, { within: join(root, "checkout") }),
    ).rejects.toEqual(refused(/leads out/));
  });

  it("too much, and it says what of", async () => {
    for (let at = 0; at < 5; at++) await put(`node_modules/f${at}`);
    await put("main.js");
    await expect(storeArtifact(source, store, { limits: { paths: 5, bytes: 1e9 } })).rejects.toMatchObject({
      code: "artifact_refused",
      message: expect.stringContaining("more than 5 paths"),
      hint: expect.stringContaining("node_modules"),
    });
    await expect(storeArtifact(source, store, { limits: { paths: 50, bytes: 10 } })).rejects.toEqual(
      refused(/more than 0 MiB/),
    );
  });
});

describe("a full disk", () => {
  const mounted = (): boolean => {
    try {
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=256k", "tmpfs", store], { stdio: "ignore" });
      return true;
    } catch {
      return false;
    }
  };

  it("is said, and nothing half stored is left", async (context) => {
    await mkdir(store);
    if (!mounted()) return context.skip("a small file system can only be mounted by root");
    try {
      await put("small");
      const { digest } = await storeArtifact(source, store);
      await put("large", "x".repeat(500_000));
      await expect(storeArtifact(source, store)).rejects.toMatchObject({ code: "disk_full", retryable: true });
      expect(await drafts()).toEqual([]);
      expect(await readdir(join(store, "sha256"))).toHaveLength(1);
      await verifyArtifact(digest, store);
    } finally {
      execFileSync("umount", [store]);
    }
  });
});

describe("verifying", () => {
  it.each([
    ["a changed byte", async (files: string) => writeFile(join(files, "b"), "B"), /^b of artifact/],
    ["a missing file", async (files: string) => unlink(join(files, "b")), /^b of artifact/],
    ["a file too many", async (files: string) => writeFile(join(files, "aa"), ""), /^aa of artifact/],
    ["a changed mode", async (files: string) => chmod(join(files, "c"), 0o755), /^c of artifact/],
    [
      "a changed listing",
      async (files: string) =>
        chmod(join(files, "../listing"), 0o644).then(() => appendFile(join(files, "../listing"), "\n")),
      /^its listing/,
    ],
  ])("names %s, and storing again heals it", async (_what, harm, message) => {
    for (const name of ["a", "b", "c"]) await put(name);
    const { digest } = await storeArtifact(source, store);
    const files = artifactDirectory(digest, store);
    await chmod(files, 0o755);
    await chmod(join(files, "b"), 0o644);
    await harm(files);
    await expect(verifyArtifact(digest, store)).rejects.toMatchObject({
      code: "artifact_damaged",
      message: expect.stringMatching(message),
    });
    await storeArtifact(source, store);
    await verifyArtifact(digest, store);
  });

  it("says when there is no such artifact, and what is no digest", async () => {
    await expect(verifyArtifact(`sha256:${"0".repeat(64)}`, store)).rejects.toMatchObject({ code: "not_found" });
    await expect(verifyArtifact("sha256:../../etc", store)).rejects.toMatchObject({ code: "bad_request" });
  });
});

describe("pruning", () => {
  it("removes what is old and not kept, and what interrupted stores left", async () => {
    await put("a", "one");
    const one = (await storeArtifact(source, store)).digest;
    await put("a", "two");
    const two = (await storeArtifact(source, store)).digest;
    await mkdir(join(store, "drafts/left/files"), { recursive: true });
    await chmod(join(store, "drafts/left/files"), 0o555);
    expect(await pruneArtifacts(new Set(), store)).toEqual([]);
    expect(await drafts()).toEqual([]);
    expect(await pruneArtifacts(new Set([two]), store, Date.now() + 1_000)).toEqual([one]);
    expect(existsSync(artifactDirectory(one, store))).toBe(false);
    await verifyArtifact(two, store);
    await rm(join(root, "none"), { force: true });
    expect(await pruneArtifacts(new Set(), join(root, "none"))).toEqual([]);
  });
});

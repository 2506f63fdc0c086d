import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { needs } from "../../../../tools/skips.ts";
import type { CacheAccess, CachingJob } from "./cache-server.ts";
import { type ServedCaches, servedCaches } from "./testing/served-caches.ts";

// The clients as they are on npm. What they do is theirs; what counts is that they are content.

const run = promisify(execFile);
const require = createRequire(import.meta.url);
const timeout = 120_000;
const fork: Partial<CachingJob> = { ref: "refs/pull/7/merge", base: "refs/heads/main", fromFork: true };

let root: string;
let caches: ServedCaches;
beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), "fairway-caches-")));
  caches = await servedCaches(join(root, "caches"));
});
afterEach(async () => {
  await caches.close();
  await rm(root, { recursive: true, force: true, maxRetries: 5 });
});

/** Only what is given and what every process needs: the clients look at much of the environment. */
const env = (more: Readonly<Record<string, string>>): Record<string, string> => ({
  PATH: process.env["PATH"] ?? "",
  HOME: root,
  TMPDIR: root,
  CI: "1",
  ...more,
});

async function write(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), text);
  }
}

describe("GitHub's own clients", () => {
  const client = join(import.meta.dirname, "testing/actions-client.mjs");

  interface Answered {
    readonly value?: unknown;
    readonly thrown?: string;
    readonly said: string;
  }
  async function use(job: Partial<CachingJob>, ...args: readonly string[]): Promise<Answered> {
    const { actionsEnv } = await caches.access(job);
    const folders = {
      GITHUB_WORKSPACE: root,
      RUNNER_TEMP: join(root, "temp"),
      GITHUB_SERVER_URL: "https://github.com",
    };
    await mkdir(folders.RUNNER_TEMP, { recursive: true });
    const { stdout } = await run(process.execPath, [client, ...args], {
      cwd: root,
      env: env({ ...actionsEnv, ...folders }),
    });
    return { ...(JSON.parse(stdout.trim().split("\n").at(-1) ?? "{}") as object), said: stdout };
  }

  it("save a cache, and restore it by its key or a beginning of it", { timeout }, async () => {
    await write({ "deps/a.txt": "one", "deps/b/c.txt": "x".repeat(3_000_000) });
    expect(await use({}, "save", "npm-linux-abc", "deps")).toMatchObject({ value: expect.any(Number) });
    await rm(join(root, "deps"), { recursive: true });

    expect(await use({}, "restore", "npm-linux-abc", "deps")).toMatchObject({ value: "npm-linux-abc" });
    expect(await readFile(join(root, "deps/a.txt"), "utf8")).toBe("one");
    expect((await readFile(join(root, "deps/b/c.txt"))).length).toBe(3_000_000);

    const feature = { ref: "refs/heads/feature" };
    expect(await use(feature, "restore", "npm-linux-xyz", "deps", "npm-mac-", "npm-linux-")).toMatchObject({
      value: "npm-linux-abc",
    });
    expect(await use(feature, "restore", "pip-1", "deps")).toMatchObject({ value: null });
    expect((await use({}, "save", "npm-linux-abc", "deps")).said).toContain("already exists");
  });

  it("read as a pull request of a fork, and are told that they may not save", { timeout }, async () => {
    await write({ "deps/a.txt": "one" });
    await use({}, "save", "key", "deps");
    expect(await use(fork, "restore", "key", "deps")).toMatchObject({ value: "key" });
    const saved = await use(fork, "save", "poison", "deps");
    expect(saved).toMatchObject({ value: -1 });
    expect(saved.said).toContain("cache write denied");
    expect(await use({}, "restore", "poison", "deps")).toMatchObject({ value: null });
  });

  it("upload, list, download and delete artifacts of their run", { timeout }, async () => {
    await write({ "out/a.txt": "one", "out/b/c.bin": "y".repeat(500_000) });
    const files = ["out/a.txt", "out/b/c.bin"].map((name) => join(root, name));
    const uploaded = await use({}, "upload", "site", join(root, "out"), ...files);
    const { digest, id } = uploaded.value as { readonly digest: string; readonly id: number };
    expect(digest).toMatch(/^[0-9a-f]{64}$/);

    const other = { job: "deploy (a, b)" };
    expect(await use(other, "list")).toMatchObject({
      value: { artifacts: [{ name: "site", id, digest: `sha256:${digest}` }] },
    });
    expect(await use(other, "download", "site", join(root, "in"))).toMatchObject({ value: { digestMismatch: false } });
    expect(await readFile(join(root, "in/a.txt"), "utf8")).toBe("one");
    expect((await readFile(join(root, "in/b/c.bin"))).length).toBe(500_000);

    expect(await use({ run: "run-2" }, "list")).toMatchObject({ value: { artifacts: [] } });
    expect((await use({}, "upload", "site", join(root, "out"), ...files)).thrown).toContain("already exists");
    expect(await use({}, "delete", "site")).toMatchObject({ value: { id } });
    expect(await use({}, "list")).toMatchObject({ value: { artifacts: [] } });
  });
});

describe.skipIf(!needs("time"))("Turborepo", () => {
  const turbo = require.resolve("turbo/bin/turbo");

  async function build(access: CacheAccess): Promise<string> {
    await rm(join(root, "repo/.turbo"), { recursive: true, force: true });
    await rm(join(root, "repo/app/dist"), { recursive: true, force: true });
    const off = { TURBO_TELEMETRY_DISABLED: "1", DO_NOT_TRACK: "1", TURBO_NO_UPDATE_NOTIFIER: "1" };
    const { stdout, stderr } = await run(process.execPath, [turbo, "run", "build", "--no-daemon"], {
      cwd: join(root, "repo"),
      env: env({ ...access.toolEnv, ...off }),
    });
    return stdout + stderr;
  }

  it("builds once, and takes the rest from here", { timeout }, async () => {
    await write({
      "repo/package.json": JSON.stringify({ name: "repo", packageManager: "npm@10.0.0", workspaces: ["app"] }),
      "repo/package-lock.json": JSON.stringify({ name: "repo", lockfileVersion: 3, packages: {} }),
      "repo/turbo.json": JSON.stringify({ tasks: { build: { outputs: ["dist/**"] } } }),
      "repo/app/package.json": JSON.stringify({
        name: "app",
        version: "1.0.0",
        scripts: { build: "mkdir -p dist && echo made > dist/out.txt" },
      }),
    });
    // A fork fills no cache for others: what it made is not found afterwards.
    expect(await build(await caches.access(fork))).toContain("cache miss");
    expect(caches.server.size).toBe(0);
    expect(await build(await caches.access())).toContain("cache miss");
    expect(caches.server.size).toBeGreaterThan(0);
    expect(await build(await caches.access({ ref: "refs/heads/feature" }))).toContain("FULL TURBO");
    expect(await readFile(join(root, "repo/app/dist/out.txt"), "utf8")).toBe("made\n");
    expect(await build(await caches.access(fork))).toContain("FULL TURBO");
    const unknown = await caches.access({ ref: "refs/heads/other", defaultBranch: "refs/heads/other" });
    expect(await build(unknown)).toContain("cache miss");
  });
});

describe.skipIf(!needs("time"))("Nx", () => {
  async function build(access: CacheAccess): Promise<string> {
    await rm(join(root, "repo/.nx"), { recursive: true, force: true });
    await rm(join(root, "repo/dist"), { recursive: true, force: true });
    const off = { NX_DAEMON: "false", NX_NO_CLOUD: "true", NX_SKIP_NX_CACHE: "false", NX_TUI: "false" };
    const nx = join(root, "repo/node_modules/nx/bin/nx.js");
    const { stdout, stderr } = await run(process.execPath, [nx, "run", "app:build"], {
      cwd: join(root, "repo"),
      env: env({ ...access.toolEnv, ...off }),
    });
    return stdout + stderr;
  }

  it("builds once, and takes the rest from here", { timeout }, async () => {
    await write({
      "repo/package.json": JSON.stringify({ name: "repo" }),
      "repo/nx.json": JSON.stringify({ neverConnectToCloud: true, analytics: false }),
      "repo/app/project.json": JSON.stringify({
        name: "app",
        targets: {
          build: {
            executor: "nx:run-commands",
            cache: true,
            outputs: ["{workspaceRoot}/dist"],
            options: { command: "mkdir -p dist && echo made > dist/out.txt" },
          },
        },
      }),
    });
    await mkdir(join(root, "repo/node_modules"));
    await symlink(dirname(require.resolve("nx/package.json")), join(root, "repo/node_modules/nx"));
    expect(await build(await caches.access(fork))).not.toContain("remote cache");
    expect(caches.server.size).toBe(0);
    expect(await build(await caches.access())).not.toContain("remote cache");
    expect(caches.server.size).toBeGreaterThan(0);
    expect(await build(await caches.access({ ref: "refs/heads/feature" }))).toContain("remote cache");
    expect(await readFile(join(root, "repo/dist/out.txt"), "utf8")).toBe("made\n");
    expect(await build(await caches.access(fork))).toContain("remote cache");
  });
});

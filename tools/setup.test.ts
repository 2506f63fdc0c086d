import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

// A repository of one workspace, whose compiler is a script that counts its runs. npm is the real one: a dependency that
// lies in a folder needs no registry.

let root: string;
const compiled = (): number => linesOf("compiled.log");

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "fairway-setup-"));
  for (const path of ["setup.mjs", "setup"])
    cpSync(join(import.meta.dirname, path), join(root, "tools", path), { recursive: true });
  write("package.json", { name: "root", private: true, dependencies: { typescript: "file:compiler" } });
  write("compiler/package.json", { name: "typescript", version: "1.0.0" });
  write(
    "compiler/bin/tsc",
    `const fs = require("node:fs");
    if (fs.existsSync("broken")) { console.log("src/index.ts(1,1): error TS1"); process.exit(2); }
    fs.mkdirSync("packages/a/dist", { recursive: true });
    fs.writeFileSync("packages/a/dist/index.js", "");
    fs.appendFileSync("compiled.log", "x\\n");`,
  );
  write("package-lock.json", {
    name: "root",
    lockfileVersion: 3,
    packages: {
      "": { name: "root", dependencies: { typescript: "file:compiler" } },
      compiler: { name: "typescript", version: "1.0.0" },
      "node_modules/typescript": { resolved: "compiler", link: true },
    },
  });
  write("tsconfig.json", { references: [{ path: "packages/a" }] });
  write("tsconfig.base.json", {});
  write("packages/a/package.json", { name: "a" });
  write("packages/a/tsconfig.json", {});
  write("packages/a/src/index.ts", "");
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

function write(path: string, content: string | object): void {
  mkdirSync(join(root, path, ".."), { recursive: true });
  writeFileSync(join(root, path), typeof content === "string" ? content : JSON.stringify(content));
}

function linesOf(path: string): number {
  return readFileSync(join(root, path), "utf8").split("\n").length - 1;
}

function start(env: Readonly<Record<string, string>> = {}): ChildProcess {
  return spawn(process.execPath, [join(root, "tools/setup.mjs")], { cwd: root, env: { ...process.env, ...env } });
}

async function setUp(
  env?: Readonly<Record<string, string>>,
): Promise<{ readonly code: number; readonly said: string }> {
  const child = start(env);
  let said = "";
  child.stderr?.on("data", (chunk: Buffer) => (said += chunk.toString()));
  const [code] = (await once(child, "close")) as [number];
  return { code, said: said.replaceAll(/ in \d+\.\d s/gu, "") };
}

describe("setting up", () => {
  test("installs and builds, and the second time only looks", async () => {
    expect(await setUp()).toEqual({ code: 0, said: "setup: installed dependencies\nsetup: built\n" });
    expect(await setUp()).toEqual({ code: 0, said: "" });
    expect(compiled()).toBe(1);
  });

  test("builds again when a source is newer, or the build is gone", async () => {
    await setUp();
    const later = new Date(Date.now() + 5_000);
    utimesSync(join(root, "packages/a/src/index.ts"), later, later);
    expect((await setUp()).said).toBe("setup: built\n");
    rmSync(join(root, "packages/a/dist"), { recursive: true });
    expect((await setUp()).said).toBe("setup: built\n");
  });

  test("does not build again for a test", async () => {
    await setUp();
    write("packages/a/src/index.test.ts", "");
    expect((await setUp()).said).toBe("");
  });

  test("leaves what npm install has brought, and only remembers it", async () => {
    await setUp();
    rmSync(join(root, "node_modules/.fairway-setup"));
    expect((await setUp()).said).toBe("");
  });

  test("installs again when the lockfile asks for something else", async () => {
    await setUp();
    const lockfile = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
    rmSync(join(root, "node_modules/.package-lock.json"));
    write("package-lock.json", { ...lockfile, version: "2.0.0" });
    expect((await setUp()).said).toBe("setup: installed dependencies\nsetup: built\n");
  });

  test("three at once install and build once", async () => {
    const all = await Promise.all([setUp(), setUp(), setUp()]);
    expect(all.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(
      all
        .map(({ said }) => said)
        .join("")
        .match(/installed dependencies/gu),
    ).toHaveLength(1);
    expect(compiled()).toBe(1);
  });

  test("takes the lock of one that was killed", async () => {
    const killed = start();
    killed.kill("SIGKILL");
    await once(killed, "close");
    write(".cache/setup.lock", { id: "left behind", pid: killed.pid, host: hostname() });
    expect(await setUp()).toMatchObject({ code: 0 });
  });
});

describe("what cannot be set up is told with what to do", () => {
  test("a build that fails shows the compiler's words", async () => {
    write("broken", "");
    const { code, said } = await setUp();
    expect(code).toBe(1);
    expect(said).toContain("setup: the build failed\nsrc/index.ts(1,1): error TS1");
  });

  test("a lockfile that disagrees with package.json", async () => {
    write("package.json", { name: "root", dependencies: { typescript: "file:compiler", other: "file:compiler" } });
    const { code, said } = await setUp();
    expect(code).toBe(1);
    expect(said).toContain("package.json and package-lock.json disagree (EUSAGE)\nRun npm install");
  });

  test("no network", async () => {
    const lockfile = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
    lockfile.packages[""].dependencies["fairway-not-there"] = "1.0.0";
    lockfile.packages["node_modules/fairway-not-there"] = { version: "1.0.0", integrity: `sha512-${"A".repeat(86)}==` };
    write("package-lock.json", lockfile);
    write("package.json", {
      name: "root",
      dependencies: { typescript: "file:compiler", "fairway-not-there": "1.0.0" },
    });
    // Port 9 on this machine is nobody's.
    const { code, said } = await setUp({ npm_config_registry: "http://127.0.0.1:9/", npm_config_fetch_retries: "0" });
    expect(code).toBe(1);
    expect(said).toContain(
      "could not install the dependencies: the package registry refused the connection (ECONNREFUSED)",
    );
    expect(said).toContain("Connect to the network once");
  });

  test("no git", async () => {
    expect(await setUp({ PATH: root })).toMatchObject({
      code: 1,
      said: expect.stringContaining("git was not found\nInstall it"),
    });
  });
});

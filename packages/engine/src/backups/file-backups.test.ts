import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, readdir, realpath, rm, stat, truncate, writeFile, chmod } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { backupRepositorySuite } from "@fairway/conformance";
import type { Argv } from "@fairway/core";
import { drillVerdict } from "@fairway/core";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { needs } from "../../../../tools/skips.ts";
import { storeArtifact } from "../artifacts/store-artifact.ts";
import { commandBackups } from "./command-backups.ts";
import { probeDeletion } from "./delete-probe.ts";
import { filesDrill } from "./files-drill.ts";
import { resticBackups } from "./restic-backups.ts";
import { restoreDrill } from "./restore-drill.ts";

// restic derives its key with scrypt, which takes a processor for half a second each time.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let scratch: string;
let places = 0;
const closing = new AbortController().signal;
const place = (name: string): string => join(scratch, `${name}-${++places}`);

beforeAll(async () => void (scratch = await realpath(await mkdtemp(join(tmpdir(), "fairway-files-")))));
afterAll(() => rm(scratch, { recursive: true, force: true }));

async function filesBelow(path: string): Promise<readonly string[]> {
  const found = await readdir(path, { recursive: true, withFileTypes: true });
  return found.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name));
}

async function spoil(file: string, how: "flip" | "cut"): Promise<void> {
  await chmod(file, 0o600);
  const { size } = await stat(file);
  if (how === "cut") return truncate(file, Math.floor(size / 2));
  const bytes = await readFile(file);
  const middle = Math.floor(size / 2);
  bytes.writeUInt8(bytes.readUInt8(middle) ^ 1, middle);
  await writeFile(file, bytes);
}

describe.skipIf(!needs("restic"))("restic", () => {
  const restic = (repository: string, source: string, password = "one") =>
    resticBackups({
      ...{ repository, closing, password: async () => password, env: async () => ({}) },
      source: async () => ({ directory: source, paths: ["sha256"], tags: ["release=r1"] }),
    });

  async function artifacts(): Promise<string> {
    const [store, built] = [place("artifacts"), place("built")];
    await mkdir(built);
    await writeFile(join(built, "main.js"), `console.log(${places})\n`);
    await storeArtifact(built, store);
    return store;
  }

  // Two dozen runs of restic, each of which derives its key.
  describe.skipIf(!needs("time"))("every repository of backups", () => {
    backupRepositorySuite("restic", async () => {
      const [repository, source] = [place("restic"), await artifacts()];
      const spoilAll = async (how: "flip" | "cut"): Promise<void> => {
        for (const file of await filesBelow(join(repository, "data"))) await spoil(file, how);
      };
      return {
        repository: restic(repository, source),
        withAnotherKey: restic(repository, source, "another"),
        withoutSource: restic(repository, place("nowhere")),
        damage: () => spoilAll("flip"),
        cut: () => spoilAll("cut"),
        // A pack that no snapshot names.
        leaveHalf: async () => {
          spawnSync("restic", ["--repo", repository, "init"], { env: { ...process.env, RESTIC_PASSWORD: "one" } });
          await writeFile(join(repository, "data", "00", "0".repeat(64)), "half").catch(() => undefined);
        },
      };
    });
  });

  test("files of releases are drilled against their digests, and are found again by their release", async () => {
    const [repository, source] = [place("restic"), await artifacts()];
    const archive = restic(repository, source);
    const made = await archive.take();
    expect(await archive.tagged("release=r1")).toEqual([made]);
    expect(await archive.tagged("release=r2")).toEqual([]);
    const report = await restoreDrill({
      ...{ repository: archive, choose: "latest", newestWithin: 3_600_000, rpoWithin: 0, startWithin: 0, closing },
      ...{ place: place("drill"), now: Date.now, keep: async () => undefined, ...filesDrill() },
    });
    expect(report.steps.filter(({ outcome }) => outcome === "failed")).toEqual([]);
    expect(report.steps.find(({ step }) => step === "integrity")).toMatchObject({
      outcome: "passed",
      why: "1 artifacts are what their digests say",
    });
    expect(drillVerdict(report)).toMatchObject({ outcome: "passed" });
  });
});

// A team's own programs: a copy of a file with its digest beside it.
const program = `
const fs = require("node:fs"), path = require("node:path"), { createHash } = require("node:crypto");
const [what, repository, source, id, directory] = process.argv.slice(1);
const digest = (file) => createHash("sha256").update(fs.readFileSync(file)).digest("hex");
const all = () => (fs.existsSync(repository) ? fs.readdirSync(repository) : []).filter((name) => fs.existsSync(path.join(repository, name, "made")));
if (what === "make") {
  fs.mkdirSync(repository, { recursive: true });
  if (!fs.existsSync(source)) { console.error("there is nothing to back up"); process.exit(0); }
  const to = path.join(repository, new Date().toISOString().replaceAll(":", "-") + "-" + process.pid);
  fs.mkdirSync(to);
  fs.copyFileSync(source, path.join(to, "data"));
  fs.writeFileSync(path.join(to, "sum"), digest(path.join(to, "data")));
  fs.writeFileSync(path.join(to, "made"), new Date().toISOString());
}
if (what === "list") console.log(JSON.stringify(all().map((id) => ({ id, endedAt: fs.readFileSync(path.join(repository, id, "made"), "utf8"), bytes: fs.statSync(path.join(repository, id, "data")).size, encrypted: false }))));
if (what === "restore") { fs.mkdirSync(directory); fs.copyFileSync(path.join(repository, id, "data"), path.join(directory, "data")); }
if (what === "verify") console.log(JSON.stringify({ whole: digest(path.join(directory, "data")) === fs.readFileSync(path.join(repository, id, "sum"), "utf8"), why: "its sum is another" }));
`;

describe("commands of a team's own", () => {
  const commands = (repository: string, source: string) => {
    const argv = (what: string): Argv => [process.execPath, "-e", program, what, repository, source];
    const [make, list, restore, verify] = [argv("make"), argv("list"), argv("restore"), argv("verify")];
    return commandBackups({
      ...{ make, list, restore, verify, restores: "files", timeout: 60_000, closing },
      env: async () => ({}),
    });
  };

  backupRepositorySuite("commands", async () => {
    const [repository, source] = [place("commands"), place("source")];
    await writeFile(source, "orders\n".repeat(500));
    const dataOf = (id: string): string => join(repository, id, "data");
    return {
      repository: commands(repository, source),
      // It ends well and has made nothing.
      withoutSource: commands(repository, place("nowhere")),
      damage: (id) => spoil(dataOf(id), "flip"),
      cut: (id) => spoil(dataOf(id), "cut"),
      leaveHalf: async () => {
        await mkdir(join(repository, "half"), { recursive: true });
        await writeFile(join(repository, "half", "data"), "or");
      },
    };
  });

  test("what verifies nothing has verified nothing", async () => {
    const [repository, source] = [place("commands"), place("source")];
    await writeFile(source, "orders\n");
    const parts = { restores: "files", timeout: 60_000, closing, env: async () => ({}) } as const;
    const argv = (what: string): Argv => [process.execPath, "-e", program, what, repository, source];
    const [make, list, restore] = [argv("make"), argv("list"), argv("restore")];
    const silent = commandBackups({ ...parts, make, list, restore, verify: ["true"] });
    const { id } = await silent.take();
    await expect(silent.restore(id, place("restored"))).rejects.toMatchObject({ code: "backup_damaged" });
  });
});

test("a file that whoever makes backups can delete, change or not find is told apart from one that is safe", async () => {
  const folder = place("vault");
  await mkdir(folder);
  const file = join(folder, "canary");
  expect(await probeDeletion({ file, as: null }, closing)).toMatchObject({ outcome: "untried" });
  await writeFile(file, "");
  expect(await probeDeletion({ file, as: null }, closing)).toMatchObject({ outcome: "done" });
});

test.skipIf(!needs("root"))("a user who may only read a vault is refused", async () => {
  const folder = place("vault");
  await mkdir(folder, { mode: 0o755 });
  await chmod(scratch, 0o755);
  const file = join(folder, "canary");
  await writeFile(file, "", { mode: 0o644 });
  expect(await probeDeletion({ file, as: "nobody" }, closing)).toEqual({
    outcome: "refused",
    why: `nobody may neither delete nor change ${file}: EACCES`,
  });
  // Whoever may write into the directory may delete what is in it, whoever the file belongs to.
  await chmod(folder, 0o777);
  expect(await probeDeletion({ file, as: "nobody" }, closing)).toMatchObject({ outcome: "done" });
});

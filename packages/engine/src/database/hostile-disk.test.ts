import { execFileSync, spawnSync } from "node:child_process";
import { chmod, lstat, mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { codeOf } from "@fairway/core";
import { Client } from "pg";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { databaseError } from "./database-error.ts";
import type { DatabaseEvent, EmbeddedPostgres } from "./embedded-postgres.ts";
import { openEmbeddedPostgres } from "./embedded-postgres.ts";
import { makeSocketDirectory } from "./socket-directory.ts";
import { needs } from "../../../../tools/skips.ts";
import type { ScratchDirectory } from "./test-database.ts";
import { scratchDirectory } from "./test-database.ts";

// Real servers on a disk that others sync at the same time.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let scratch: ScratchDirectory;
let disk: string;
beforeEach(async () => {
  scratch = await scratchDirectory();
  disk = join(scratch.path, "disk");
  await mkdir(disk);
});
afterEach(async () => {
  spawnSync("umount", ["--lazy", disk], { stdio: "ignore" });
  await scratch.remove();
});

const mount = (...options: readonly string[]): Buffer =>
  execFileSync("mount", ["-t", "tmpfs", "-o", options.join(","), "tmpfs", disk]);

async function connected(database: EmbeddedPostgres): Promise<Client> {
  const client = new Client(database.connection);
  client.on("error", () => undefined);
  await client.connect();
  return client;
}

describe.skipIf(!needs("tmpfs-mount"))("on a small disk, which only root can mount,", () => {
  test("a database that finds no room at its first start says that the disk is full", async () => {
    mount("size=20m");
    await expect(openEmbeddedPostgres({ directory: join(disk, "database") })).rejects.toMatchObject({
      code: "disk_full",
    });
  });

  test("a disk that fills up under use is an error and no hang, and what was acknowledged is there once it has room", async () => {
    mount("size=150m");
    const directory = join(disk, "database");
    const database = await openEmbeddedPostgres({ directory });
    const client = await connected(database);
    await client.query("create table acknowledged (id int, filler text)");
    const ballast = join(disk, "ballast");
    spawnSync("dd", ["if=/dev/zero", `of=${ballast}`, "bs=64k"], { stdio: "ignore" });
    let acknowledged = 0;
    const refused = await (async () => {
      for (;;) {
        try {
          await client.query(
            "insert into acknowledged select $1, string_agg(md5(random()::text), '') from generate_series(1, 500)",
            [acknowledged + 1],
          );
          acknowledged += 1;
        } catch (thrown) {
          return databaseError("write a row", thrown);
        }
      }
    })();
    expect(refused.code).toBe("disk_full");
    await client.end();
    await database.stop();
    // Still full: whether a start finds the few pages it needs is chance, but it says which.
    const still = await openEmbeddedPostgres({ directory, startWithin: 10_000 }).then(
      (opened) => opened.stop(),
      codeOf,
    );
    expect([undefined, "disk_full"]).toContain(still);

    await rm(ballast);
    const roomy = await openEmbeddedPostgres({ directory });
    const again = await connected(roomy);
    expect((await again.query("select count(*)::int as count from acknowledged")).rows).toEqual([
      { count: acknowledged },
    ]);
    await again.end();
    await roomy.stop();
  });

  test("a server without room for its log ends, and comes back by itself once there is room", async () => {
    mount("size=150m");
    let seen: readonly DatabaseEvent[] = [];
    const waiting: {
      readonly until: (event: DatabaseEvent) => boolean;
      readonly done: (event: DatabaseEvent) => void;
    }[] = [];
    const happens = (until: (event: DatabaseEvent) => boolean): Promise<DatabaseEvent> =>
      new Promise((done) => {
        waiting.push({ until, done });
        seen.filter(until).forEach(done);
      });
    const database = await openEmbeddedPostgres({
      directory: join(disk, "database"),
      onEvent(event) {
        seen = [...seen, event];
        for (const { until, done } of waiting) if (until(event)) done(event);
      },
    });
    const client = await connected(database);
    const ballast = join(disk, "ballast");
    spawnSync("dd", ["if=/dev/zero", `of=${ballast}`, "bs=64k"], { stdio: "ignore" });
    const logOnly = async (): Promise<void> => {
      for (;;) await client.query("select pg_logical_emit_message(true, 'filler', repeat('x', 1000000))");
    };
    // The last error of the server, or the end of the connection, whichever the client sees first.
    await expect(logOnly()).rejects.toThrow(/No space left on device|Connection terminated/);
    await client.end();
    const next = await happens(({ kind }) => kind !== "down");
    // A start may find just enough room, mostly not.
    expect(next.kind === "restart_failed" ? next.error.code : "disk_full").toBe("disk_full");
    await rm(ballast);
    await happens(({ kind }) => kind === "up");
    const again = await connected(database);
    expect((await again.query("select 1 as answer")).rows).toEqual([{ answer: 1 }]);
    await again.end();
    await database.stop();
  });

  test("a directory on a read-only disk is refused by name", async () => {
    mount("size=20m,ro");
    await expect(openEmbeddedPostgres({ directory: join(disk, "database") })).rejects.toMatchObject({
      code: "data_directory_unusable",
      message: expect.stringContaining(disk) as string,
    });
  });
});

test("a path that is a file is refused", async () => {
  await writeFile(join(scratch.path, "file"), "");
  await expect(openEmbeddedPostgres({ directory: join(scratch.path, "file") })).rejects.toMatchObject({
    code: "data_directory_unusable",
  });
});

test.skipIf(!needs("not-root"))(
  "a directory that may not be written is refused (root may write everywhere)",
  async () => {
    await chmod(disk, 0o500);
    await expect(openEmbeddedPostgres({ directory: join(disk, "database") })).rejects.toMatchObject({
      code: "data_directory_unusable",
    });
    await chmod(disk, 0o700);
  },
);

describe.skipIf(!needs("root"))("as root where user namespaces are forbidden (no unshare in the path),", () => {
  async function openWithoutNamespaces(): Promise<EmbeddedPostgres> {
    vi.stubEnv("PATH", "/nowhere");
    vi.resetModules();
    const fresh = await import("./embedded-postgres.ts");
    return fresh.openEmbeddedPostgres({ directory: join(disk, "database"), settings: { fsync: "off" } });
  }

  test("the server runs as an unprivileged user, and goes back to root's files when it can", async () => {
    for (const path of [scratch.path, disk]) await chmod(path, 0o711);
    const database = await openWithoutNamespaces();
    expect(await readFile(`/proc/${database.pid}/status`, "utf8")).toContain("Uid:\t65534");
    await database.stop();
    vi.unstubAllEnvs();
    const later = await openEmbeddedPostgres({ directory: join(disk, "database"), settings: { fsync: "off" } });
    expect((await lstat(join(later.cluster, "PG_VERSION"))).uid).toBe(0);
    await later.stop();
  });

  test("a directory out of that user's reach is an error that says what was tried and what to do", async () => {
    await expect(openWithoutNamespaces()).rejects.toMatchObject({
      code: "database_unusable",
      problems: [expect.stringContaining("unshare") as string, expect.stringContaining("uid 65534") as string],
      hint: expect.stringContaining("/var/lib/fairway") as string,
    });
  });
});

test("a socket directory that somebody else laid out in the temporary directory is not used", async () => {
  const long = join(scratch.path, "x".repeat(100));
  const made = await makeSocketDirectory(long, { kind: "self" });
  await rm(made, { recursive: true });
  await symlink(scratch.path, made);
  await expect(makeSocketDirectory(long, { kind: "self" })).rejects.toMatchObject({ code: "data_directory_unusable" });
  await rm(made);
});

import { mkdir, mkdtemp, readFile, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { backupRepositorySuite } from "@fairway/conformance";
import { afterAll, beforeAll, vi } from "vitest";
import { backupDatabase } from "../database/backup.ts";
import { readManifest } from "../database/backup-manifest.ts";
import type { EmbeddedPostgres } from "../database/embedded-postgres.ts";
import { openEmbeddedPostgres } from "../database/embedded-postgres.ts";
import type { ScratchDirectory } from "../database/test-database.ts";
import { scratchDirectory } from "../database/test-database.ts";
import { baseBackups } from "./base-backups.ts";

// Real servers on a disk that others sync at the same time.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let scratch: ScratchDirectory;
let database: EmbeddedPostgres;

beforeAll(async () => {
  scratch = await scratchDirectory();
  database = await openEmbeddedPostgres({ directory: join(scratch.path, "database"), settings: { fsync: "off" } });
});
afterAll(async () => {
  await database?.stop();
  await scratch?.remove();
});

backupRepositorySuite("base backups", async () => {
  const directory = await mkdtemp(join(scratch.path, "repository-"));
  const make = (to: string): Promise<unknown> =>
    backupDatabase(database, to, async () => ({ sealing: [{ id: "1", keeper: "file-1", wrapped: "" }] }));
  const parts = { directory, make, opens: async () => true, keep: 5 };
  const largest = async (id: string): Promise<string> => {
    const { files } = await readManifest(join(directory, id));
    const [path = ""] = Object.entries(files).toSorted(([, one], [, other]) => other.size - one.size)[0] ?? [];
    return join(directory, id, "cluster", path);
  };
  return {
    repository: baseBackups(parts),
    withAnotherKey: baseBackups({ ...parts, opens: async () => false }),
    withoutSource: baseBackups({
      ...parts,
      make: async () => {
        throw new Error("the server is away");
      },
    }),
    async damage(id) {
      const file = await largest(id);
      const bytes = await readFile(file);
      bytes.writeUInt8(bytes.readUInt8(9_000) ^ 1, 9_000);
      await writeFile(file, bytes);
    },
    async cut(id) {
      const file = await largest(id);
      await truncate(file, (await stat(file)).size - 1);
    },
    leaveHalf: async () => {
      await mkdir(join(directory, "20260101T000000000Z.unfinished-999999999-0badcafe", "cluster"), { recursive: true });
    },
  };
});

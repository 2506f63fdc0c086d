import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  backupDatabase,
  baseBackups,
  beat,
  migrate,
  openAudit,
  openEmbeddedPostgres,
  openStore,
  ownDrill,
  restoreDrill,
} from "@fairway/engine";
import { newSigningKey } from "./duty-parts.mjs";

export const name = "a restore drill of a database of 400 MB, all its steps";
export const goal = { atMost: 60_000 };

const wanted = 400 * 1024 ** 2;

export async function run() {
  const directory = await realpath(await mkdtemp(join(tmpdir(), "fairway-bench-")));
  const database = join(directory, "database");
  const server = await openEmbeddedPostgres({ directory: database });
  const store = openStore({ connectionString: server.connectionString });
  try {
    await migrate(store);
    const key = newSigningKey();
    store.signAuditWith(key);
    const tell = (problem) => console.error(problem);
    const audit = await openAudit({ store, key, heads: join(directory, "heads.jsonl"), version: "bench", tell }, false);
    await store.rows("create table public.orders (id bigint primary key, note text not null)");
    for (let from = 0; ; from += 200_000) {
      await store.rows(
        "insert into public.orders select n, md5(n::text) || repeat('x', 200) from generate_series($1::bigint, $1::bigint + 199999) n",
        [from],
      );
      const [{ size }] = await store.rows("select pg_database_size(current_database())::float8 as size");
      if (size >= wanted) break;
    }
    await store.rows("create index on public.orders (note)");
    await beat(store);
    await store.rows("checkpoint");
    const repository = baseBackups({
      directory: join(directory, "backups"),
      make: (to) => backupDatabase(server, to),
      opens: async () => true,
      keep: 1,
    });
    const { bytes } = await repository.take();
    if (bytes < wanted) throw new Error(`the backup has ${bytes} bytes only`);
    const began = performance.now();
    const report = await restoreDrill({
      repository,
      place: join(directory, "drill"),
      choose: "latest",
      newestWithin: 3_600_000,
      rpoWithin: 3_600_000,
      startWithin: 600_000,
      now: Date.now,
      closing: new AbortController().signal,
      keep: async () => undefined,
      ...ownDrill({ store, audit, databaseDirectory: database }),
    });
    const ours = performance.now() - began;
    const red = report.steps.find(({ outcome }) => outcome !== "passed");
    if (red !== undefined) throw new Error(`${red.step}: ${red.why}`);
    for (const { step, took } of report.steps) console.error(`  ${step} ${took} ms`);
    return { ours, unit: "ms" };
  } finally {
    await store.close();
    await server.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

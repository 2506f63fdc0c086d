import { setTimeout as wait } from "node:timers/promises";
import { FairwayError } from "@fairway/core";
import type { Client } from "pg";
import type { ApplyEnd } from "./apply-end.ts";
import { told } from "./apply-end.ts";
import { mostTries, pauseAfter } from "./lock-patience.ts";
import type { Applier } from "./record-table.ts";
import { ensureRecordTable, newestFence } from "./record-table.ts";
import { sqlState } from "./session.ts";

/**
 * Runs a migration's way back and takes it off the record, in one transaction: it is there whole, or not at all. One that is
 * off the record is not touched. Throws `fenced` when a newer holder of the environment has been here.
 */
export async function undoMigration(
  client: Client,
  { id, sql }: { readonly id: string; readonly sql: string },
  { fence }: Applier,
  tell: (message: string) => void,
): Promise<ApplyEnd> {
  await ensureRecordTable(client);
  const newest = await newestFence(client);
  if (newest > fence)
    throw new FairwayError("fenced", `this database has been migrated at epoch ${newest} by a newer deployment`);
  for (let tries = 1; ; tries++) {
    await client.query("begin");
    try {
      const { rowCount } = await client.query("delete from fairway_migrations where id = $1", [id]);
      if (rowCount === 1) await client.query(sql);
      await client.query("commit");
      return { outcome: "applied", tries };
    } catch (thrown) {
      if (sqlState(thrown) === null) throw thrown;
      await client.query("rollback");
      if (sqlState(thrown) !== "55P03" || tries === mostTries)
        return { outcome: "failed", left: "nothing", ...told(thrown, sql) };
      tell(`another session holds a lock that the way back of ${id} needs; try ${tries + 1} of ${mostTries}`);
      await wait(pauseAfter(tries));
    }
  }
}

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { configureCluster } from "./cluster.ts";

test("daemons that write the settings at the same time do not take each other's files, and nothing is left", async () => {
  const cluster = mkdtempSync(join(tmpdir(), "fairway-cluster-"));
  onTestFinished(() => rmSync(cluster, { recursive: true, force: true }));
  writeFileSync(join(cluster, "PG_VERSION"), "18\n");
  // Of one who was killed while it wrote.
  writeFileSync(join(cluster, "pg_hba.conf.unfinished-999999999-0a"), "local");
  await Promise.all(Array.from({ length: 8 }, () => configureCluster(cluster)));
  expect(readdirSync(cluster).toSorted()).toEqual(["PG_VERSION", "pg_hba.conf", "postgresql.conf"]);
  expect(readFileSync(join(cluster, "postgresql.conf"), "utf8")).toMatch(/\nlisten_addresses = ''\n$/u);
});

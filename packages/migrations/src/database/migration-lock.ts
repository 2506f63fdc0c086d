import type { Millis } from "@fairway/core";
import type { Client } from "pg";
import { withAdvisoryLock } from "./advisory-lock.ts";

/** Of all migrations of a database, whoever runs them; the number is ours and means nothing. */
const lock = { key: 7_214_004_117n, doing: "migrating this database" };

/**
 * Does something while nobody else migrates this database. Throws `locked` when another does so for longer than `within`.
 */
export const withMigrationLock = <Result>(
  client: Client,
  within: Millis,
  work: () => Promise<Result>,
): Promise<Result> => withAdvisoryLock(client, lock, within, work);

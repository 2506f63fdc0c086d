import type { Millis } from "@fairway/core";
import type { ClientConfig } from "pg";
import { Client } from "pg";

const within: Millis = 10 * 60_000;

/** Asks a database over a connection of its own, which is closed afterwards. */
export async function askOnce<Value>(
  connection: Pick<ClientConfig, "host" | "port" | "user" | "database">,
  work: (
    ask: <Row extends object>(statement: string, values?: readonly unknown[]) => Promise<readonly Row[]>,
  ) => Promise<Value>,
): Promise<Value> {
  const client = new Client({ ...connection, connectionTimeoutMillis: 10_000, statement_timeout: within });
  // The error of the question that was being asked is the one that is thrown.
  client.on("error", () => undefined);
  try {
    await client.connect();
    return await work(
      async <Row extends object>(statement: string, values: readonly unknown[] = []) =>
        (await client.query<Row>(statement, [...values])).rows,
    );
  } finally {
    await client.end();
  }
}

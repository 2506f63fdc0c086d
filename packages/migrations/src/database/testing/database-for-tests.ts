import { randomBytes } from "node:crypto";
import { Client } from "pg";

/** A database of its own on the server of the test run. */
export interface TestDatabase {
  readonly url: string;
  /** Runs SQL with a connection of its own and answers its last rows. */
  run(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  drop(): Promise<void>;
}

/** Makes one. The run's set-up names the server in the environment. */
export async function databaseForTests(): Promise<TestDatabase> {
  const server = process.env["FAIRWAY_TEST_DATABASE"];
  if (server === undefined) throw new Error("the set-up of the tests names no server in FAIRWAY_TEST_DATABASE");
  const name = `migrations_${randomBytes(6).toString("hex")}`;
  const url = new URL(server);
  url.pathname = `/${name}`;
  await within(server, (client) => client.query(`create database ${name} strategy file_copy`));
  return {
    url: url.href,
    run: (sql) =>
      within(url.href, async (client) => {
        const answer: unknown = await client.query(sql);
        const last = Array.isArray(answer) ? (answer as { rows: [] }[]).at(-1) : (answer as { rows: [] });
        return last?.rows ?? [];
      }),
    drop: () => within(server, async (client) => void (await client.query(`drop database ${name} with (force)`))),
  };
}

async function within<Result>(url: string, work: (client: Client) => Promise<Result>): Promise<Result> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

import { readFileSync } from "node:fs";
import type { ClientBase } from "pg";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { EmbeddedPostgres } from "../database/embedded-postgres.ts";
import { openEmbeddedPostgres } from "../database/embedded-postgres.ts";
import type { ScratchDirectory } from "../database/test-database.ts";
import { scratchDirectory } from "../database/test-database.ts";
import { listen } from "./listener.ts";
import type { Store } from "./store.ts";
import { openStore, untilAnswered } from "./store.ts";

// What a killed server says last reaches every connection as an `error` event, and one that nobody hears ends the process.
let scratch: ScratchDirectory;
let server: EmbeddedPostgres;
let store: Store;
const fatal: unknown[] = [];
const note = (thrown: unknown): void => void fatal.push(thrown);

beforeEach(async () => {
  scratch = await scratchDirectory();
  server = await openEmbeddedPostgres({ directory: scratch.path, settings: { fsync: "off" } });
  store = openStore({ ...server.connection, max: 8 });
  process.on("uncaughtExceptionMonitor", note);
});

afterEach(async () => {
  process.off("uncaughtExceptionMonitor", note);
  await store.close();
  await server.stop();
  await scratch.remove();
  fatal.length = 0;
});

test("a connection that is held while the server is killed does not end the process, used or not", async () => {
  const held = await store.pool.connect();
  const asking = await store.pool.connect();
  const asked = asking.query("select pg_sleep(60)").catch((error: unknown) => error);
  const inTransaction = store.transaction((tx) => tx.rows("select pg_sleep(60)")).catch((error: unknown) => error);
  const apart = store.connection();
  await apart.connect();
  const ends = [held, asking, apart].map(ended);
  process.kill(server.pid, "SIGKILL");
  await Promise.all(ends);
  expect(await asked).toBeInstanceOf(Error);
  expect(await inTransaction).toMatchObject({ code: "database_unavailable", retryable: true });
  for (const client of [held, asking]) client.release(true);
  await answers();
  expect(fatal).toEqual([]);
});

test("last words that are read only after a broken connection was given back do not end the process", async () => {
  const broken = await store.pool.connect();
  const pid = backendOf(broken);
  const end = ended(broken);
  process.kill(pid, "SIGTERM");
  // No turn of the event loop in between: its last words wait in the socket while the connection is given back.
  while (runs(pid)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
  broken.release(new Error("broken"));
  await end;
  await answers();
  expect(fatal).toEqual([]);
});

test("who listens hears again after the server was killed", async () => {
  const gaps: (() => void)[] = [];
  const nextGap = (): Promise<void> => new Promise((resolve) => gaps.push(resolve));
  const first = nextGap();
  const listener = listen(
    store,
    () => undefined,
    () => gaps.shift()?.(),
  );
  try {
    await first;
    const again = nextGap();
    process.kill(server.pid, "SIGKILL");
    await again;
    expect(fatal).toEqual([]);
  } finally {
    await listener.close();
  }
});

/** `once` of node:events would listen for errors as well. */
const ended = (client: ClientBase): Promise<void> => new Promise((resolve) => void client.once("end", resolve));

const backendOf = (client: ClientBase): number => (client as ClientBase & { readonly processID: number }).processID;

function runs(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch (thrown) {
    // It may go at any moment, also between a look and a read.
    if (["ENOENT", "ESRCH"].includes(String((thrown as NodeJS.ErrnoException).code))) return false;
    throw thrown;
  }
}

async function answers(): Promise<void> {
  await untilAnswered(() => store.rows("select 1"), new AbortController().signal);
}

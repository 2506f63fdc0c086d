import { afterAll, beforeAll } from "vitest";
import { freshDatabase } from "../../database/test-database.ts";
import { engineTemplate } from "../../runs/engine-for-tests.ts";
import type { Store } from "../store.ts";
import { openStore } from "../store.ts";

/**
 * Opens a store of its own for the tests of a file, on a database with all tables, and takes both away after the last.
 * What it is given to answers with what is to be closed before them, if anything.
 */
export function storeForTests(given: (store: Store) => Promise<(() => Promise<void>) | void> | void): void {
  const closing: (() => Promise<void>)[] = [];
  beforeAll(async () => {
    const database = await freshDatabase(engineTemplate);
    closing.push(() => database.drop());
    const store = openStore({ connectionString: database.connectionString, max: 8 });
    closing.push(() => store.close());
    const close = await given(store);
    if (close !== undefined) closing.push(close);
  });
  afterAll(async () => {
    for (const close of closing.toReversed()) await close();
  });
}

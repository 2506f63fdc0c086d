import type { Store } from "./store.ts";
import { untilAnswered } from "./store.ts";

/**
 * The store for work that nobody waits for: while the database is away it waits, until `signal` fires. A transaction may
 * have been committed although its answer was lost, so only what may be repeated goes through it.
 */
export const patientStore = (store: Store, signal: AbortSignal): Store => ({
  ...store,
  rows: (text, values) => untilAnswered(() => store.rows(text, values), signal),
  transaction: (work) => untilAnswered(() => store.transaction(work), signal),
});

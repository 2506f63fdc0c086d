import { setTimeout as sleep } from "node:timers/promises";

import { errorFields } from "../../shared/log.mjs";
import { Problem } from "../../shared/problem.mjs";

const networkCodes = new Set(["ECONNREFUSED", "ECONNRESET", "ENOENT", "EPIPE", "ETIMEDOUT"]);
// Classes 08 (connection), 53 (no resources) and 57 (operator intervention: restart, statement timeout).
const passing = /^(08|53|57)/;

/** Whether an error says that the database does not answer now, and not that the question was wrong. */
export const isAway = (error) =>
  networkCodes.has(error.code) ||
  passing.test(error.code ?? "") ||
  /timeout exceeded when trying to connect|Connection terminated/.test(error.message);

/** Turns "the database does not answer" into 503, so that callers know that they may come again. */
export const answerWhenDatabaseIsAway = (routes, log) =>
  routes.map((route) => ({
    ...route,
    async handle(call) {
      try {
        return await route.handle(call);
      } catch (error) {
        if (error instanceof Problem || !isAway(error)) throw error;
        log.warn("the database does not answer", errorFields(error));
        throw new Problem(503, "database_away", "The database does not answer now.", { "retry-after": "1" });
      }
    },
  }));

/** Prepares the store, again and again while the database is away. False when it was told to stop before. */
export async function prepareUntilReady(store, log, signal, firstPause = 50) {
  for (let pause = firstPause; !signal.aborted; pause = Math.min(pause * 2, 2000)) {
    try {
      await store.prepare();
      return true;
    } catch (error) {
      if (!isAway(error)) throw error;
      log.warn("waiting for the database", errorFields(error));
      await sleep(pause, undefined, { signal }).catch(() => {});
    }
  }
  return false;
}

import { setTimeout as wait } from "node:timers/promises";
import { FairwayError, messageOf } from "@fairway/core";
import type { PoolClient } from "pg";
import { databaseError } from "../database/database-error.ts";
import type { Store } from "./store.ts";

/** What happens to a claim after it was made. */
export interface ClaimEvents {
  /** A sentence while the database is away, null when it is back. */
  readonly onTrouble: (problem: string | null) => void;
  /** Another daemon was first when the database came back: this one must end. */
  readonly onLost: (error: FairwayError) => void;
}

export interface DatabaseClaim {
  release(): Promise<void>;
}

/** Between two tries to reach a database that is away. */
const pause = 1000;
const name = "fairway.daemon";

/**
 * Takes a database for this daemon. The claim is a lock of one connection, so it ends with the process, also at kill -9.
 * When the connection is lost it is taken again as soon as the database answers. Throws `daemon_running` when another
 * daemon has it.
 */
export async function claimDatabase(store: Store, { onTrouble, onLost }: ClaimEvents): Promise<DatabaseClaim> {
  const ending = new AbortController();
  let client = await take(store);

  const onError = (error: Error): void => void takeAgain(error);
  function watch(): void {
    client.once("error", onError);
  }

  async function takeAgain(cause: Error): Promise<void> {
    client.release(cause);
    onTrouble(`the database is away: ${cause.message}`);
    while (!ending.signal.aborted) {
      try {
        client = await take(store);
        onTrouble(null);
        return watch();
      } catch (thrown) {
        if (thrown instanceof FairwayError && thrown.code === "daemon_running") return onLost(thrown);
        onTrouble(`the database is away: ${messageOf(thrown)}`);
        await wait(pause, undefined, { signal: ending.signal }).catch(() => undefined);
      }
    }
  }

  watch();
  return {
    async release() {
      ending.abort();
      client.off("error", onError);
      client.release(true);
    },
  };
}

async function take(store: Store): Promise<PoolClient> {
  const client = await store.pool.connect().catch((thrown: unknown) => {
    throw databaseError("reach the database", thrown);
  });
  const { rows } = await client.query<{ taken: boolean }>("select pg_try_advisory_lock(hashtext($1)) as taken", [name]);
  if (rows[0]?.taken) return client;
  client.release();
  throw new FairwayError("daemon_running", "another daemon works on this database", {
    hint: "give this one a database of its own, or end the other with: fairway down",
  });
}

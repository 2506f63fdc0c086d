import { setTimeout as wait } from "node:timers/promises";
import type { Client } from "pg";
import { usualLimits, withSession } from "./session.ts";

/**
 * Does something with a connection whose statements are ended when the signal fires: PostgreSQL then undoes the transaction
 * that they are in. Another connection asks for it, because this one waits for its answer.
 */
export async function whileCancelled<Result>(
  url: string,
  client: Client,
  signal: AbortSignal,
  work: () => Promise<Result>,
): Promise<Result> {
  const { rows } = await client.query<{ pid: number }>("select pg_backend_pid() as pid");
  let isOver = false;
  const cancel = async (): Promise<void> => {
    // Between two statements there is nothing to end, and the next one would go on as if nobody had said anything.
    for (let isHit = false; !isHit && !isOver;) {
      const { rowCount } = await withSession(url, usualLimits, (other) =>
        other.query("select pg_cancel_backend(pid) from pg_stat_activity where pid = $1 and state = 'active'", [
          rows[0]?.pid,
        ]),
      );
      isHit = rowCount !== 0;
      if (!isHit) await wait(100);
    }
  };
  const onAbort = (): void => {
    // A statement that cannot be ended goes on to its own limit; whoever waits sees that it does.
    void cancel().catch(() => undefined);
  };
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await work();
  } finally {
    isOver = true;
    signal.removeEventListener("abort", onAbort);
  }
}

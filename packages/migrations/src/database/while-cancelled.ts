import type { Client } from "pg";
import { usualLimits, withSession } from "./session.ts";

/**
 * Does something with a connection whose statements are ended when the signal fires: PostgreSQL then undoes the transaction that
 * they are in. Another connection asks for it, because this one waits for its answer.
 */
export async function whileCancelled<Result>(
  url: string,
  client: Client,
  signal: AbortSignal,
  work: () => Promise<Result>,
): Promise<Result> {
  const { rows } = await client.query<{ pid: number }>("select pg_backend_pid() as pid");
  const cancel = (): void => {
    // A statement that cannot be ended goes on to its own limit; whoever waits sees that it does.
    void withSession(url, usualLimits, (other) => other.query("select pg_cancel_backend($1)", [rows[0]?.pid])).catch(
      () => undefined,
    );
  };
  signal.addEventListener("abort", cancel, { once: true });
  try {
    return await work();
  } finally {
    signal.removeEventListener("abort", cancel);
  }
}

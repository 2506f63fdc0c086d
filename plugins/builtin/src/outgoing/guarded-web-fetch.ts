import type { Agent } from "undici";
import type { ConnectionGuardOptions } from "./connection-guard.ts";
import { connectionGuard } from "./connection-guard.ts";

/** What is asked, as the web's fetch takes it. */
export interface WebRequest {
  readonly method?: "GET" | "POST";
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: URLSearchParams;
  readonly signal: AbortSignal;
}

/** What was answered, to be read piece by piece. */
export interface WebAnswer {
  readonly status: number;
  readonly ok: boolean;
  readonly body: AsyncIterable<Uint8Array> | null;
}

/** Asks once. Rejects as the web's fetch does, also for a redirect; the cause says why where an address is refused. */
export type WebFetch = (url: string | URL, asked: WebRequest) => Promise<WebAnswer>;

/** The web's fetch that goes only where it may and follows no redirect: what it carries is told to nobody else. */
export function guardedWebFetch(options: ConnectionGuardOptions): WebFetch {
  const guard = connectionGuard(options);
  let agent: Agent | undefined;
  return async (url, asked) => {
    const parsed = new URL(url);
    guard.check(parsed);
    // Loaded with the first question. Node's own fetch takes no agent of a library's.
    const { Agent: Opened, fetch } = await import("undici");
    agent ??= new Opened({ connect: { lookup: guard.lookup } });
    return fetch(parsed, { ...asked, redirect: "error", dispatcher: agent });
  };
}

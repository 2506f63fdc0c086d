import type { Agent, RequestInit as AskedOfAgent } from "undici";
import type { ConnectionGuardOptions } from "./connection-guard.ts";
import { connectionGuard } from "./connection-guard.ts";

/**
 * The web's fetch for a library that takes one: it goes only where it may and follows no redirect. Rejects as that does,
 * and with `bad_request` among the causes where an address is refused.
 */
export function guardedSend(
  options: ConnectionGuardOptions,
): (url: string | URL | Request, asked?: RequestInit) => Promise<Response> {
  const guard = connectionGuard(options);
  let agent: Agent | undefined;
  return async (url, asked = {}) => {
    const parsed = new URL(url instanceof Request ? url.url : url);
    guard.check(parsed);
    // Loaded with the first question. Node's own fetch takes no agent of a library's.
    const { Agent: Opened, fetch } = await import("undici");
    agent ??= new Opened({ connect: { lookup: guard.lookup } });
    // The types of Node's own fetch and of the library are those of two versions of one thing.
    const wanted = { ...asked, redirect: "error", dispatcher: agent } as unknown as AskedOfAgent;
    return fetch(parsed, wanted);
  };
}

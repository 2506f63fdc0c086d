import type { LinkAnswer } from "@fairway/core";
import type { Agent } from "undici";
import type { ConnectionGuardOptions } from "./connection-guard.ts";
import { connectionGuard } from "./connection-guard.ts";

const mostHops = 5;
const within = 15_000;

/**
 * Asks whether an address that stands in a document leads anywhere. It goes only where it may, at each hop, and reads no body.
 */
export function askLink(options: ConnectionGuardOptions): (url: string, signal: AbortSignal) => Promise<LinkAnswer> {
  const guard = connectionGuard(options);
  let agent: Agent | undefined;
  return async (url, signal) => {
    const { Agent: Opened, fetch } = await import("undici");
    agent ??= new Opened({ connect: { lookup: guard.lookup } });
    try {
      let at = new URL(url);
      for (let hop = 0; hop < mostHops; hop += 1) {
        guard.check(at);
        const { status, headers, body } = await fetch(at, {
          ...{ redirect: "manual", dispatcher: agent, signal: AbortSignal.any([signal, AbortSignal.timeout(within)]) },
          headers: { "user-agent": "fairway-docs-check", accept: "*/*" },
        });
        await body?.cancel();
        const next = status >= 300 && status < 400 ? headers.get("location") : null;
        if (next === null) return { status, after: afterOf(headers.get("retry-after")) };
        at = new URL(next, at);
      }
      return { failure: `it leads on more than ${mostHops} times` };
    } catch (thrown) {
      if (signal.aborted) throw thrown;
      return { failure: reasonOf(thrown) };
    }
  };
}

/** In milliseconds; null for what is neither seconds nor a date. */
function afterOf(value: string | null): number | null {
  if (value === null) return null;
  if (/^\d{1,6}$/u.test(value)) return Number(value) * 1000;
  const at = Date.parse(value);
  return Number.isNaN(at) ? null : Math.max(0, at - Date.now());
}

/** The innermost code: fetch wraps what went wrong. */
function reasonOf(thrown: unknown): string {
  for (let at = thrown; typeof at === "object" && at !== null; at = (at as { readonly cause?: unknown }).cause) {
    const { code, name } = at as { readonly code?: unknown; readonly name?: unknown };
    if (code === "bad_request") return "refused";
    if (typeof code === "string") return code;
    if (name === "TimeoutError") return "ETIMEDOUT";
  }
  return "it could not be reached";
}

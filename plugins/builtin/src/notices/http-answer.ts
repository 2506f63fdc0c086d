import type { Millis, NoticeAnswer } from "@fairway/core";
import { codeOf, messageOf } from "@fairway/core";
import type { GuardedAnswer, GuardedFetch, GuardedRequest } from "../outgoing/guarded-fetch.ts";

/** What a place said, or that it said nothing. */
export type Asked =
  | { readonly answered: true; readonly answer: GuardedAnswer }
  | { readonly answered: false; readonly no: Extract<NoticeAnswer, { told: false }> };

/**
 * Asks a place. Where there was no answer nobody knows whether it took what it was told; too many requests and faults of
 * its own may pass; any other refusal will not.
 */
export async function ask(fetch: GuardedFetch, request: GuardedRequest): Promise<Asked> {
  try {
    const answer = await fetch.ask(request);
    if (answer.status >= 200 && answer.status < 300) return { answered: true, answer };
    const again = answer.status === 429 || answer.status === 408 || answer.status >= 500;
    return {
      answered: false,
      no: refused(`it answered ${answer.status}`, again, retryAfter(answer), answer.status >= 500),
    };
  } catch (thrown) {
    if (codeOf(thrown) === "target_unreachable")
      return { answered: false, no: refused(messageOf(thrown), true, null, true) };
    if (codeOf(thrown) === "bad_request") return { answered: false, no: refused(withHint(thrown), false) };
    throw thrown;
  }
}

/** Where requests may not go, it is not enough to say so: somebody has to let them. */
function withHint(thrown: unknown): string {
  const hint = thrown instanceof Error && "hint" in thrown ? thrown.hint : undefined;
  return typeof hint === "string" ? `${messageOf(thrown)}; ${hint}` : messageOf(thrown);
}

/** A no of a place. The body of its answer is not in it: it may repeat what it was sent. */
export const refused = (
  why: string,
  again: boolean,
  after: Millis | null = null,
  uncertain = false,
): Extract<NoticeAnswer, { told: false }> => ({ told: false, why, again, after, uncertain });

/** In seconds or as a date, as RFC 9110 has it; at most a day is believed. */
export function retryAfter({ headers }: Pick<GuardedAnswer, "headers">, now: number = Date.now()): Millis | null {
  const written = headers["retry-after"]?.trim();
  if (written === undefined || written === "") return null;
  const millis = /^\d+$/.test(written) ? Number(written) * 1000 : Date.parse(written) - now;
  return Number.isFinite(millis) && millis > 0 ? Math.min(millis, 24 * 3_600_000) : null;
}

import type { HeaderRule, PageHeaders, Progress, Rollout } from "@fairway/core";
import { codeOf, messageOf } from "@fairway/core";
import type { GuardedFetch } from "../outgoing/guarded-fetch.ts";

/** A page that is asked the first time is often still being made. */
const looksAtPages = 5;

/** Whether the pages answer as they must: asked again a few times before the answer is no. */
export async function pagesAnswer(
  {
    placement: { pages },
    outgoing,
    looks,
  }: {
    readonly placement: { readonly pages: readonly PageHeaders[] };
    readonly outgoing: GuardedFetch;
    readonly looks: Map<string, number>;
  },
  { id }: Pick<Rollout, "id">,
  origin: string,
): Promise<Progress> {
  const wrong = pages.length === 0 ? [] : await wrongHeaders(outgoing, origin, pages);
  if (wrong.length === 0) return { phase: "succeeded" };
  const times = (looks.get(id) ?? 0) + 1;
  looks.set(id, times);
  if (times < looksAtPages) return { phase: "moving", message: `asking again: ${wrong.join("; ")}`, checkAgainIn: 100 };
  looks.delete(id);
  return { phase: "failed", reason: ["the pages do not answer as they must", ...wrong].join("\n") };
}

/** Why pages do not answer with what they must, a sentence each; empty when all do. Asks each page once. */
async function wrongHeaders(
  outgoing: GuardedFetch,
  origin: string,
  pages: readonly PageHeaders[],
): Promise<readonly string[]> {
  const wrong: string[] = [];
  for (const { path, headers } of pages) {
    const url = new URL(path, origin).href;
    try {
      const answer = await outgoing.ask({ method: "GET", url });
      if (answer.status >= 400) wrong.push(`${url} answers ${answer.status}`);
      else
        for (const [header, rule] of Object.entries(headers)) {
          const why = whyNot(answer.headers[header], rule);
          if (why !== null) wrong.push(`${url} answers with ${header}: ${why}`);
        }
    } catch (thrown) {
      if (codeOf(thrown) === undefined) throw thrown;
      wrong.push(`${url} cannot be asked: ${messageOf(thrown)}`);
    }
  }
  return wrong;
}

/** Why a header is not what it must be; null when it is. */
function whyNot(value: string | undefined, rule: HeaderRule): string | null {
  const seen = value === undefined ? "nothing" : JSON.stringify(value);
  if ("oneOf" in rule)
    return value !== undefined && rule.oneOf.includes(value)
      ? null
      : `${seen}, which is none of ${rule.oneOf.join(", ")}`;
  const parts = (value ?? "").split(",").map((part) => part.trim().toLowerCase());
  const missing = rule.has.filter((part) => !parts.includes(part.toLowerCase()));
  return missing.length === 0 ? null : `${seen}, without ${missing.join(", ")}`;
}

import type { Json, PlatformApi } from "../hosted/platform-api.ts";
import { listOf, numberOf, recordOf } from "../hosted/platform-api.ts";

/** More than anybody has; an API that never says that it is done must not keep a deployment for ever. */
const mostPages = 50;

/**
 * Everything of a list that Vercel tells in pages, or why it would not. One page alone would leave out what must lead to a
 * release, and that release would be called deployed.
 */
export async function allOf(
  api: PlatformApi,
  path: string,
  key: string,
  query: Readonly<Record<string, string>>,
): Promise<readonly Json[] | { readonly refused: string }> {
  const found: Json[] = [];
  let until: number | undefined;
  for (let page = 0; page < mostPages; page++) {
    const answer = await api.call({
      method: "GET",
      path,
      query: { ...query, ...(until === undefined ? {} : { until: String(until) }) },
    });
    if (!answer.ok) return { refused: answer.refusal.sentence };
    const body = recordOf(answer.body);
    found.push(...listOf(body[key]).map(recordOf));
    const next = numberOf(recordOf(body["pagination"])["next"]);
    if (next === undefined || next === until) return found;
    until = next;
  }
  return { refused: `Vercel tells ${path} in more than ${mostPages} pages, and they were not all looked at` };
}

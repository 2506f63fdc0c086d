import { setTimeout as wait } from "node:timers/promises";
import type { LinkAnswer } from "@fairway/core";
import type { DocsFinding, OutsideLink } from "./lint-docs.ts";

/** What is known of an address. */
export interface KnownLink {
  readonly url: string;
  readonly state: "ok" | "broken" | "unknown";
  readonly why: string;
  readonly checkedAt: number;
  /** Since when nobody can tell; null where somebody can. */
  readonly unknownSince: number | null;
}

const day = 86_400_000;
/** How long an answer counts. */
const keptFor = 7 * day;
/** After that what nobody can tell is broken. */
const patience = 3 * day;
const betweenTwo = 1_000;

/**
 * What an answer means: gone is broken at once; too many questions, trouble there and a way that fails say nothing of the page,
 * until they have for three days. Who must log in to see a page has one.
 */
export function linkState(answer: LinkAnswer, before: KnownLink | null, url: string, now: number): KnownLink {
  const known = (state: KnownLink["state"], why: string): KnownLink => ({
    url,
    state,
    why,
    checkedAt: now,
    unknownSince: null,
  });
  if ("failure" in answer) {
    if (answer.failure === "ENOTFOUND") return known("broken", "nobody has that name");
    if (answer.failure === "refused") return known("broken", "it leads to a place that is not public");
    return unclear(answer.failure, before, url, now);
  }
  const { status } = answer;
  if (status === 404 || status === 410) return known("broken", `it answers ${status}`);
  if (status < 400 || status === 401 || status === 403 || status === 405) return known("ok", `it answers ${status}`);
  if (status === 429 || status === 408 || status === 425 || status >= 500)
    return unclear(`it answers ${status}`, before, url, now);
  return known("broken", `it answers ${status}`);
}

function unclear(why: string, before: KnownLink | null, url: string, now: number): KnownLink {
  const unknownSince = before?.unknownSince ?? now;
  const state = now - unknownSince >= patience ? "broken" : "unknown";
  return { url, state, why: state === "broken" ? `${why}, for three days` : why, checkedAt: now, unknownSince };
}

/** What links are checked with. */
export interface LinkParts {
  readonly ask: (url: string, signal: AbortSignal) => Promise<LinkAnswer>;
  readonly now: () => number;
  /** What was found out before. */
  readonly known: (urls: readonly string[]) => Promise<readonly KnownLink[]>;
  readonly keep: (links: readonly KnownLink[]) => Promise<void>;
  readonly pause?: (millis: number) => Promise<unknown>;
  readonly signal: AbortSignal;
}

/**
 * Follows links: one question a second to each host, none to one that asks to be left alone, and none that was answered within
 * a week.
 */
export async function checkLinks(
  links: readonly OutsideLink[],
  {
    ask,
    now,
    known,
    keep,
    signal,
    pause = (millis): Promise<unknown> => wait(millis, undefined, { signal }),
  }: LinkParts,
): Promise<{ readonly findings: readonly DocsFinding[]; readonly unknown: number }> {
  const before = new Map((await known(links.map(({ url }) => url))).map((one) => [one.url, one]));
  const isFresh = ({ checkedAt, state }: KnownLink): boolean => state === "ok" && now() - checkedAt < keptFor;
  const hosts = new Map<string, string[]>();
  for (const { url } of links) {
    const old = before.get(url);
    if (old !== undefined && isFresh(old)) continue;
    const { host } = new URL(url);
    hosts.set(host, [...(hosts.get(host) ?? []), url]);
  }
  const results = new Map(before);
  const ofHost = async (urls: readonly string[]): Promise<void> => {
    let alone: LinkAnswer | null = null;
    for (const [index, url] of urls.entries()) {
      if (alone === null && index > 0) await pause(betweenTwo);
      const answer: LinkAnswer = alone ?? (await ask(url, signal));
      // The rest is not asked: it would be told the same.
      if ("status" in answer && answer.status === 429) alone = answer;
      results.set(url, linkState(answer, before.get(url) ?? null, url, now()));
    }
  };
  const waiting = [...hosts.values()];
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await ofHost(next);
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  await keep([...results.values()].filter((one) => before.get(one.url) !== one));
  const findings = links.flatMap(({ url, file, line }): readonly DocsFinding[] => {
    const found = results.get(url);
    return found?.state === "broken" ? [{ file, line, code: "broken-link", message: `${url}: ${found.why}` }] : [];
  });
  return { findings, unknown: links.filter(({ url }) => results.get(url)?.state === "unknown").length };
}

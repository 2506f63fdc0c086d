import { randomUUID } from "node:crypto";
import type { CheckTest, LiveReport } from "@fairway/core";
import { messageOf, reportOfTests } from "@fairway/core";
import { guardedFetch } from "../outgoing/guarded-fetch.ts";
import { exchangeText } from "./exchange.ts";
import type { LiveAsk } from "./live-ask.ts";
import { jsonIn } from "./live-ask.ts";
import { commitProblem } from "./said-commit.ts";

interface KnownReplica {
  readonly service: string;
  readonly replica: string;
  readonly url: string | null;
  readonly path: string;
}

/** Asks every replica itself, past the router, which commit it runs. */
export async function runSmoke({ options, settings }: LiveAsk): Promise<LiveReport> {
  const all = jsonIn<readonly KnownReplica[]>(settings.env, "FAIRWAY_REPLICAS") ?? [];
  const asked = all.filter(({ service }) => options.service?.includes(service) ?? true);
  if (asked.length === 0) return reportOfTests("smoke", []);
  // Their addresses are Fairway's own: it gave the replicas their ports.
  const fetch = guardedFetch({ origin: "within", timeout: 10_000, longestAnswer: 1024 * 1024 });
  try {
    const tests = await Promise.all(asked.map((replica) => ask(fetch, replica, { options, settings })));
    return reportOfTests("smoke", tests);
  } finally {
    await fetch.close();
  }
}

async function ask(
  fetch: ReturnType<typeof guardedFetch>,
  { service, replica, url, path }: KnownReplica,
  { options, settings }: Pick<LiveAsk, "options" | "settings">,
): Promise<CheckTest> {
  const requestId = randomUUID();
  const began = performance.now();
  const name = `${service}: ${replica} runs ${settings.sha.slice(0, 7)}`;
  const end = (message: string | null, exchange: string | null): CheckTest => ({
    name,
    state: message === null ? "passed" : "failed",
    took: Math.round(performance.now() - began),
    message,
    requestId,
    exchange,
  });
  if (url === null) return end("it has no address yet", null);
  const request = {
    method: "GET" as const,
    url: `${url}${options.path ?? path}`,
    // Neither release nor commit: a service that says what it was asked must not be taken for one that says what it runs.
    headers: { "x-request-id": requestId },
  };
  try {
    const answer = await fetch.ask(request);
    const headers = Object.fromEntries(Object.entries(answer.headers).map(([key, value]) => [key, value ?? ""]));
    const problem = commitProblem({ ...answer, headers }, settings.sha, options.field ?? null);
    const exchange = { ...request, body: null, answer: { status: answer.status, headers, body: answer.body } };
    return end(problem, problem === null ? null : exchangeText(exchange));
  } catch (thrown) {
    return end(messageOf(thrown), exchangeText({ ...request, body: null, answer: null }));
  }
}

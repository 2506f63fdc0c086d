import { randomUUID } from "node:crypto";
import type { CheckTest, LiveReport } from "@fairway/core";
import { messageOf, reportOfTests } from "@fairway/core";
import { answerProblem, savedOf } from "./answer-problem.ts";
import type { Exchange } from "./exchange.ts";
import { exchangeText } from "./exchange.ts";
import type { JourneyStep } from "./journey-file.ts";
import { askedBy, readJourney } from "./journey-file.ts";
import type { LiveAsk, LiveSettings } from "./live-ask.ts";
import { baseOf, ourHeaders } from "./live-ask.ts";
import { liveFetch } from "./live-fetch.ts";
import { unmadeStep } from "./unmade-step.ts";

/** Makes a journey that is written as data: its steps one after the other, until one does not answer as it should. */
export async function runHttpJourney(file: string, { settings }: LiveAsk): Promise<LiveReport> {
  const journey = readJourney(file);
  const variables = new Map(Object.entries(settings.variables));
  const fetch = liveFetch();
  const tests: CheckTest[] = [];
  for (const [index, step] of journey.steps.entries()) {
    const name = step.name ?? `step ${index + 1}`;
    if (tests.some(({ state }) => state === "failed")) {
      tests.push(unmadeStep(name));
      continue;
    }
    tests.push(await make(name, step, { fetch, variables, settings }));
  }
  await fetch.close();
  return reportOfTests(journey.name ?? file, tests);
}

interface Making {
  readonly fetch: ReturnType<typeof liveFetch>;
  readonly variables: Map<string, string>;
  readonly settings: LiveSettings;
}

async function make(name: string, step: JourneyStep, { fetch, variables, settings }: Making): Promise<CheckTest> {
  const requestId = randomUUID();
  const began = performance.now();
  let exchange: Exchange | null = null;
  const end = (message: string | null): CheckTest => ({
    name,
    state: message === null ? "passed" : "failed",
    took: Math.round(performance.now() - began),
    message,
    requestId,
    exchange: message === null || exchange === null ? null : exchangeText(exchange),
  });
  const missing: string[] = [];
  const filled = (written: string): string =>
    written.replaceAll(/\{\{\s*([A-Za-z_]\w*)\s*\}\}/gu, (whole, variable: string) => {
      const value = variables.get(variable);
      if (value === undefined) missing.push(variable);
      return value ?? whole;
    });
  try {
    const { method, url } = askedBy(step) ?? { method: "GET" as const, url: "/" };
    const { body, type } = bodyOf(step, filled);
    const written = filled(url);
    const whole = /^https?:\/\//u.test(written)
      ? written
      : `${baseOf(settings)}${written.startsWith("/") ? "" : "/"}${written}`;
    const own = Object.entries(step.headers ?? {}).map(([header, value]) => [header.toLowerCase(), filled(value)]);
    const headers = {
      ...ourHeaders(settings, requestId),
      ...(type === null ? {} : { "content-type": type }),
      ...(Object.fromEntries(own) as Record<string, string>),
    };
    if (missing.length > 0) return end(`nobody gives ${[...new Set(missing)].join(", ")} a value`);
    exchange = { method, url: whole, headers, body, answer: null };
    const answer = await fetch.ask({ method, url: whole, headers, body }, step.redirects ?? 10);
    exchange = { ...exchange, answer };
    const problem = answerProblem(answer, step.expect ?? {}, performance.now() - began, filled);
    if (problem !== null) return end(problem);
    for (const [variable, from] of Object.entries(step.save ?? {})) {
      const value = savedOf(answer, from);
      if (value === null) return end(`the answer has no ${from} to save as ${variable}`);
      variables.set(variable, value);
    }
    return end(null);
  } catch (thrown) {
    return end(messageOf(thrown));
  }
}

function bodyOf(
  step: JourneyStep,
  filled: (written: string) => string,
): { readonly body: string | null; readonly type: string | null } {
  if (step.json !== undefined) return { body: filled(JSON.stringify(step.json)), type: "application/json" };
  if (step.form !== undefined) {
    const fields = Object.entries(step.form).map(([key, value]) => [key, filled(value)] as [string, string]);
    return { body: new URLSearchParams(fields).toString(), type: "application/x-www-form-urlencoded" };
  }
  return { body: step.body === undefined ? null : filled(step.body), type: null };
}

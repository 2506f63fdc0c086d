import { FairwayError, messageOf } from "@fairway/core";
import type { WebAnswer } from "../outgoing/guarded-web-fetch.ts";
import { guardedWebFetch } from "../outgoing/guarded-web-fetch.ts";

const fetch = guardedWebFetch({ origin: "within" });
const within = 10_000;
/** In bytes; a set of flags that is larger is none. */
const longest = 16 * 1024 * 1024;

/**
 * Reads JSON from a source of flags. The key is in a header and in no message. Throws `target_unreachable` when there
 * is no answer, or none that makes sense, and `bad_request` when the key is refused.
 */
export async function readJson(
  source: string,
  url: string,
  headers: Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, unknown>>> {
  const unreachable = (why: string, cause?: unknown): FairwayError =>
    new FairwayError("target_unreachable", `could not read the feature flags of ${source} at ${url}: ${why}`, {
      hint: "a release records how they stand; make it again once they can be read",
      retryable: true,
      cause,
    });
  let answer: WebAnswer;
  let body: string;
  try {
    answer = await fetch(url, {
      headers: { accept: "application/json", ...headers },
      signal: AbortSignal.timeout(within),
    });
    body = await textOf(answer);
  } catch (thrown) {
    const cause = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause.message : messageOf(thrown);
    throw unreachable(cause, thrown);
  }
  if (answer.status === 401 || answer.status === 403)
    throw new FairwayError("bad_request", `${source} at ${url} refuses the key (${answer.status})`, {
      hint: "see which secret the configuration names under flags, and its value in the environment",
    });
  if (!answer.ok) throw unreachable(`it answered with ${answer.status}`);
  const parsed = parsedObject(body);
  if (parsed === null) throw unreachable("its answer is no JSON object");
  return parsed;
}

async function textOf(answer: WebAnswer): Promise<string> {
  let text = "";
  let bytes = 0;
  const decoder = new TextDecoder();
  for await (const chunk of answer.body ?? []) {
    bytes += chunk.length;
    if (bytes > longest) throw new Error(`its answer is longer than ${longest} bytes`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function parsedObject(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const parsed: unknown = JSON.parse(text);
    return isRecord(parsed) ? parsed : null;
  } catch {
    return null;
  }
}

/** Whether a value is a JSON object. */
export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

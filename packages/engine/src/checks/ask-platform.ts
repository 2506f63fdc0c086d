import { setTimeout as wait } from "node:timers/promises";
import type { LiveReport, Millis, PlatformCheck, PlatformQuestion, Timestamp } from "@fairway/core";
import { codeOf, messageOf } from "@fairway/core";
import type { Places } from "../rollouts/places.ts";
import type { Attempt } from "../runs/stage.ts";

/** What a platform is asked, and until when. */
export interface AskingPlatform {
  readonly check: PlatformCheck;
  readonly question: Omit<PlatformQuestion, "since">;
  readonly timeout: Millis;
  readonly startedAt: Timestamp;
}

const longestPause: Millis = 10_000;

/**
 * Asks a platform until it has an answer or the time is over. That it could not be asked, or has none by then, is no yes. May
 * be repeated: what happened before `startedAt` says nothing each time.
 */
export async function askPlatform(
  places: Places,
  name: string,
  { check, question, timeout, startedAt }: AskingPlatform,
  { progress, signal }: Pick<Attempt, "progress" | "signal">,
  pause: Millis = Math.min(longestPause, timeout / 10),
): Promise<LiveReport> {
  if (places.askPlatform === undefined) return report(name, "no-data", "nobody here can ask a platform");
  const since = new Date(startedAt);
  const until = since.getTime() + timeout;
  let trouble = "it has not answered yet";
  for (;;) {
    signal.throwIfAborted();
    try {
      const answer = await places.askPlatform(check, { ...question, since });
      if (answer?.verdict === "passed" || answer?.verdict === "failed")
        return report(name, answer.verdict, answer.summary);
      if (answer !== null) return report(name, "no-data", answer.summary);
      trouble = "it has not answered yet";
    } catch (thrown) {
      if (codeOf(thrown) === undefined) throw thrown;
      trouble = messageOf(thrown);
      if (!isRetryable(thrown)) return report(name, "no-data", trouble);
    }
    const left = until - Date.now();
    if (left <= 0) return report(name, "no-data", `${trouble}, and its ${Math.round(timeout / 1000)} s are over`);
    progress(`${name}: ${trouble}`);
    await wait(Math.min(pause, left), undefined, { signal });
  }
}

const isRetryable = (thrown: unknown): boolean =>
  typeof thrown === "object" && thrown !== null && "retryable" in thrown && thrown.retryable === true;

const report = (name: string, status: LiveReport["status"], summary: string): LiveReport => ({
  status,
  summary,
  tests:
    status === "no-data"
      ? []
      : [
          {
            name,
            state: status,
            took: 0,
            message: status === "failed" ? summary : null,
            requestId: null,
            exchange: null,
          },
        ],
  figures: {},
  files: [],
});

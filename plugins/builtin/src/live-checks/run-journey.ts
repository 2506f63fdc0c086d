import type { LiveReport } from "@fairway/core";
import type { LiveAsk } from "./live-ask.ts";

/** Makes a journey: over HTTP where it is data, in a browser where it is a module. */
export async function runJourney(ask: LiveAsk): Promise<LiveReport> {
  const [file = ""] = ask.words;
  return /\.m?js$/u.test(file)
    ? (await import("./browser-journey.ts")).runBrowserJourney(file, ask)
    : (await import("./http-journey.ts")).runHttpJourney(file, ask);
}

import { isTerminal } from "@fairway/core";
import type { Preview } from "../store/previews.ts";
import { runById } from "../store/runs.ts";
import type { Store } from "../store/store.ts";

/** A preview with how what it shows stands. */
export interface PreviewStanding {
  readonly preview: Preview;
  /** In a word: what it is doing, or why it does nothing. */
  readonly standing:
    | "waiting"
    | "asking"
    | "building"
    | "deploying"
    | "ready"
    | "asleep"
    | "failed"
    | "ending"
    | "ended";
  readonly why: string;
}

/** How what a preview shows stands, by its runs. */
export async function standingOf(store: Store, preview: Preview): Promise<PreviewStanding> {
  const is = (standing: PreviewStanding["standing"], why = preview.why): PreviewStanding => ({
    preview,
    standing,
    why,
  });
  if (preview.state !== "open") return is(preview.state);
  const current = preview.releaseTurn === preview.turn;
  const [release, deploy] = await Promise.all([
    current && preview.releaseRun !== null ? runById(store, preview.releaseRun) : null,
    preview.deployRun === null ? null : runById(store, preview.deployRun),
  ]);
  if (current && release === null) return is("failed");
  if (release === null || !isTerminal(release.state)) return is("building");
  if (release.state !== "succeeded") return is("failed", preview.why || `${release.id} ${release.state}`);
  if (deploy === null) return preview.why === "" ? is("deploying") : is("failed");
  if (!isTerminal(deploy.state)) return is("deploying");
  if (deploy.state !== "succeeded") return is("failed", `${deploy.id} ${deploy.state}`);
  return is(preview.asleepSince === null ? "ready" : "asleep");
}

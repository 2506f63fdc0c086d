import { createRequire } from "node:module";
import { FairwayError } from "@fairway/core";
import type * as entry from "./github-entry.ts";

/** GitHub's own workflow parser and expression engine: what a workflow means is what they say. */
export type Github = typeof entry;

let loaded: Github | undefined;

/**
 * Loads GitHub's parser the first time that a workflow is read (some 60 ms), so that a daemon without workflows never
 * pays for it. The only place that knows the bundle.
 */
export function github(): Github {
  loaded ??= load();
  return loaded;
}

function load(): Github {
  try {
    // From `src/reading` and from `dist/reading` alike.
    return createRequire(import.meta.url)("../../generated/github.cjs") as Github;
  } catch (cause) {
    throw new FairwayError("internal", "GitHub's workflow parser could not be loaded", {
      cause,
      hint: "It is made by the set-up: run `npm run setup`.",
    });
  }
}

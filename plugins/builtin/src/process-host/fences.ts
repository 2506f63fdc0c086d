import { readFileSync, renameSync, writeFileSync } from "node:fs";
import type { FencingToken } from "@fairway/core";
import { FairwayError, isStale } from "@fairway/core";
import { hasCode } from "./system-error.ts";

/** Refuses effects of whoever was overtaken. */
export interface Fences {
  /** Throws `fenced` for a token below the highest seen; remembers a higher one, also for whoever comes after us. */
  pass(token: FencingToken): void;
}

/** The highest epoch of every scope, kept in one file. */
export function fencesIn(path: string): Fences {
  const highest = new Map<string, number>(Object.entries(read(path)));

  return {
    pass(token) {
      const seen = highest.get(token.scope);
      if (seen !== undefined && isStale(token, seen))
        throw new FairwayError(
          "fenced",
          `${token.holder} acts with epoch ${token.epoch} of ${token.scope}, which is at ${seen} now`,
          { hint: "A newer deployment has taken over; nothing was changed." },
        );
      if (seen === token.epoch) return;
      highest.set(token.scope, token.epoch);
      writeFileSync(`${path}.new`, JSON.stringify(Object.fromEntries(highest)), { mode: 0o600 });
      renameSync(`${path}.new`, path);
    },
  };
}

function read(path: string): Readonly<Record<string, number>> {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Readonly<Record<string, number>>;
  } catch (thrown) {
    // A file that a power cut tore says no more than none: everyone who held an older epoch went down with the machine.
    if (hasCode(thrown, "ENOENT") || thrown instanceof SyntaxError) return {};
    throw thrown;
  }
}

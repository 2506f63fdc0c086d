import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fitsSelector } from "@fairway/core";

/** Files of a checkout, as duties watch them. */
export interface WatchedFiles {
  /** Those that a pattern fits, sorted. */
  matching(pattern: string): readonly string[];
  /** Changes when one of those does that these patterns fit, or another is among them. */
  digestOf(patterns: readonly string[]): string;
}

const leftOut = new Set([".git", "node_modules", ".venv", "dist", ".next", ".terraform"]);

/** Looks at a folder once; links are not followed, and what tools leave there is no part of it. */
export function watchedFiles(root: string): WatchedFiles {
  let all: readonly string[] | undefined;
  const files = (): readonly string[] => (all ??= filesBelow(root, "").toSorted());
  const matching = (pattern: string): readonly string[] =>
    files().filter((file) => fitsSelector(pattern, file) || file.startsWith(`${pattern.replace(/\/$/, "")}/`));
  return {
    matching,
    digestOf: (patterns) => {
      const hash = createHash("sha256");
      for (const file of [...new Set(patterns.flatMap(matching))].toSorted())
        hash.update(
          `${file}\0${createHash("sha256")
            .update(readFileSync(join(root, file)))
            .digest("hex")}\n`,
        );
      return hash.digest("hex");
    },
  };
}

const filesBelow = (root: string, folder: string): string[] =>
  readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) return leftOut.has(entry.name) ? [] : filesBelow(root, path);
    return entry.isFile() ? [path] : [];
  });

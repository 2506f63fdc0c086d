import { createHash } from "node:crypto";
import type { Digest } from "@fairway/core";

/** One path of an artifact. Times, owners and all of the mode but "may be run" are no part of it. */
export type ListedPath =
  | { readonly path: string; readonly kind: "directory" }
  | { readonly path: string; readonly kind: "link"; readonly target: string }
  | { readonly path: string; readonly kind: "file" | "program"; readonly sha256: string; readonly bytes: number };

/** The text an artifact's digest is taken over: one line of JSON for each path, in the order of their code units. */
export function writeListing(paths: readonly ListedPath[]): string {
  const ordered = paths.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  return ordered.map((entry) => `${JSON.stringify([entry.path, entry.kind, ...detailsOf(entry)])}\n`).join("");
}

/** Reads a listing that {@link writeListing} wrote. */
export function readListing(text: string): readonly ListedPath[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const [path, kind, first, second] = JSON.parse(line) as [string, ListedPath["kind"], string, number];
      switch (kind) {
        case "directory":
          return { path, kind };
        case "link":
          return { path, kind, target: first };
        case "file":
        case "program":
          return { path, kind, sha256: first, bytes: second };
      }
    });
}

/** The digest of an artifact with this listing. */
export const digestOfListing = (listing: string): Digest =>
  `sha256:${createHash("sha256").update(listing).digest("hex")}`;

function detailsOf(entry: ListedPath): readonly (string | number)[] {
  switch (entry.kind) {
    case "directory":
      return [];
    case "link":
      return [entry.target];
    case "file":
    case "program":
      return [entry.sha256, entry.bytes];
  }
}

import { z } from "zod";
import { envelope, releaseDiff, releaseVerification, signingKey } from "../shapes/release-details.ts";
import { releaseShape } from "../shapes/release.ts";
import { run } from "../shapes/run.ts";
import type { Route } from "../route.ts";
import { routes } from "../routes.ts";
import { none, by, limit } from "./inputs.ts";

/** Releases and the proof of how they came to be. */
export const releaseOperations = {
  releases: {
    ...routes.releases,
    summary: "The releases, newest first. The next page begins `before` the last one of this.",
    access: "read",
    anywhere: true,
    params: none,
    query: z.object({
      limit,
      before: z
        .string()
        .regex(/^r\d{1,9}$/, "a release is named like r42")
        .optional()
        .describe("Only releases before this one: the next page"),
      sha: z.string().max(64).optional().describe("Only of this commit"),
    }),
    body: null,
    answer: z.array(releaseShape),
    kind: "json",
  },
  release: {
    ...routes.release,
    summary: "One release with its parts.",
    access: "read",
    anywhere: true,
    params: z.object({ release: z.string() }),
    query: none,
    body: null,
    answer: releaseShape,
    kind: "json",
  },
  releaseDiff: {
    ...routes.releaseDiff,
    summary: "What differs from an earlier release to this one, with the commits in between.",
    access: "read",
    anywhere: true,
    params: z.object({ release: z.string() }),
    query: z.object({ from: z.string().describe("The earlier release") }),
    body: null,
    answer: releaseDiff,
    kind: "json",
  },
  releaseVerification: {
    ...routes.releaseVerification,
    summary: "Whether a release is still what was signed: its statement, its manifest, every byte of its artifacts.",
    access: "read",
    anywhere: true,
    params: z.object({ release: z.string() }),
    query: z.object({
      bytes: z
        .enum(["true", "false"])
        .default("true")
        .describe("`false` looks at the signed statement and the manifest alone, which takes no time"),
    }),
    body: null,
    answer: releaseVerification,
    kind: "json",
  },
  releaseSbom: {
    ...routes.releaseSbom,
    summary: "What one service of a release is made of, as CycloneDX 1.6.",
    access: "read",
    anywhere: true,
    params: z.object({ release: z.string(), service: z.string() }),
    query: none,
    body: null,
    answer: z.record(z.string(), z.unknown()),
    kind: "json",
  },
  releaseProvenance: {
    ...routes.releaseProvenance,
    summary: "How a release came to be, signed.",
    access: "read",
    anywhere: true,
    params: z.object({ release: z.string() }),
    query: none,
    body: null,
    answer: envelope,
    kind: "json",
  },
  releaseBundle: {
    ...routes.releaseBundle,
    summary: "The Sigstore bundle of a release: the same statement, signed by who somebody is.",
    access: "read",
    anywhere: true,
    params: z.object({ release: z.string() }),
    query: none,
    body: null,
    answer: z.record(z.string(), z.unknown()),
    kind: "json",
  },
  signingKeys: {
    ...routes.signingKeys,
    summary: "The public keys with which releases are and were signed, the oldest first.",
    access: "read",
    anywhere: true,
    params: none,
    query: none,
    body: null,
    answer: z.array(signingKey),
    kind: "json",
  },
  makeRelease: {
    ...routes.makeRelease,
    summary:
      "Checks and builds a revision, makes a release of it, and starts the deployments that happen by themselves.",
    access: "change",
    anywhere: true,
    params: none,
    query: none,
    body: z.object({
      ref: z.string().min(1).max(300).default("HEAD").describe("A branch, tag or hash"),
      by,
      deploy: z.boolean().default(true).describe("Whether environments that deploy automatically take it"),
      uncommitted: z
        .enum(["refuse", "ignore"])
        .default("refuse")
        .describe("What to do about changes in the working tree that are in no commit"),
    }),
    answer: run,
    kind: "json",
  },
} as const satisfies Record<string, Route>;

import { z } from "zod";
import type { Route } from "../route.ts";
import { routes } from "../routes.ts";
import {
  checkResultShape,
  revokedVerificationShape,
  syntheticShape,
  wholeCheckResult,
} from "../shapes/check-result.ts";
import { run } from "../shapes/run.ts";
import { by, environmentName, flag, limit, none, rowNumber } from "./inputs.ts";

const result = z.object({ result: z.coerce.number().int().min(1) });
const name = z.string().min(1).max(60);

/** What is asked of services that run. */
export const checkOperations = {
  verify: {
    ...routes.verify,
    summary:
      "Asks an environment's checks again of what runs there. A no takes the release's word of being verified there away; all of them saying yes gives it back.",
    access: "change",
    params: environmentName,
    query: none,
    body: z.object({
      checks: z.array(name).min(1).max(200).nullable().default(null).describe("Only these; all when left out"),
      by,
    }),
    answer: run,
    kind: "json",
  },
  verifications: {
    ...routes.verifications,
    summary: "The releases that do not count as verified in an environment any more, and why.",
    access: "read",
    params: none,
    query: z.object({ environment: name.optional(), release: name.optional() }),
    body: null,
    answer: z.array(revokedVerificationShape),
    kind: "json",
  },
  checkResults: {
    ...routes.checkResults,
    summary: "What checks of what runs have come to, the newest first.",
    access: "read",
    params: none,
    query: z.object({
      environment: name.optional(),
      release: name.optional(),
      name: name.optional(),
      run: name.optional(),
      occasion: z.enum(["deployment", "verification", "bake", "schedule"]).optional(),
      location: name.optional(),
      flaky: flag.describe("Only where a test failed and passed with the same release"),
      before: rowNumber,
      limit,
    }),
    body: null,
    answer: z.array(checkResultShape),
    kind: "json",
  },
  checkResult: {
    ...routes.checkResult,
    summary: "One result with each of its tests: what failed, its request id and what was asked and answered.",
    access: "read",
    params: result,
    query: none,
    body: null,
    answer: wholeCheckResult,
    kind: "json",
  },
  checkFile: {
    ...routes.checkFile,
    summary: "A screenshot or a HAR that a check left.",
    access: "read",
    params: result.extend({ file: z.string().regex(/^[a-z0-9][a-z0-9.-]{0,60}$/u, "is no name of a file") }),
    query: none,
    body: null,
    answer: z.string(),
    kind: "file",
  },
  synthetics: {
    ...routes.synthetics,
    summary: "The journeys that are made again and again: how each stands, and how it has gone lately.",
    access: "read",
    params: none,
    query: z.object({
      environment: name.optional(),
      days: z.coerce.number().int().min(1).max(90).default(1).describe("How far back the figures go"),
    }),
    body: null,
    answer: z.array(syntheticShape),
    kind: "json",
  },
} as const satisfies Record<string, Route>;

import { z } from "zod";
import { flagAccess, flagChange, flagImport, flagSet, flagShape, staleFlag } from "../shapes/flag.ts";
import type { Route } from "../route.ts";
import { routes } from "../routes.ts";
import { by, environmentName, limit, none, notANumber, page, words } from "./inputs.ts";

const reason = words(2000).nullable().default(null).describe("Why, for whoever looks back");
const flagName = environmentName.extend({ flag: z.string().min(1).max(128) });
const version = z
  .number()
  .int()
  .min(0)
  .optional()
  .describe("The version it must have still, 0 for one that must not be there; any when left out");

/** Feature flags of the built-in store. */
export const flagOperations = {
  flags: {
    ...routes.flags,
    summary: "The feature flags, by environment and key.",
    access: "read",
    params: none,
    query: z.object({
      environment: z.string().optional(),
      text: z.string().max(200).optional().describe("Only with this in the key"),
      after: z.string().max(400).optional().describe("Only those behind this one, as `environment/key`: the next page"),
      limit: page,
    }),
    body: null,
    answer: z.array(flagShape),
    kind: "json",
  },
  flag: {
    ...routes.flag,
    summary: "One feature flag of an environment.",
    access: "read",
    params: flagName,
    query: none,
    body: null,
    answer: flagShape,
    kind: "json",
  },
  setFlag: {
    ...routes.setFlag,
    summary: "Puts a feature flag in place of what was there, or makes it; without a definition a boolean that is off.",
    access: "change",
    params: flagName,
    query: none,
    body: z.object({
      definition: z
        .unknown()
        .optional()
        .describe("As flagd writes it; checked as a whole, with a place for each problem"),
      by,
      reason,
      version,
    }),
    answer: flagShape,
    kind: "json",
  },
  switchFlag: {
    ...routes.switchFlag,
    summary: "Turns a feature flag on or off. Off, everybody gets the default in the code that asks.",
    access: "change",
    params: flagName,
    query: none,
    body: z.object({ on: z.boolean(), by, reason, version }),
    answer: flagShape,
    kind: "json",
  },
  rollOutFlag: {
    ...routes.rollOutFlag,
    summary: "Gives a variant to a part of everybody, and turns the flag on. Who has it at 10 % has it at 20 % too.",
    access: "change",
    params: flagName,
    query: none,
    body: z.object({
      percent: z.number().min(0).max(100),
      variant: z.string().nullable().default(null).describe("The one called `on` or that is true when left out"),
      by,
      reason,
      version,
    }),
    answer: flagShape,
    kind: "json",
  },
  killFlag: {
    ...routes.killFlag,
    summary:
      "Turns a feature flag off in every environment that has it, or in one, whatever others do to it meanwhile.",
    access: "change",
    params: z.object({ flag: z.string().min(1).max(128) }),
    query: none,
    body: z.object({ environment: z.string().nullable().default(null), by, reason }),
    answer: z.array(flagShape),
    kind: "json",
  },
  removeFlag: {
    ...routes.removeFlag,
    summary: "Removes a feature flag from an environment. Its record stays.",
    access: "change",
    params: flagName,
    query: none,
    body: z.object({ by, reason, version }),
    answer: z.object({ environment: z.string(), key: z.string(), version: z.number() }),
    kind: "json",
  },
  flagHistory: {
    ...routes.flagHistory,
    summary: "What was done to the feature flags of an environment, the newest first: by whom, when and why.",
    access: "read",
    params: environmentName,
    query: z.object({ flag: z.string().optional(), limit }),
    body: null,
    answer: z.array(flagChange),
    kind: "json",
  },
  staleFlags: {
    ...routes.staleFlags,
    summary: "Feature flags that have given the same to everybody for so long that the question can go from the code.",
    access: "read",
    params: none,
    query: z.object({
      environment: z.string().optional(),
      days: z.coerce.number({ error: notANumber }).int().min(0).max(10_000).default(30),
    }),
    body: null,
    answer: z.array(staleFlag),
    kind: "json",
  },
  exportFlags: {
    ...routes.exportFlags,
    summary: "The feature flags of an environment as flagd reads them.",
    access: "read",
    params: environmentName,
    query: none,
    body: null,
    answer: flagSet,
    kind: "json",
  },
  importFlags: {
    ...routes.importFlags,
    summary: "Takes feature flags in as flagd writes them, all or none.",
    access: "change",
    params: environmentName,
    query: none,
    body: z.object({
      set: z.unknown().describe("`{ flags: … }`; checked as a whole, with a place for each problem"),
      replace: z.boolean().default(false).describe("Whether flags that it does not hold are removed"),
      by,
      reason,
    }),
    answer: flagImport,
    kind: "json",
  },
  flagKey: {
    ...routes.flagKey,
    summary: "Tells a key that reads the feature flags of an environment; replaces it, or says whose pages may use it.",
    access: "operate",
    params: environmentName,
    query: none,
    body: z.object({
      kind: z
        .enum(["server", "client"])
        .describe("`client`: for pages, which get values and no rules; `server`: a secret, for services"),
      replace: z.boolean().default(false).describe("Whether the one that there was opens nothing any more"),
      origins: z.array(z.string().max(300)).max(50).nullable().default(null).describe("null leaves them as they are"),
    }),
    answer: flagAccess,
    kind: "json",
  },
} as const satisfies Record<string, Route>;

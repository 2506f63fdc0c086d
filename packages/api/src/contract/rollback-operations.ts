import { z } from "zod";
import { quarantineShape } from "../shapes/quarantine.ts";
import { rollbackPlan } from "../shapes/rollback.ts";
import type { Route } from "../route.ts";
import { routes } from "../routes.ts";
import { run } from "../shapes/run.ts";
import { by, environmentName, flag, none, words } from "./inputs.ts";

const because = words(2000).min(1);
const releaseName = z.object({ release: z.string().min(1).max(60) });
const onlyServices = z.array(z.string().min(1).max(60)).min(1).max(200);

/** The way back, and what must not come again. */
export const rollbackOperations = {
  rollbackPlan: {
    ...routes.rollbackPlan,
    summary: "How an environment would go back, part by part, before it does.",
    access: "read",
    params: environmentName,
    query: z.object({
      release: z.string().optional().describe("The last good one when left out"),
      only: z.string().max(2000).optional().describe("Only these services, with commas between them"),
      force: flag.describe("Also where it would wait in vain for databases that do not answer"),
    }),
    body: null,
    answer: rollbackPlan,
    kind: "json",
  },
  rollback: {
    ...routes.rollback,
    summary:
      "Brings an earlier release back, the last good one or the one that is named, and puts the one that it leaves into quarantine. Answers with the run that does it: one that is under way already, or a deployment that is stopped for it.",
    access: "change",
    params: environmentName,
    query: none,
    body: z.object({
      release: z.string().nullable().default(null),
      only: onlyServices.nullable().default(null).describe("Only these services; the environment is mixed then"),
      reason: because.nullable().default(null).describe("Why, for whoever meets the quarantine"),
      force: z.boolean().default(false).describe("Also where it would wait in vain for databases that do not answer"),
      by,
    }),
    answer: run,
    kind: "json",
  },
  quarantines: {
    ...routes.quarantines,
    summary: "The releases that nobody can deploy, the newest first; with `all` also those that were lifted.",
    access: "read",
    anywhere: true,
    params: none,
    query: z.object({ all: flag }),
    body: null,
    answer: z.array(quarantineShape),
    kind: "json",
  },
  quarantine: {
    ...routes.quarantine,
    summary: "Keeps a release, and all with the same digest, from being deployed by anybody or anything.",
    access: "change",
    params: none,
    query: none,
    body: releaseName.extend({ by, reason: because }),
    answer: quarantineShape,
    kind: "json",
  },
  liftQuarantine: {
    ...routes.liftQuarantine,
    summary: "Lets a release be deployed again. Who lifted it, and why, stays on record.",
    access: "change",
    params: releaseName,
    query: none,
    body: z.object({ by, reason: because }),
    answer: quarantineShape,
    kind: "json",
  },
} as const satisfies Record<string, Route>;

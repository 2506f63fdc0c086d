import { z } from "zod";
import type { Route } from "../route.ts";
import { routes } from "../routes.ts";
import {
  driftFindingShape,
  infrastructurePlanShape,
  infrastructurePlanSummary,
  infrastructureStackShape,
  keptStateShape,
} from "../shapes/infrastructure.ts";
import { run } from "../shapes/run.ts";
import { by, environmentName, flag, limit, none, rowNumber, words } from "./inputs.ts";

const number = z.coerce.number().int().min(1);
const where = z.object({ environment: z.string().max(60).optional() });
const which = z.object({
  of: words(200)
    .nullable()
    .default(null)
    .describe("A release or a commit; what runs there, or else HEAD, when left out"),
  stacks: z.array(z.string().min(1).max(60)).min(1).max(200).nullable().default(null).describe("All when left out"),
  by,
});

/** Stacks of Terraform, OpenTofu and other commands. */
export const infrastructureOperations = {
  infrastructure: {
    ...routes.infrastructure,
    summary: "The stacks of each environment, with the newest plan and how much of the world differs.",
    access: "read",
    params: none,
    query: where,
    body: null,
    answer: z.array(infrastructureStackShape),
    kind: "json",
  },
  infrastructurePlans: {
    ...routes.infrastructurePlans,
    summary: "Plans of infrastructure, the newest first.",
    access: "read",
    params: none,
    query: where.extend({ stack: z.string().optional(), run: z.string().optional(), limit }),
    body: null,
    answer: z.array(infrastructurePlanSummary),
    kind: "json",
  },
  infrastructurePlan: {
    ...routes.infrastructurePlan,
    summary:
      "What a plan would do, resource by resource, without what is sensitive: as many from `from` on as fit into an answer.",
    access: "read",
    params: z.object({ plan: number }),
    query: z.object({
      from: z.coerce.number().int().min(0).default(0).describe("How many resources to leave out at the beginning"),
      limit: z.coerce.number().int().min(1).max(1000).default(200).describe("Of resources"),
    }),
    body: null,
    answer: infrastructurePlanShape,
    kind: "json",
  },
  planInfrastructure: {
    ...routes.planInfrastructure,
    summary: "Plans the stacks of an environment; nothing is changed. Answers with the run that does it.",
    access: "change",
    params: environmentName,
    query: none,
    body: which,
    answer: run,
    kind: "json",
  },
  applyInfrastructure: {
    ...routes.applyInfrastructure,
    summary:
      "Plans, asks where people are wanted or something is taken away, and applies exactly that; or does so with a plan that was made before. A plan is applied once.",
    access: "change",
    params: environmentName,
    query: none,
    body: which.extend({ plan: number.nullable().default(null).describe("The number of a plan that was made") }),
    answer: run,
    kind: "json",
  },
  destroyInfrastructure: {
    ...routes.destroyInfrastructure,
    summary: "Takes all infrastructure of an environment away, when two people have said so and typed its name.",
    access: "operate",
    stepUp: true,
    params: environmentName,
    query: none,
    body: which.extend({ name: words(60).describe("The environment's name, typed by whoever asks") }),
    answer: run,
    kind: "json",
  },
  lookForDrift: {
    ...routes.lookForDrift,
    summary: "Compares the world with the code now.",
    access: "change",
    params: environmentName,
    query: none,
    body: which,
    answer: run,
    kind: "json",
  },
  adoptDrift: {
    ...routes.adoptDrift,
    summary:
      "Lets the state take over what was changed outside; no resource is touched. The code is still to be changed by hand.",
    access: "change",
    params: environmentName,
    query: none,
    body: which,
    answer: run,
    kind: "json",
  },
  drift: {
    ...routes.drift,
    summary: "What differs between the code and the world, one finding for each resource; with `closed` also what did.",
    access: "read",
    params: none,
    query: where.extend({
      closed: flag,
      before: rowNumber.describe("The finding that the page before ended with"),
      limit,
    }),
    body: null,
    answer: z.array(driftFindingShape),
    kind: "json",
  },
  ignoreDrift: {
    ...routes.ignoreDrift,
    summary: "Leaves a resource, or one field of it, alone for a time.",
    access: "change",
    params: environmentName.extend({ finding: number }),
    query: none,
    body: z.object({
      field: words(500).nullable().default(null).describe("All of it when left out"),
      reason: words(2000).min(1),
      until: z.iso.datetime({ offset: true }).describe("After which it is told again"),
      by,
    }),
    answer: driftFindingShape,
    kind: "json",
  },
  ownDrift: {
    ...routes.ownDrift,
    summary: "Gives a finding to somebody.",
    access: "change",
    params: environmentName.extend({ finding: number }),
    query: none,
    body: z.object({ owner: words(120).nullable(), by }),
    answer: driftFindingShape,
    kind: "json",
  },
  infrastructureStates: {
    ...routes.infrastructureStates,
    summary: "The states that were kept, each before something was applied, the newest first.",
    access: "read",
    params: environmentName,
    query: z.object({ stack: z.string().optional() }),
    body: null,
    answer: z.array(keptStateShape),
    kind: "json",
  },
  restoreInfrastructureState: {
    ...routes.restoreInfrastructureState,
    summary:
      "Puts a kept state back as the newest of its history, when somebody has approved it and typed the stack's name.",
    access: "operate",
    stepUp: true,
    params: environmentName.extend({ state: number }),
    query: none,
    body: z.object({ by }),
    answer: run,
    kind: "json",
  },
} as const satisfies Record<string, Route>;

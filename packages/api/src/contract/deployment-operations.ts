import { z } from "zod";
import { deployment, deploymentDetail } from "../shapes/deployment.ts";
import { plan } from "../shapes/plan.ts";
import { run } from "../shapes/run.ts";
import type { Route } from "../route.ts";
import { routes } from "../routes.ts";
import { none, environmentName, by, limit, flag, runId, runNumber, stopWish } from "./inputs.ts";

/** Deployments. */
export const deploymentOperations = {
  plan: {
    ...routes.plan,
    summary: "What a deployment would do, before it does it.",
    access: "read",
    params: environmentName,
    query: z.object({
      release: z.string().optional().describe("The newest that may go there when left out"),
      rollback: flag,
    }),
    body: null,
    answer: plan,
    kind: "json",
  },
  deploy: {
    ...routes.deploy,
    summary: "Deploys a release; with `promote` the one that the environment before has verified last.",
    access: "change",
    params: environmentName,
    query: none,
    body: z.object({
      release: z.string().nullable().default(null),
      promote: z.boolean().default(false),
      remedies: z
        .array(z.string().min(1).max(160))
        .max(20)
        .default([])
        .describe("Duties of credentials that it sets right: they do not keep it out, which is put on record"),
      by,
    }),
    answer: run,
    kind: "json",
  },
  deployments: {
    ...routes.deployments,
    summary: "What was brought where, newest first, and how each deployment left its environment.",
    access: "read",
    params: none,
    query: z.object({
      environment: z.string().optional(),
      release: z.string().optional().describe("Only of this release: where it has been"),
      before: runNumber.describe("Only deployments before this one: the next page"),
      limit,
    }),
    body: null,
    answer: z.array(deployment),
    kind: "json",
  },
  deployment: {
    ...routes.deployment,
    summary: "One deployment: how it ended, and what its failed replicas left.",
    access: "read",
    params: runId,
    query: none,
    body: null,
    answer: deploymentDetail,
    kind: "json",
  },
  stop: {
    ...routes.stop,
    summary:
      "Stops the deployment that changes an environment, or the only one that waits. What ran before is brought back.",
    access: "change",
    params: environmentName,
    query: none,
    body: stopWish,
    answer: run,
    kind: "json",
  },
} as const satisfies Record<string, Route>;

import { z } from "zod";
import { environment } from "../shapes/environment.ts";
import { status } from "../shapes/status.ts";
import type { Route } from "../route.ts";
import { routes } from "../routes.ts";
import { by, environmentName, none, words } from "./inputs.ts";

/** Environments, and what goes on in all of them. */
export const environmentOperations = {
  status: {
    ...routes.status,
    summary: "What runs where, what moves and what waits.",
    access: "read",
    anywhere: true,
    params: none,
    query: none,
    body: null,
    answer: status,
    kind: "json",
  },
  environments: {
    ...routes.environments,
    summary: "The environments in the order of promotion.",
    access: "read",
    anywhere: true,
    params: none,
    query: none,
    body: null,
    answer: z.array(environment),
    kind: "json",
  },
  lock: {
    ...routes.lock,
    summary: "Keeps deployments out of an environment until it is unlocked; a rollback is never kept out.",
    access: "change",
    params: environmentName,
    query: none,
    body: z.object({
      by,
      reason: words(2000).min(1),
      until: z.iso
        .datetime()
        .nullable()
        .default(null)
        .describe("When it ends by itself; null lasts until it is taken off"),
      steal: z.boolean().default(false).describe("In the place of somebody else's lock"),
    }),
    answer: environment,
    kind: "json",
  },
  unlock: {
    ...routes.unlock,
    summary: "Lets deployments in again. Somebody else's lock is taken off only with a reason.",
    access: "change",
    params: environmentName,
    query: none,
    body: z.object({ by, reason: words(2000).min(1).nullable().default(null) }),
    answer: environment,
    kind: "json",
  },
} as const satisfies Record<string, Route>;

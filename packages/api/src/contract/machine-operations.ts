import { z } from "zod";
import { routerCertificate, routerStatus } from "../shapes/router.ts";
import { finding } from "../shapes/status.ts";
import type { Route } from "../route.ts";
import { routes } from "../routes.ts";
import { environmentName, none } from "./inputs.ts";

/** The machine, its router and its daemon. */
export const machineOperations = {
  doctor: {
    ...routes.doctor,
    summary: "What the daemon finds about its machine, database, router and services.",
    access: "read",
    params: none,
    query: none,
    body: null,
    answer: z.array(finding),
    kind: "json",
  },
  routerStatus: {
    ...routes.routerStatus,
    summary: "Who carries the traffic, on which addresses, and how its endpoints are.",
    access: "read",
    params: none,
    query: none,
    body: null,
    answer: routerStatus,
    kind: "json",
  },
  routerReload: {
    ...routes.routerReload,
    summary: "Has the router read its certificates again: all of them, or with a problem none.",
    access: "operate",
    params: none,
    query: none,
    body: z.object({}),
    answer: z.object({ certificates: z.array(routerCertificate) }),
    kind: "json",
  },
  routerUpgrade: {
    ...routes.routerUpgrade,
    summary:
      "Replaces the router's workers by new ones with the installed code and these settings, without a failed request.",
    access: "operate",
    params: none,
    query: none,
    body: z.object({
      workers: z
        .number()
        .int()
        .min(1)
        .max(64)
        .optional()
        .describe("How many processes carry traffic; as it is when left out"),
      accessLogSample: z
        .number()
        .min(0)
        .max(1)
        .nullable()
        .optional()
        .describe("Which part of what went well is logged; null: no request is; as it is when left out"),
    }),
    answer: z.object({ worker: z.number().describe("The process id of the new worker") }),
    kind: "json",
  },
  routerMaintenance: {
    ...routes.routerMaintenance,
    summary: "Tells the users of a service to come back later, or lets them in again. Deployments go on meanwhile.",
    access: "operate",
    params: environmentName.extend({ service: z.string().min(1).max(60) }),
    query: none,
    body: z.object({
      message: z.string().min(1).max(500).nullable().describe("What users are told; null lets them in again"),
    }),
    answer: z.object({ message: z.string().nullable() }),
    kind: "json",
  },
  backup: {
    ...routes.backup,
    summary: "Writes a backup of the database and of the files of releases to a directory on the daemon's machine.",
    access: "operate",
    params: none,
    query: none,
    body: z.object({
      directory: z.string().min(1),
      keyFile: z
        .string()
        .min(1)
        .nullable()
        .default(null)
        .describe("Where the key goes that opens its secrets, apart from it; it is not written when left out"),
    }),
    answer: z.object({
      directory: z.string(),
      bytes: z.number(),
      keys: z.array(z.string()).describe("The keys, by their ids, without which its secrets do not open"),
    }),
    kind: "json",
  },
  shutdown: {
    ...routes.shutdown,
    summary: "Ends the daemon; `services` and `router` end too unless they are to be kept.",
    access: "operate",
    params: none,
    query: none,
    body: z.object({ keepServices: z.boolean().default(false) }),
    answer: z.object({ ended: z.literal(true) }),
    kind: "json",
  },
} as const satisfies Record<string, Route>;

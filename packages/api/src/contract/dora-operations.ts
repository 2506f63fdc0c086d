import { z } from "zod";
import { doraShape } from "../shapes/dora.ts";
import type { Route } from "../route.ts";
import { routes } from "../routes.ts";
import { none, notANumber } from "./inputs.ts";

/** How well changes are brought to people. */
export const doraOperations = {
  dora: {
    ...routes.dora,
    summary:
      "DORA's five figures of software delivery, by environment: frequency, lead time, failures, recovery, rework.",
    access: "read",
    anywhere: true,
    params: none,
    query: z.object({
      days: z.coerce
        .number({ error: notANumber })
        .int()
        .min(1)
        .max(366)
        .default(30)
        .describe("How far back; 7, 30 and 90 are usual"),
      env: z.string().max(60).optional().describe("Only of this environment"),
      service: z.string().max(100).optional().describe("Only deployments that changed this service"),
    }),
    body: null,
    answer: doraShape,
    kind: "json",
  },
} as const satisfies Record<string, Route>;

import { z } from "zod";
import type { Route } from "../route.ts";
import { routes } from "../routes.ts";
import { approvalDetail } from "../shapes/approval.ts";
import { freezeOverride, freezeTimes } from "../shapes/gates.ts";
import { by, none, runId, words } from "./inputs.ts";

/** What people may do about that which holds a deployment. */
export const gateOperations = {
  approval: {
    ...routes.approval,
    summary: "What exactly a run asks to be approved, whose yes counts, and what would void it.",
    access: "read",
    params: runId,
    query: none,
    body: null,
    answer: approvalDetail,
    kind: "json",
  },
  freezes: {
    ...routes.freezes,
    summary:
      "When environments do not change, by the configuration: each freeze with the time that it is open or opens next.",
    access: "read",
    anywhere: true,
    params: none,
    query: none,
    body: null,
    answer: z.array(freezeTimes),
    kind: "json",
  },
  overrideFreeze: {
    ...routes.overrideFreeze,
    summary:
      "Says that a deployment is to go through the freeze that holds it. It does when two different people have said so.",
    access: "approve",
    stepUp: true,
    params: runId,
    query: none,
    body: z.object({ by, reason: words(2000).min(1) }),
    answer: freezeOverride,
    kind: "json",
  },
} as const satisfies Record<string, Route>;

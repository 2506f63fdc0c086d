import { z } from "zod";
import type { Route } from "../route.ts";
import { routes } from "../routes.ts";
import { accessReportShape } from "../shapes/access-report.ts";
import { flag } from "./inputs.ts";

/** Who can do what where an environment is. */
export const accessOperations = {
  accessReport: {
    ...routes.accessReport,
    summary: "Who can do what in the account of AWS that an environment uses, as IAM says now.",
    access: "audit",
    params: z.object({ environment: z.string().min(1).max(100) }),
    query: z.object({ used: flag.describe("Whether AWS is asked what each of them used lately, which takes a while") }),
    body: null,
    answer: accessReportShape,
    kind: "json",
  },
} as const satisfies Record<string, Route>;

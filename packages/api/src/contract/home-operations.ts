import { z } from "zod";
import { meShape, waitingShape } from "../shapes/home.ts";
import type { Route } from "../route.ts";
import { routes } from "../routes.ts";
import { flag, none } from "./inputs.ts";

/** What a page needs to know first: who looks at it, and what waits for them. */
export const homeOperations = {
  me: {
    ...routes.me,
    summary: "Who asks, what they may do where and why not, and what this daemon has.",
    access: "self",
    params: none,
    query: none,
    body: null,
    answer: meShape,
    kind: "json",
  },
  waiting: {
    ...routes.waiting,
    summary: "What waits for a person, the longest first, and whether the answer of who asks would count.",
    access: "read",
    anywhere: true,
    params: none,
    query: z.object({ mine: flag.describe("Only what who asks may answer") }),
    body: null,
    answer: z.array(waitingShape),
    kind: "json",
  },
} as const satisfies Record<string, Route>;

import { analysisShape } from "../shapes/analysis.ts";
import { movesShape } from "../shapes/rollout-move.ts";
import type { Route } from "../route.ts";
import { routes } from "../routes.ts";
import { none, runId } from "./inputs.ts";

/** What the figures of new releases said. */
export const analysisOperations = {
  analysis: {
    ...routes.analysis,
    summary: "What was seen of the new releases of a deployment beside the old ones, look by look.",
    access: "read",
    params: runId,
    query: none,
    body: null,
    answer: analysisShape,
    kind: "json",
  },
  moves: {
    ...routes.moves,
    summary:
      "How the services of a deployment moved over time: replicas of the old and the new release, and the share of traffic.",
    access: "read",
    params: runId,
    query: none,
    body: null,
    answer: movesShape,
    kind: "json",
  },
} as const satisfies Record<string, Route>;

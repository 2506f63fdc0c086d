import type { Stage } from "../runs/stage.ts";
import { applyStage } from "./apply-stage.ts";
import { lookStage } from "./look-stage.ts";
import { planStage } from "./plan-stage.ts";
import { restoreStateStage } from "./restore-state-stage.ts";
import type { StackParts } from "./stack-parts.ts";

/** Every kind of job that infrastructure has. */
export const infrastructureStages = (parts: StackParts): readonly Stage[] => [
  planStage(parts),
  applyStage(parts),
  lookStage(parts),
  restoreStateStage(parts),
];

export { defineProject } from "./define-project.ts";
export { type Explanation, type ExplainedSetting, explain, formatExplanation } from "./explain.ts";
export { configurationFiles, findConfigurations } from "./find-configuration.ts";
export { type Loaded, type LoadedProject, loadProject } from "./load.ts";
export type { Place } from "./places.ts";
export { formatProblem, formatProblems, type Problem, type ProblemCode, problemCodes } from "./problems.ts";
export type * from "./project-config.ts";

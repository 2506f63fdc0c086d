import type { EnvironmentCheck, SyntheticCheck } from "@fairway/core";
import { checkProgram } from "@fairway/core";

/** A journey as a check that is asked once. */
export const asCheck = ({ name, argv, directory, timeout, env }: SyntheticCheck): EnvironmentCheck => ({
  name,
  kind: "journey",
  argv,
  directory,
  timeout,
  env,
  report: { tool: checkProgram },
});

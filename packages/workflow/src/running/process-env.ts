import type { JsonObject } from "../model/json.ts";
import { contextVariables } from "./job-contexts.ts";
import type { Draft, RunningJob } from "./running-job.ts";
import type { StepTurn } from "./step-scope.ts";

/** For whom an environment is made: JavaScript actions are told more than scripts. */
export type ProcessKind = "script" | "action";

/**
 * The whole environment of a process of a step, from the weakest to the strongest: the host's few variables, what the
 * workflow and earlier steps set, folders put before PATH, the action's own, and what the contexts say.
 */
export function processEnv(
  job: RunningJob,
  draft: Draft,
  turn: StepTurn,
  kind: ProcessKind,
  own: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const { around, host } = job;
  const env: Record<string, string> = {
    CI: "true",
    HOME: host.folders.home,
    ...around.baseEnv,
    GITHUB_ACTIONS: "true",
    ...turn.env,
    ...own,
  };
  env["PATH"] = searchPath(draft, env);
  Object.assign(env, contextVariables(turn.github, (job.contexts["runner"] ?? {}) as JsonObject));
  const { identity, resultsUrl, runtimeUrl, token } = around.services;
  if (identity !== undefined) {
    env["ACTIONS_ID_TOKEN_REQUEST_URL"] = identity.url;
    env["ACTIONS_ID_TOKEN_REQUEST_TOKEN"] = identity.token;
  }
  if (kind === "action") {
    if (token !== undefined) env["ACTIONS_RUNTIME_TOKEN"] = token;
    if (runtimeUrl !== undefined) env["ACTIONS_RUNTIME_URL"] = env["ACTIONS_CACHE_URL"] = runtimeUrl;
    if (resultsUrl !== undefined) {
      env["ACTIONS_RESULTS_URL"] = resultsUrl;
      env["ACTIONS_CACHE_SERVICE_V2"] = "True";
    }
    delete env["NODE_ICU_DATA"];
  }
  return env;
}

/** PATH as a step sees it. */
export function searchPath(draft: Draft, env: Readonly<Record<string, string | undefined>>): string {
  const path = env["PATH"] ?? "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  return [...draft.inherited.paths, path].join(":");
}

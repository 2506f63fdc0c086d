import type { JsonObject } from "../model/json.ts";

/** What a job is told about the run that it is part of. Plain JSON. */
export interface JobSurroundings {
  /** The `github` context of the run: event, ref, sha, actor, … What belongs to the job or the step is put in here. */
  readonly github: JsonObject;
  /** The `needs` context: result and outputs of the jobs that this one waits for directly. */
  readonly needs: JsonObject;
  /** RUNNER_NAME. */
  readonly runnerName: string;
  /** What every process of the job begins with: PATH, LANG, proxies. HOME comes from the folders. */
  readonly baseEnv: Readonly<Record<string, string>>;
  readonly services: ServiceAddresses;
  /** Whether `::debug::` lines are shown: ACTIONS_STEP_DEBUG. */
  readonly debug: boolean;
  /** Node for JavaScript actions; the one that runs Fairway when not given. */
  readonly node?: { readonly node20?: string; readonly node24?: string };
}

/** Servers that actions speak to, and the token they speak with. Only JavaScript actions are told. */
export interface ServiceAddresses {
  /** ACTIONS_RESULTS_URL: cache and artifacts. */
  readonly resultsUrl?: string;
  /** ACTIONS_RUNTIME_URL and ACTIONS_CACHE_URL of older clients. */
  readonly runtimeUrl?: string;
  readonly token?: string;
  /** Where OIDC tokens are asked for; steps that run scripts are told this too. Absent without `id-token: write`. */
  readonly identity?: { readonly url: string; readonly token: string };
}

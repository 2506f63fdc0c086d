import { FairwayError } from "@fairway/core";
import type { ControlOptions } from "@fairway/engine";
import type { CacheAccess } from "@fairway/workflow/cache-server";
import type { Caches } from "./caches.ts";

type JobServices = NonNullable<ControlOptions["jobServices"]>;
type Github = Parameters<JobServices>[0]["github"];

/** What the jobs of workflows may ask of this daemon: its caches, as far as their ref and where their code is from allow. */
export function jobServices(caches: Caches): JobServices {
  return async ({ attempt, github, fromFork }) => {
    const access = await caches.accessFor({
      run: attempt.slice(0, attempt.indexOf("/")),
      job: attempt,
      ref: textOf(github, "ref"),
      ...(textOf(github, "base_ref") === "" ? {} : { base: `refs/heads/${textOf(github, "base_ref")}` }),
      defaultBranch: `refs/heads/${defaultBranchOf(github)}`,
      fromFork,
    });
    return {
      addresses: access === undefined ? {} : addressesIn(access),
      toolEnv: access?.toolEnv ?? {},
      masks: access === undefined ? [] : [access.token],
      identityToken: () => Promise.reject(new FairwayError("not_allowed_now", "this daemon issues no identity tokens")),
      close: () => undefined,
    };
  };
}

const addressesIn = ({ token, actionsEnv }: CacheAccess): Awaited<ReturnType<JobServices>>["addresses"] => ({
  resultsUrl: actionsEnv["ACTIONS_RESULTS_URL"] ?? "",
  runtimeUrl: actionsEnv["ACTIONS_RUNTIME_URL"] ?? "",
  token,
});

function textOf(github: Github, name: string): string {
  const value = github[name];
  return typeof value === "string" ? value : "";
}

function defaultBranchOf({ event }: Github): string {
  const { repository } = (event ?? {}) as { readonly repository?: { readonly default_branch?: unknown } };
  return typeof repository?.default_branch === "string" ? repository.default_branch : "main";
}

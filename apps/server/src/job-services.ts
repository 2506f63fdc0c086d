import type { ControlOptions } from "@fairway/engine";
import type { CacheAccess } from "@fairway/workflow/cache-server";
import type { Caches } from "./caches.ts";
import type { Identity } from "./identity.ts";
import { noIdentity } from "./identity.ts";

type JobServices = NonNullable<ControlOptions["jobServices"]>;
type Github = Parameters<JobServices>[0]["github"];

/**
 * What the jobs of workflows may ask of this daemon: its caches, as far as their ref and where their code is from allow, and
 * tokens that say who they are, if their workflow permits it.
 */
export function jobServices(caches: Caches | undefined, identity: Identity): JobServices {
  return async (job) => {
    const { attempt, github, fromFork } = job;
    const who = await identity.accessFor(job);
    const access = await caches?.accessFor({
      run: attempt.slice(0, attempt.indexOf("/")),
      job: attempt,
      ref: textOf(github, "ref"),
      ...(textOf(github, "base_ref") === "" ? {} : { base: `refs/heads/${textOf(github, "base_ref")}` }),
      defaultBranch: `refs/heads/${defaultBranchOf(github)}`,
      fromFork,
    });
    return {
      addresses: {
        ...(access === undefined ? {} : addressesIn(access)),
        ...(who === undefined ? {} : { identity: { url: who.url, token: who.token } }),
      },
      toolEnv: access?.toolEnv ?? {},
      masks: [access?.token, who?.token].filter((token) => token !== undefined),
      identityToken: (audience) => who?.sign(audience) ?? noIdentity(),
      close: () => identity.forget(job),
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

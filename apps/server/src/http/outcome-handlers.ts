import type { DeploymentShape, EvidenceShape } from "@fairway/api";
import type { ReleaseId, RunId } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import type { Control, Deployment, Store } from "@fairway/engine";
import { evidenceOf, listDeployments, runToStop } from "@fairway/engine";
import type { EnvironmentParts } from "../environments.ts";
import { environmentNow } from "../environments.ts";
import type { Handlers } from "./http-server.ts";
import { attentionView, deploymentView } from "./views.ts";

export interface OutcomeHandlerParts extends EnvironmentParts {
  readonly store: Store;
  readonly control: Control;
}

type OutcomeOperations = "deployments" | "deployment" | "pause" | "resume" | "stop" | "cancel" | "lock" | "unlock";

/** How deployments ended, how one is stopped, and what keeps them out. `show` gives a run as clients see it. */
export function outcomeHandlers(
  parts: OutcomeHandlerParts,
  show: (run: RunId) => ReturnType<Handlers["cancel"]>,
): Pick<Handlers, OutcomeOperations> {
  const { store, control } = parts;
  const { engine } = control;
  return {
    deployments: async ({ environment, release, before, limit }) =>
      (
        await listDeployments(store, {
          environment,
          release: release as ReleaseId | undefined,
          before: before === undefined ? undefined : Number(before.slice("run-".length)),
          limit,
        })
      ).map(deploymentView),
    deployment: async ({ run }) => {
      const [deployment] = await listDeployments(store, { run: run as RunId, limit: 1 });
      const { kind, attention } = await engine.run(run as RunId);
      if (deployment === undefined) throw noDeployment(run, kind);
      const evidence = await evidenceOf(store, run as RunId);
      return {
        ...deploymentView(deployment),
        attention: attentionView(attention),
        evidence: evidence.map(evidenceView),
      };
    },
    pause: async ({ run, by, reason }) => {
      await engine.pause(run as RunId, { by, because: reason });
      return show(run as RunId);
    },
    resume: async ({ run, by }) => {
      await engine.resume(run as RunId, { by });
      return show(run as RunId);
    },
    stop: async ({ environment, by, keep, force }) => {
      await environmentNow(parts, environment);
      const run = await runToStop(engine, environment);
      await engine.cancel(run, { by, keep, force });
      return show(run);
    },
    cancel: async ({ run, by, keep, force }) => {
      await engine.cancel(run as RunId, { by, keep, force });
      return show(run as RunId);
    },
    lock: async ({ environment, by, reason, until, steal }) => {
      await environmentNow(parts, environment);
      if (until !== null && Date.parse(until) <= Date.now())
        throw new FairwayError("bad_request", `a lock until ${until} would be over already`);
      await engine.lock(environment, { by, because: reason, until, steal });
      return environmentNow(parts, environment);
    },
    unlock: async ({ environment, by, reason }) => {
      await environmentNow(parts, environment);
      await engine.unlock(environment, { by, because: reason });
      return environmentNow(parts, environment);
    },
  };
}

/** How a deployment ended, as its run shows it; null while it goes on. */
export const endingView = (
  deployment: Deployment | undefined,
):
  | (Pick<DeploymentShape, "from" | "restored" | "supersededBy" | "why"> & {
      outcome: NonNullable<DeploymentShape["outcome"]>;
    })
  | null => {
  if (!deployment?.outcome) return null;
  const { outcome, from, restored, supersededBy, why } = deployment;
  return { outcome, from, restored, supersededBy, why };
};

const evidenceView = (found: Awaited<ReturnType<typeof evidenceOf>>[number]): EvidenceShape => ({
  ...found,
  exit: found.exit && { ...found.exit },
  log: [...found.log],
  health: found.health.map((seen) => ({ ...seen })),
});

const noDeployment = (run: string, kind: string): FairwayError =>
  kind === "deployment"
    ? new FairwayError("not_allowed_now", `${run} has not begun to change anything yet`, {
        hint: `see what it waits for: fairway run show ${run}`,
      })
    : new FairwayError("not_found", `${run} is no deployment`, { hint: `see it with: fairway run show ${run}` });

import type { CodeDeploy, DeploymentInfo } from "@aws-sdk/client-codedeploy";
import type { CodeDeployGroup, Millis } from "@fairway/core";
import { allPages } from "../session/all-pages.ts";
import type { AwsSession } from "../session/aws-session.ts";
import { namedIn } from "./app-spec.ts";

/** A deployment of CodeDeploy as far as Fairway depends on it. */
export interface CodeDeployStatus {
  readonly id: string;
  readonly state: "under way" | "ready" | "succeeded" | "failed" | "stopped";
  /** CodeDeploy's own word for the state. */
  readonly word: string;
  /** What went wrong, by its code; null where nothing has. */
  readonly error: { readonly code: string; readonly message: string } | null;
  /** The deployment by which CodeDeploy goes back; null where it does not. */
  readonly wayBack: string | null;
  /** All traffic goes to the new tasks, and the old ones are kept for a while. */
  readonly keepsOld: boolean;
}

/**
 * What CodeDeploy says of a deployment. A word that is not known is not over: nothing is called done that was not said to be.
 */
const statusOf = (info: DeploymentInfo): CodeDeployStatus => ({
  id: info.deploymentId ?? "",
  state: states[info.status ?? ""] ?? "under way",
  word: info.status ?? "nothing",
  error:
    info.errorInformation?.code === undefined
      ? null
      : { code: info.errorInformation.code, message: info.errorInformation.message ?? "" },
  wayBack: info.rollbackInfo?.rollbackDeploymentId ?? null,
  keepsOld: info.instanceTerminationWaitTimeStarted === true,
});

const states: Readonly<Record<string, CodeDeployStatus["state"]>> = {
  Ready: "ready",
  Succeeded: "succeeded",
  Failed: "failed",
  Stopped: "stopped",
};

/** One call. */
export async function deploymentStatus(client: CodeDeploy, id: string): Promise<CodeDeployStatus> {
  const { deploymentInfo = {} } = await client.getDeployment({ deploymentId: id });
  return statusOf(deploymentInfo);
}

/** A deployment of CodeDeploy that was found again. */
export interface DescribedDeployment {
  readonly id: string;
  /** What it deploys; null where CodeDeploy does not tell. */
  readonly taskDefinition: string | null;
}

/**
 * The deployment of a group that was begun under this description, by somebody who could not say so any more; null where there
 * is none. Looks at those of the last days, on every page: CodeDeploy promises no order.
 */
export async function deploymentDescribed(
  session: AwsSession,
  { application, group }: Pick<CodeDeployGroup, "application" | "group">,
  description: string,
): Promise<DescribedDeployment | null> {
  const client = await session.codeDeploy();
  const ids = await allPages(async (nextToken) => {
    const page = await client.listDeployments({
      applicationName: application,
      deploymentGroupName: group,
      createTimeRange: { start: new Date(Date.now() - looksBack) },
      nextToken,
    });
    return { items: page.deployments, next: page.nextToken };
  });
  for (let at = 0; at < ids.length; at += atOnce) {
    const { deploymentsInfo: found = [] } = await client.batchGetDeployments({
      deploymentIds: ids.slice(at, at + atOnce),
    });
    const mine = found.find((info) => info.description === description);
    if (mine?.deploymentId !== undefined)
      return { id: mine.deploymentId, taskDefinition: namedIn(mine.revision?.appSpecContent?.content) };
  }
  return null;
}

/** A deployment waits at most two days before it shifts traffic, and two before it ends the old tasks. */
const looksBack: Millis = 7 * 86_400_000;
/** As many as CodeDeploy tells of in one call. */
const atOnce = 25;

/** How far its moments have come, and what its hooks said: a sentence each. */
export async function lifecycleWords(client: CodeDeploy, id: string): Promise<readonly string[]> {
  const { targetIds = [] } = await client.listDeploymentTargets({ deploymentId: id });
  if (targetIds.length === 0) return [];
  const { deploymentTargets = [] } = await client.batchGetDeploymentTargets({ deploymentId: id, targetIds });
  return deploymentTargets.flatMap(({ ecsTarget }) =>
    (ecsTarget?.lifecycleEvents ?? []).flatMap(({ lifecycleEventName: moment, status, diagnostics }) =>
      status === "Failed"
        ? [
            [`${moment ?? "?"} failed`, diagnostics?.errorCode, diagnostics?.message, diagnostics?.logTail]
              .filter((part) => part !== undefined && part !== "")
              .join(": "),
          ]
        : [],
    ),
  );
}

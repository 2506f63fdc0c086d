import type { ECS, ServiceDeploymentBrief, ServiceDeploymentStatus } from "@aws-sdk/client-ecs";
import type { EcsPlacement } from "@fairway/core";
import { allPages } from "../session/all-pages.ts";

/** What ECS has on record of the deployments of a service, the newest first: AWS promises no order, and answers in pages. */
export async function serviceDeployments(
  ecs: ECS,
  { cluster, service }: Pick<EcsPlacement, "cluster" | "service">,
  status?: readonly ServiceDeploymentStatus[],
): Promise<readonly ServiceDeploymentBrief[]> {
  const found = await allPages(async (nextToken) => {
    const page = await ecs.listServiceDeployments({
      cluster,
      service,
      nextToken,
      ...(status === undefined ? {} : { status: [...status] }),
    });
    return { items: page.serviceDeployments, next: page.nextToken };
  });
  return found.toSorted((one, other) => (other.createdAt?.getTime() ?? 0) - (one.createdAt?.getTime() ?? 0));
}

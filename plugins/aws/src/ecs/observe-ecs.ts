import type { Group, ReleaseId } from "@fairway/core";
import type { EcsService } from "./ecs-service.ts";
import { shortOf } from "./ecs-verdict.ts";

/** What runs, by release. What Fairway did not bring is named by its task definition. */
export async function observeEcs(service: EcsService): Promise<ReadonlyMap<ReleaseId, Group>> {
  const look = await service.look();
  const found = new Map<ReleaseId, Group>();
  if (typeof look === "string") return found;
  for (const { taskDefinition, running, pending, failed } of look.deployments) {
    if (running + pending === 0) continue;
    const { marks } = await service.taskDefinition(taskDefinition);
    const release = (marks.release ?? shortOf(taskDefinition)) as ReleaseId;
    const before = found.get(release) ?? { running: 0, ready: 0, failed: 0, busy: 0 };
    found.set(release, {
      running: before.running + running + pending,
      ready: before.ready + running,
      failed: before.failed + failed,
      busy: 0,
    });
  }
  return found;
}

import type { EcsService } from "./ecs-service.ts";

/** The family of a task definition by its ARN; null for what is none. */
export const familyOf = (taskDefinition: string): string | null => /([^/:]+):\d+$/u.exec(taskDefinition)?.[1] ?? null;

/** Its number within its family. */
export const revisionOf = (taskDefinition: string): number =>
  Number(taskDefinition.slice(taskDefinition.lastIndexOf(":") + 1));

/** What of a family is in use, the newest first and at most a hundred; one call. */
export async function newestOfFamily(service: EcsService, family: string): Promise<readonly string[]> {
  const ecs = await service.client();
  const { taskDefinitionArns = [] } = await ecs.listTaskDefinitions({
    familyPrefix: family,
    status: "ACTIVE",
    sort: "DESC",
    maxResults: 100,
  });
  return taskDefinitionArns
    .filter((arn) => familyOf(arn) === family)
    .toSorted((one, other) => revisionOf(other) - revisionOf(one));
}

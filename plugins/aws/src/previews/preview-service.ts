import type { ECS, RegisterTaskDefinitionCommandInput, Service, TaskDefinition } from "@aws-sdk/client-ecs";
import type { HealthCheck } from "@fairway/core";
import type { KnownTaskDefinition } from "../ecs/ecs-service.ts";
import { containerIn, derivedFrom } from "../ecs/task-definition.ts";
import type { PreviewMarks } from "./preview-marks.ts";
import { ecsTags } from "./preview-marks.ts";

/** How a preview's service is, as ECS says it: `ACTIVE`, `DRAINING`, and null where there is none. */
export async function previewServiceStatus(ecs: ECS, cluster: string, service: string): Promise<string | null> {
  const { services: [found] = [] } = await ecs.describeServices({ cluster, services: [service] });
  return found?.status === undefined || found.status === "INACTIVE" ? null : found.status;
}

/** What a preview's service is made from. */
export interface PreviewServiceBase {
  readonly like: Service;
  readonly definition: KnownTaskDefinition;
  /** Which container gets the release's image, and where it listens. */
  readonly container: string;
  readonly port: number;
}

/** What a service that previews are to be like has for them; a sentence where it is not enough. */
export async function previewServiceBase(
  ecs: ECS,
  like: { readonly cluster: string; readonly service: string },
  wanted: { readonly container: string | null; readonly port: number | null },
  taskDefinition: (arn: string) => Promise<KnownTaskDefinition>,
): Promise<PreviewServiceBase | string> {
  const { services: [found] = [] } = await ecs.describeServices({ cluster: like.cluster, services: [like.service] });
  if (found?.status !== "ACTIVE")
    return `there is no service ${like.service} in cluster ${like.cluster} to make a preview from`;
  const definition = await taskDefinition(found.taskDefinition ?? "");
  if (found.networkConfiguration?.awsvpcConfiguration === undefined)
    return `${like.service} has no network of its own (awsvpc), and a preview's tasks are reached by their addresses`;
  const named = containerIn(definition.definition, wanted.container);
  if ("problem" in named) return named.problem;
  const balanced = found.loadBalancers?.find(({ containerName }) => containerName === named.name);
  const mapped = definition.definition.containerDefinitions?.find(({ name }) => name === named.name)?.portMappings?.[0];
  const port = balanced?.containerPort ?? wanted.port ?? mapped?.containerPort;
  if (port === undefined) return `nobody says where ${like.service} listens; name \`container.port\``;
  return { like: found, definition, container: named.name, port };
}

/**
 * The task definition that a preview's service is made with, and never runs: that of the environment's service without its
 * secrets and its role. Pure.
 */
export function previewDefinition(
  { definition: { definition, tags }, container }: PreviewServiceBase,
  about: { readonly family: string; readonly taskRole: string | null },
): RegisterTaskDefinitionCommandInput {
  const { taskRoleArn: _environments, ...bare } = definition;
  const opened: TaskDefinition = {
    ...bare,
    containerDefinitions: (definition.containerDefinitions ?? []).map(({ secrets: _theirs, ...rest }) => rest),
    ...(about.taskRole === null ? {} : { taskRoleArn: about.taskRole }),
  };
  const [image = ""] = (definition.containerDefinitions ?? []).flatMap((one) =>
    one.name === container ? (one.image ?? "") : [],
  );
  const marks = { release: null, rollout: null, replaces: null };
  return derivedFrom(opened, tags, { image, env: {}, family: about.family, container, marks }, container);
}

/** What of a preview's service is its own. */
export interface WantedPreviewService {
  readonly cluster: string;
  readonly service: string;
  readonly marks: PreviewMarks;
  readonly taskDefinition: string;
  /** Null for what has no route. */
  readonly group: string | null;
  readonly health: Pick<HealthCheck, "startWithin">;
}

/** Makes the service, with no task yet: the first rollout gives it its number of them. */
export async function makePreviewService(
  ecs: ECS,
  { like, container, port }: PreviewServiceBase,
  wanted: WantedPreviewService,
): Promise<void> {
  const { group } = wanted;
  await ecs.createService({
    cluster: wanted.cluster,
    serviceName: wanted.service,
    taskDefinition: wanted.taskDefinition,
    desiredCount: 0,
    networkConfiguration: like.networkConfiguration,
    ...(like.capacityProviderStrategy === undefined || like.capacityProviderStrategy.length === 0
      ? { launchType: like.launchType ?? "FARGATE" }
      : { capacityProviderStrategy: like.capacityProviderStrategy }),
    ...(like.platformVersion === undefined ? {} : { platformVersion: like.platformVersion }),
    ...(group === null
      ? {}
      : {
          loadBalancers: [{ targetGroupArn: group, containerName: container, containerPort: port }],
          healthCheckGracePeriodSeconds: Math.ceil(wanted.health.startWithin / 1000),
        }),
    // Else a task costs its owner's money under nobody's name.
    propagateTags: "SERVICE",
    tags: ecsTags(wanted.marks),
  });
}

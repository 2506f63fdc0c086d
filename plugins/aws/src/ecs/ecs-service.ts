import type {
  ECS,
  RegisterTaskDefinitionCommandInput,
  TaskDefinition,
  UpdateServiceCommandInput,
} from "@aws-sdk/client-ecs";
import type { EcsPlacement } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import type { AwsSession } from "../session/aws-session.ts";
import type { EcsLook } from "./ecs-look.ts";
import { lookOf } from "./ecs-look.ts";
import type { ServiceMarks, Tag } from "./service-marks.ts";
import { tagsOf } from "./service-marks.ts";
import type { TaskDefinitionMarks } from "./task-definition.ts";
import { taskDefinitionMarks } from "./task-definition.ts";

/** A task definition with its tags. */
export interface KnownTaskDefinition {
  readonly definition: TaskDefinition;
  readonly tags: readonly Tag[];
  readonly marks: TaskDefinitionMarks;
}

/** The calls that a rollout makes of one ECS service, each by itself safe to repeat. */
export interface EcsService {
  /** One call. A sentence where the service, or its cluster, is not there. */
  look(): Promise<EcsLook | string>;
  /** May come from memory, but for its status: task definitions never change. */
  taskDefinition(arn: string): Promise<KnownTaskDefinition>;
  /** From AWS itself, for its status. */
  freshTaskDefinition(arn: string): Promise<KnownTaskDefinition>;
  /** The ARN of the new revision. */
  register(input: RegisterTaskDefinitionCommandInput): Promise<string>;
  mark(look: EcsLook, marks: Partial<ServiceMarks>): Promise<void>;
  update(input: Omit<UpdateServiceCommandInput, "cluster" | "service">): Promise<EcsLook>;
  client(): Promise<ECS>;
}

/** What a daemon has read and written, so that it is not misled by an answer that is older than what it did itself. */
export interface ServiceMemory {
  /** By ARN; they never change. */
  readonly taskDefinitions: Map<string, KnownTaskDefinition>;
  /** What was written on services last, by their ARN. */
  readonly marks: Map<string, ServiceMarks>;
}

export function ecsService(
  place: Pick<EcsPlacement, "cluster" | "service">,
  session: AwsSession,
  memory: ServiceMemory,
): EcsService {
  const { cluster, service } = place;
  const { region } = session.access;

  async function freshTaskDefinition(arn: string): Promise<KnownTaskDefinition> {
    const ecs = await session.ecs();
    const { taskDefinition, tags = [] } = await ecs.describeTaskDefinition({ taskDefinition: arn, include: ["TAGS"] });
    if (taskDefinition === undefined)
      throw new FairwayError("not_found", `there is no task definition ${arn} in ${region}`);
    const known = { definition: taskDefinition, tags, marks: taskDefinitionMarks(tags) };
    memory.taskDefinitions.set(arn, known);
    return known;
  }

  /** AWS answers from copies: what this process wrote itself counts, unless somebody newer has written since. */
  function asMarked(look: EcsLook): EcsLook {
    const own = memory.marks.get(look.arn);
    return own === undefined || look.marks.epoch > own.epoch ? look : { ...look, marks: { ...look.marks, ...own } };
  }

  return {
    client: () => session.ecs(),

    async look() {
      const ecs = await session.ecs();
      const { services = [], failures = [] } = await ecs.describeServices({
        cluster,
        services: [service],
        include: ["TAGS"],
      });
      const [found] = services;
      if (found === undefined)
        return `there is no service ${service} in cluster ${cluster} of ${region}${failures[0]?.reason === undefined ? "" : ` (${failures[0].reason})`}; was it deleted, or is it another region?`;
      if (found.status === "ACTIVE") return asMarked(lookOf(found));
      return `service ${service} of cluster ${cluster} is ${found.status ?? "in no known state"}: it was deleted`;
    },

    taskDefinition: async (arn) => memory.taskDefinitions.get(arn) ?? freshTaskDefinition(arn),
    freshTaskDefinition,

    async register(input) {
      const ecs = await session.ecs();
      const { taskDefinition, tags = input.tags ?? [] } = await ecs.registerTaskDefinition(input);
      const arn = taskDefinition?.taskDefinitionArn;
      if (taskDefinition === undefined || arn === undefined)
        throw new FairwayError("target_unreachable", "ecs:RegisterTaskDefinition answered without a task definition", {
          retryable: true,
        });
      memory.taskDefinitions.set(arn, { definition: taskDefinition, tags, marks: taskDefinitionMarks(tags) });
      return arn;
    },

    async mark(look, marks) {
      const ecs = await session.ecs();
      await ecs.tagResource({ resourceArn: look.arn, tags: tagsOf(marks) });
      memory.marks.set(look.arn, { ...asMarked(look).marks, ...marks });
    },

    async update(input) {
      const ecs = await session.ecs();
      const { service: updated } = await ecs.updateService({ ...input, cluster, service });
      if (updated === undefined)
        throw new FairwayError("target_unreachable", "ecs:UpdateService answered without a service", {
          retryable: true,
        });
      return lookOf(updated);
    },
  };
}

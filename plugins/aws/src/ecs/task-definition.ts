import type { ContainerDefinition, RegisterTaskDefinitionCommandInput, TaskDefinition } from "@aws-sdk/client-ecs";
import type { Tag } from "./service-marks.ts";
import { tagOf } from "./service-marks.ts";

/** What of a task definition a release changes. Everything else stays as the team's infrastructure wrote it. */
export interface TaskDefinitionChange {
  readonly image: string;
  /** Environment variables that are set: `GIT_SHA`, `FAIRWAY_RELEASE`. */
  readonly env: Readonly<Record<string, string>>;
  readonly family: string | null;
  readonly container: string | null;
  /** All secrets that the container has, by the names of their variables; as they are when left out. */
  readonly references?: Readonly<Record<string, string>>;
  /** What references to secrets become, by what they are. */
  readonly secrets?: ReadonlyMap<string, string>;
  readonly marks: TaskDefinitionMarks;
}

/** What a task definition says of where it comes from, as tags. They never change, for it never does. */
export interface TaskDefinitionMarks {
  readonly release: string | null;
  readonly rollout: string | null;
  /** The task definition that ran before it; the way back from release to release. */
  readonly replaces: string | null;
}

const keys = {
  release: "fairway:release",
  rollout: "fairway:rollout",
  replaces: "fairway:replaces",
} as const satisfies Record<keyof TaskDefinitionMarks, string>;

export const taskDefinitionMarks = (tags: readonly Tag[] | undefined): TaskDefinitionMarks => ({
  release: tagOf(tags, keys.release),
  rollout: tagOf(tags, keys.rollout),
  replaces: tagOf(tags, keys.replaces),
});

/** The container that gets the release's image; a sentence where it is not clear which. */
export function containerIn(
  { containerDefinitions = [] }: Pick<TaskDefinition, "containerDefinitions">,
  wanted: string | null,
): { readonly name: string } | { readonly problem: string } {
  const names = containerDefinitions.map(({ name = "" }) => name);
  if (wanted !== null)
    return names.includes(wanted)
      ? { name: wanted }
      : { problem: `the task definition has no container "${wanted}", only ${names.join(", ")}` };
  const [only, ...others] = names;
  return only !== undefined && others.length === 0
    ? { name: only }
    : { problem: `the task definition has the containers ${names.join(", ")}; say which with \`container\`` };
}

/** The task definition to register for a release, from the one that is there. Pure: the same input gives the same. */
export function derivedFrom(
  base: TaskDefinition,
  tags: readonly Tag[] | undefined,
  change: TaskDefinitionChange,
  container: string,
): RegisterTaskDefinitionCommandInput {
  // What ECS adds when it registers one, and refuses to be given back.
  const {
    taskDefinitionArn: _arn,
    revision: _revision,
    status: _status,
    requiresAttributes: _attributes,
    compatibilities: _compatibilities,
    registeredAt: _at,
    registeredBy: _by,
    deregisteredAt: _until,
    ...rest
  } = base as TaskDefinition & { readonly deleteRequestedAt?: Date };
  const own = new Set<string>(Object.values(keys));
  const kept = (tags ?? []).flatMap(({ key = "", value = "" }) =>
    own.has(key) || key.startsWith("aws:") || key === "" ? [] : [{ key, value }],
  );
  const marks = (Object.entries(change.marks) as [keyof TaskDefinitionMarks, string | null][]).flatMap(
    ([name, value]) => (value === null ? [] : [{ key: keys[name], value }]),
  );
  return {
    ...rest,
    family: change.family ?? base.family,
    containerDefinitions: (base.containerDefinitions ?? [])
      .map((given) => withSecrets(given, change.secrets))
      .map((definition) =>
        definition.name === container
          ? {
              ...definition,
              image: change.image,
              ...(change.references === undefined
                ? {}
                : { secrets: Object.entries(change.references).map(([name, valueFrom]) => ({ name, valueFrom })) }),
              environment: [
                // ECS refuses a name that is both a variable and a secret.
                ...(definition.environment ?? []).filter(
                  ({ name = "" }) => !Object.hasOwn(change.env, name) && !Object.hasOwn(change.references ?? {}, name),
                ),
                ...Object.entries(change.env).map(([name, value]) => ({ name, value })),
              ],
            }
          : definition,
      ),
    tags: [...kept, ...marks],
  };
}

function withSecrets(definition: ContainerDefinition, versions: TaskDefinitionChange["secrets"]): ContainerDefinition {
  if (versions === undefined || versions.size === 0 || definition.secrets === undefined) return definition;
  const secrets = definition.secrets.map((secret) => ({
    ...secret,
    valueFrom: versions.get(secret.valueFrom ?? "") ?? secret.valueFrom,
  }));
  return { ...definition, secrets };
}

/** Of a family that Fairway writes, what may go: all but the newest, and never what runs or may have to come back. */
export const dispensable = (
  newestFirst: readonly string[],
  needed: ReadonlySet<string>,
  keep: number,
): readonly string[] => newestFirst.slice(keep).filter((arn) => !needed.has(arn));

/**
 * What Fairway keeps on the ECS service itself, as tags: a daemon that was killed, or restored from a backup, finds out
 * there what it had begun.
 */
export interface ServiceMarks {
  /** The highest epoch that has acted; 0 where nobody has. */
  readonly epoch: number;
  /** The rollout that acted last; with `:back` its way back. */
  readonly rollout: string | null;
  /** The PRIMARY deployment before it began. */
  readonly before: string | null;
  /** The task definition that ran before. */
  readonly previous: string | null;
  /** How many tasks were wanted before. */
  readonly desired: number | null;
  /** What was registered for the rollout. */
  readonly taskDefinition: string | null;
  /** The deployment of it, once that is known. */
  readonly deployment: string | null;
  /** The deployment of CodeDeploy that goes back, once that is known. */
  readonly back: string | null;
  /** The rollout whose steps are held, while they are. */
  readonly held: string | null;
}

const keys = {
  epoch: "fairway:epoch",
  rollout: "fairway:rollout",
  before: "fairway:before",
  previous: "fairway:previous",
  desired: "fairway:desired",
  taskDefinition: "fairway:task-definition",
  deployment: "fairway:deployment",
  back: "fairway:back",
  held: "fairway:held",
} as const satisfies Record<keyof ServiceMarks, string>;

/** A tag as ECS has it. */
export interface Tag {
  readonly key?: string | undefined;
  readonly value?: string | undefined;
}

/** The value of a tag; null where there is none, or where it was emptied, which is how marks are taken away. */
export const tagOf = (tags: readonly Tag[] | undefined, key: string): string | null => {
  const value = tags?.find((tag) => tag.key === key)?.value;
  return value === undefined || value === "" ? null : value;
};

export function marksOf(tags: readonly Tag[] | undefined): ServiceMarks {
  const numberOf = (key: string): number | null => {
    const value = Number(tagOf(tags, key) ?? Number.NaN);
    return Number.isSafeInteger(value) ? value : null;
  };
  return {
    epoch: numberOf(keys.epoch) ?? 0,
    rollout: tagOf(tags, keys.rollout),
    before: tagOf(tags, keys.before),
    previous: tagOf(tags, keys.previous),
    desired: numberOf(keys.desired),
    taskDefinition: tagOf(tags, keys.taskDefinition),
    deployment: tagOf(tags, keys.deployment),
    back: tagOf(tags, keys.back),
    held: tagOf(tags, keys.held),
  };
}

/** The marks as tags to set; what is null is emptied, and what is left out stays as it is. */
export const tagsOf = (marks: Partial<ServiceMarks>): { key: string; value: string }[] =>
  (Object.entries(marks) as [keyof ServiceMarks, string | number | null][]).map(([name, value]) => ({
    key: keys[name],
    value: value === null ? "" : String(value),
  }));

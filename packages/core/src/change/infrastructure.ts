import type { Digest, Sha } from "../ids.ts";
import type { Timestamp } from "../units.ts";

/** What becomes of a resource. *replace* destroys it and makes it anew, in one order or the other. */
export type ResourceAction = "create" | "update" | "replace" | "destroy" | "read" | "forget" | "import" | "move";

/** One value of a resource that changes. */
export interface FieldChange {
  /** As people write it: `tags.owner`, `ingress[0].port`. */
  readonly path: string;
  /** As JSON; null where there is none, or it must not be shown. */
  readonly before: string | null;
  /** As JSON; null where there is none, it is not known before it is done, or it must not be shown. */
  readonly after: string | null;
  readonly sensitive: boolean;
  /** Known only once it is done. */
  readonly unknown: boolean;
  /** Because of it the resource is made anew. */
  readonly replaces: boolean;
}

/** What becomes of one resource, and why. */
export interface ResourceChange {
  /** `module.database.aws_db_instance.main` */
  readonly address: string;
  readonly type: string;
  readonly action: ResourceAction;
  /** Where it was before, when it moves. */
  readonly from: string | null;
  /** In words for people; null where nothing was said. */
  readonly reason: string | null;
  readonly fields: readonly FieldChange[];
}

/** Which state of the world a plan was made of. Any difference voids it. */
export interface PlanBasis {
  readonly stack: string;
  readonly environment: string;
  readonly commit: Sha;
  readonly workspace: string;
  /** Of the state, which counts up with each change; null where there is no state yet. */
  readonly serial: number | null;
  /** Of the state's whole history; null where there is no state yet. */
  readonly lineage: string | null;
  /** Of the variables with their values. */
  readonly variables: Digest;
  /** The program that made it, with its version: `terraform 1.15.5`. */
  readonly tool: string;
}

/** What would be done to a stack, as approved: exactly this, once, soon. */
export interface InfrastructurePlan {
  readonly basis: PlanBasis;
  readonly changes: readonly ResourceChange[];
  /** Outputs that change, by name. */
  readonly outputs: readonly string[];
  /** What commands that are read by people alone say of it; absent where the changes say it all. */
  readonly shown?: string | undefined;
  /** Of the file that is applied. */
  readonly file: Digest;
  readonly plannedAt: Timestamp;
  readonly expiresAt: Timestamp;
}

/** What a person should know at a glance. */
export interface ChangeCount {
  readonly create: number;
  readonly update: number;
  readonly replace: number;
  readonly destroy: number;
}

/** How many of each; what is only read, moved, imported or forgotten is none of them. */
export const countChanges = (changes: readonly ResourceChange[]): ChangeCount => {
  const count = (action: ResourceAction): number => changes.filter((one) => one.action === action).length;
  return { create: count("create"), update: count("update"), replace: count("replace"), destroy: count("destroy") };
};

const words: Readonly<Record<keyof PlanBasis, string>> = {
  stack: "the stack",
  environment: "the environment",
  commit: "the commit",
  workspace: "the workspace",
  serial: "the state, which was changed since (its serial)",
  lineage: "the state, which is another one (its lineage)",
  variables: "the variables",
  tool: "the program",
};

/** Why a plan that was made may not be applied any more, a sentence for each; empty when it may. */
export function voidedBy(plan: InfrastructurePlan, now: PlanBasis, at: Timestamp): readonly string[] {
  const fields = Object.keys(words) as readonly (keyof PlanBasis)[];
  const found = fields
    .filter((field) => plan.basis[field] !== now[field])
    .map((field) => `${words[field]} is not what it was planned for`);
  return Date.parse(at) >= Date.parse(plan.expiresAt) ? [...found, `it expired at ${plan.expiresAt}`] : found;
}

/**
 * Whether what a person typed names a resource that goes: its address, or that of what it is in, `module.old` or
 * `aws_instance.web` for all of its instances.
 */
export const isNamedBy = (address: string, typed: string): boolean =>
  typed !== "" && (address === typed || address.startsWith(`${typed}.`) || address.startsWith(`${typed}[`));

/** Resources that a plan takes away, which a person must name to allow it. */
export const destroyedBy = (changes: readonly ResourceChange[]): readonly string[] =>
  changes.filter(({ action }) => action === "destroy" || action === "replace").map(({ address }) => address);

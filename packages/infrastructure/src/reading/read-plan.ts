import type { ResourceAction, ResourceChange } from "@fairway/core";
import { fieldChanges } from "./field-changes.ts";
import type { PlanJson, ResourceChangeJson } from "./plan-json.ts";
import { sensitiveValuesOf } from "./sensitive-values.ts";

/** What a plan would do. */
export interface ReadPlan {
  readonly changes: readonly ResourceChange[];
  /** Outputs that change, by name; never their values. */
  readonly outputs: readonly string[];
  /** What others did to resources since the last apply. */
  readonly drift: readonly ResourceChange[];
  /** What commands that are read by people alone say of it; null where the changes say it all. */
  readonly shown: string | null;
  /** Whether it can be applied: one that failed half-way, or left something out, cannot. */
  readonly whole: boolean;
}

/** What the program says it does to each resource, without what it leaves as it is. */
export function readPlan(plan: PlanJson): ReadPlan {
  const isSecret = sensitiveValuesOf(plan);
  return {
    changes: (plan.resource_changes ?? []).flatMap((one) => changeOf(one, isSecret)),
    outputs: Object.entries(plan.output_changes ?? {})
      .filter(([, { actions }]) => !isNothing(actions))
      .map(([name]) => name)
      .toSorted(),
    drift: (plan.resource_drift ?? []).flatMap((one) => changeOf(one, isSecret)),
    shown: null,
    whole: plan.errored !== true && plan.complete !== false,
  };
}

const isNothing = (actions: readonly string[]): boolean => actions.every((action) => action === "no-op");

function changeOf(resource: ResourceChangeJson, isSecret: (json: string) => boolean): readonly ResourceChange[] {
  const { address, type, previous_address: from, change } = resource;
  const action = actionOf(resource);
  if (action === null) return [];
  const moved = from !== undefined && from !== address;
  return [
    {
      address,
      type,
      action,
      from: moved ? from : null,
      reason: reasonOf(resource.action_reason),
      fields: action === "read" || action === "forget" ? [] : fieldChanges(change, isSecret),
    },
  ];
}

/** Null for what is left as it is. */
function actionOf({ address, previous_address: from, change }: ResourceChangeJson): ResourceAction | null {
  const actions = change.actions.join(" ");
  switch (actions) {
    case "create":
      return "create";
    case "update":
      return "update";
    case "delete":
      return "destroy";
    case "read":
      return "read";
    case "forget":
      return "forget";
    case "delete create":
    case "create delete":
    case "create forget":
      return "replace";
    case "no-op":
      if (change.importing !== undefined && change.importing !== null) return "import";
      return from !== undefined && from !== address ? "move" : null;
    default:
      // A verb that this version does not know: told as what it might at worst be.
      return actions.includes("delete") ? "destroy" : "update";
  }
}

/** The program's short words as sentences. Those that are not known are shown as they are. */
const reasons: Readonly<Record<string, string>> = {
  replace_because_tainted: "it is marked as damaged",
  replace_because_cannot_update: "it cannot be changed in place",
  replace_by_request: "it was asked for",
  replace_by_triggers: "something that it names as a trigger changed",
  delete_because_no_resource_config: "the code no longer has it",
  delete_because_no_module: "the code no longer has its module",
  delete_because_wrong_repetition: "the code no longer has it under this key",
  delete_because_count_index: "there are fewer of it now",
  delete_because_each_key: "its key is gone",
  delete_because_no_move_target: "it was moved to a place that the code does not have",
  read_because_config_unknown: "it depends on what is known only later",
  read_because_dependency_pending: "it depends on what changes",
  read_because_check_nested: "a check asks for it",
};

const reasonOf = (word: string | undefined): string | null =>
  word === undefined ? null : Object.hasOwn(reasons, word) ? (reasons[word] ?? word) : word.replaceAll("_", " ");

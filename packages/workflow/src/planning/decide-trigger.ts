import type { WorkflowEvent } from "../model/event.ts";
import type { JsonValue } from "../model/json.ts";
import type { TriggerDecision } from "../model/plan.ts";
import type { EventTrigger, InputDefinition } from "../model/triggers.ts";
import type { Workflow } from "../model/workflow.ts";
import { typedInputs } from "./inputs.ts";
import { letsPathsThrough, letsThrough } from "./ref-filter.ts";

/** What GitHub takes when a pull request trigger names no types. */
const pullRequestTypes = ["opened", "synchronize", "reopened"];

/** Words in a commit's message that keep `push` and `pull_request` from starting anything. */
const skipWords = /\[(?:skip ci|ci skip|no ci|skip actions|actions skip)\]|^skip-checks:\s*true\s*$/imu;

/** Whether an event starts a workflow, and why, or why not, as a sentence for people. */
export function decideTrigger({ triggers }: Workflow, event: WorkflowEvent): TriggerDecision {
  if (event.name === "workflow_dispatch") {
    return triggers.dispatch === undefined
      ? no("the workflow has no workflow_dispatch, so it cannot be started by hand")
      : withInputs(triggers.dispatch.inputs, event, "started by hand");
  }
  if (event.name === "workflow_call") {
    return triggers.call === undefined
      ? no("the workflow has no workflow_call, so no other may call it")
      : withInputs(triggers.call.inputs, event, "called by another workflow");
  }
  if (event.name === "schedule") {
    return triggers.schedules.some(({ cron }) => cron === event.schedule)
      ? yes(`the schedule ${event.schedule} has come due`)
      : no("no line of the schedule has come due");
  }
  const trigger = triggers.events.find((candidate) => candidate.event === event.name);
  if (trigger === undefined) return no(`the workflow does not listen to ${event.name}`);
  return no(typeRefusal(trigger, event) ?? refRefusal(trigger, event) ?? pathRefusal(trigger, event) ?? skipped(event));
}

const yes = (reason: string): TriggerDecision => ({ starts: true, reason, inputs: {} });

/** The refusal, or a start when there is none. */
function no(refusal: string | Started): TriggerDecision {
  return typeof refusal === "string" ? { starts: false, reason: refusal, inputs: {} } : yes(refusal.because);
}

interface Started {
  readonly because: string;
}

function typeRefusal({ event: name, types }: EventTrigger, { type }: WorkflowEvent): string | undefined {
  const wanted = types ?? (name === "pull_request" || name === "pull_request_target" ? pullRequestTypes : undefined);
  if (wanted === undefined || type === undefined || wanted.includes(type)) return undefined;
  return `${name} is listened to for ${wanted.join(", ")}, and this is ${type}`;
}

function refRefusal(trigger: EventTrigger, event: WorkflowEvent): string | undefined {
  const { branches, tags } = trigger;
  const tag = afterPrefix(event.ref, "refs/tags/");
  if (event.name === "push" && tag !== undefined) {
    if (tags !== undefined)
      return letsThrough(tags, tag) ? undefined : `the tag ${tag} does not pass the filter on tags`;
    return branches === undefined ? undefined : "the filter is on branches, and this is a tag";
  }
  if (event.name === "workflow_run" && trigger.workflows !== undefined) {
    const name = textAt(event.payload, "workflow_run", "name");
    if (name === undefined || !trigger.workflows.includes(name))
      return `it follows ${trigger.workflows.join(", ")} only`;
  }
  const branch = branchOf(event);
  if (branches === undefined) {
    return event.name === "push" && tags !== undefined ? "the filter is on tags, and this is a branch" : undefined;
  }
  if (branch !== undefined && letsThrough(branches, branch)) return undefined;
  return `the branch ${branch ?? event.ref} does not pass the filter on branches`;
}

/** The branch that a filter looks at: of a pull request the one that it goes into. */
function branchOf(event: WorkflowEvent): string | undefined {
  if (event.name.startsWith("pull_request") || event.name === "merge_group") {
    return event.baseRef === undefined ? undefined : (afterPrefix(event.baseRef, "refs/heads/") ?? event.baseRef);
  }
  if (event.name === "workflow_run") return textAt(event.payload, "workflow_run", "head_branch");
  return afterPrefix(event.ref, "refs/heads/");
}

function pathRefusal({ paths }: EventTrigger, { ref, changedPaths }: WorkflowEvent): string | undefined {
  // A tag has no difference to look at; and what could not be told must not keep anything from running.
  if (paths === undefined || changedPaths === undefined || ref.startsWith("refs/tags/")) return undefined;
  return letsPathsThrough(paths, changedPaths) ? undefined : "no changed path passes the filter on paths";
}

function skipped(event: WorkflowEvent): string | Started {
  if (event.payload["deleted"] === true) return "the ref was deleted";
  const message = textAt(event.payload, "head_commit", "message");
  if (["push", "pull_request"].includes(event.name) && message !== undefined && skipWords.test(message)) {
    return "the commit's message asks to skip it";
  }
  return { because: `${event.name} of ${event.ref}` };
}

function withInputs(definitions: readonly InputDefinition[], event: WorkflowEvent, reason: string): TriggerDecision {
  const { values, faults } = typedInputs(definitions, event.inputs ?? {});
  if (faults.length > 0) return no(faults.map(({ message }) => message).join("; "));
  return { starts: true, reason, inputs: values };
}

function afterPrefix(text: string, prefix: string): string | undefined {
  return text.startsWith(prefix) ? text.slice(prefix.length) : undefined;
}

function textAt(payload: JsonValue, ...path: readonly string[]): string | undefined {
  let value: JsonValue | undefined = payload;
  for (const key of path) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
    value = (value as Readonly<Record<string, JsonValue>>)[key];
  }
  return typeof value === "string" ? value : undefined;
}

import { messageOf } from "@fairway/core";
import { type ActionLock, lockedSha } from "../actions/action-lock.ts";
import type { BuiltInAction } from "../actions/built-in.ts";
import { builtInAction } from "../actions/registry.ts";
import { dockerOptions } from "../containers/docker-options.ts";
import type { Template } from "../model/template.ts";
import { callRefusal, labelsRefusal, shellRefusal, snapshotRefusal, writtenTexts } from "../planning/refusals.ts";
import type { Mark } from "./report.ts";

/** What becomes of a construct whose value decides that. */
export interface Judgement {
  readonly mark: Mark;
  readonly reason: string;
}

/** What this installation can do beyond the usual. */
export interface Abilities {
  /** Whether a container engine is configured. */
  readonly containers: boolean;
  /** The commits that actions of other repositories are locked to. */
  readonly lock: ActionLock;
}

/** Decides by the value of a construct; `within` are the mappings around it, the innermost last. */
type Judge = (value: Template, abilities: Abilities, within: readonly Template[], key: string) => Judgement;

/** The constructs whose value decides what becomes of them, by their pattern in the catalogue's language. */
export const judges: Readonly<Record<string, Judge>> = {
  "on.*": (value) => eventJudgement(value.kind === "literal" ? value.text : ""),
  "jobs.*.runs-on": (value) => labelsJudgement(writtenTexts(value)),
  "jobs.*.runs-on.labels": (value) => labelsJudgement(writtenTexts(value)),
  "jobs.*.uses": (value) => callJudgement(writtenTexts(value)[0] ?? ""),
  "jobs.*.snapshot": () => ({ mark: "rejected", reason: snapshotRefusal }),
  "jobs.*.container": (_, abilities) => containerJudgement(abilities, "the job's steps run in this container"),
  "jobs.*.services": (_, abilities) => containerJudgement(abilities, "started before the job, stopped after it"),
  "jobs.*.container.options": (value) => optionsJudgement(writtenTexts(value)[0]),
  "jobs.*.services.*.options": (value) => optionsJudgement(writtenTexts(value)[0]),
  "jobs.*.environment": () => ({
    mark: "emulated",
    reason: "Fairway's environment of this name: its gates are asked first",
  }),
  "jobs.*.steps[].uses": (value, abilities) => actionJudgement(writtenTexts(value)[0] ?? "", abilities),
  "jobs.*.steps[].with.*": (_, __, within, key) => inputJudgement(key, within.at(-2)),
  "jobs.*.steps[].shell": (value) => shellJudgement(writtenTexts(value)[0]),
  "defaults.run.shell": (value) => shellJudgement(writtenTexts(value)[0]),
  "jobs.*.defaults.run.shell": (value) => shellJudgement(writtenTexts(value)[0]),
};

/**
 * What becomes of an event that a workflow listens to. Whether files start by themselves is the configuration's to say
 * (`workflows` of its `forge`), and the file is looked at without one.
 */
export function eventJudgement(event: string): Judgement {
  const asked = `\`fairway workflow run --event ${event}\` starts it`;
  switch (event) {
    case "workflow_dispatch":
      return { mark: "enforced", reason: "`fairway workflow run` starts it, with these inputs" };
    case "workflow_call":
      return { mark: "enforced", reason: "workflows of this repository can call it" };
    case "push":
    case "pull_request":
      return { mark: "emulated", reason: `${asked}, and so does one that comes in where workflow files count` };
    case "schedule":
      return { mark: "emulated", reason: "by its times on the main branch, where a forge's workflow files count" };
    case "pull_request_target":
      return { mark: "no-effect", reason: `nothing starts by it here; only ${asked}` };
    default:
      return { mark: "emulated", reason: `${asked}, and so does GitHub's webhook where workflow files count` };
  }
}

function labelsJudgement(labels: readonly string[]): Judgement {
  const refusal = labelsRefusal(labels);
  if (refusal !== undefined) return { mark: "rejected", reason: refusal };
  const computed = labels.length === 0;
  return {
    mark: "emulated",
    reason: computed
      ? "computed; with any label but Windows and macOS the job runs here"
      : "runs on this machine, whatever its image has",
  };
}

function callJudgement(reference: string): Judgement {
  const refusal = callRefusal(reference);
  if (refusal !== undefined) return { mark: "rejected", reason: refusal };
  return { mark: "enforced", reason: "the called workflow's jobs run in this run" };
}

function containerJudgement({ containers }: Abilities, what: string): Judgement {
  if (containers) return { mark: "emulated", reason: what };
  return { mark: "rejected", reason: "no container engine is configured" };
}

function optionsJudgement(options: string | undefined): Judgement {
  const carried: Judgement = { mark: "emulated", reason: "carried over to the container engine" };
  try {
    dockerOptions(options ?? "");
    return carried;
  } catch (thrown) {
    return { mark: "rejected", reason: messageOf(thrown) };
  }
}

function actionJudgement(reference: string, abilities: Abilities): Judgement {
  if (reference.startsWith("docker://")) return containerJudgement(abilities, "run by the container engine");
  if (/^[.$]\//u.test(reference)) return { mark: "enforced", reason: "the action in this folder of the repository" };
  if (builtIn(reference) !== undefined) {
    return { mark: "emulated", reason: "built in: the same done by Fairway, whatever the version" };
  }
  const [name = "", ref = ""] = reference.split("@");
  const sha = lockedSha(abilities.lock, name.split("/").slice(0, 2).join("/"), ref);
  return sha === undefined
    ? { mark: "rejected", reason: "neither built in nor locked to a commit: fairway workflow lock" }
    : { mark: "enforced", reason: `fetched from its repository at ${sha.slice(0, 12)}` };
}

/** An input of an action: a built-in one says which it knows. */
function inputJudgement(name: string, step: Template | undefined): Judgement {
  const uses =
    step?.kind === "mapping"
      ? step.entries.find(({ key }) => key.kind === "literal" && key.text === "uses")
      : undefined;
  const action = builtIn(writtenTexts(uses?.value)[0] ?? "");
  if (action === undefined) return { mark: "enforced", reason: "an input of the action" };
  const known = Object.keys(action.inputs).some((input) => input.toLowerCase() === name.toLowerCase());
  return known
    ? { mark: "emulated", reason: "an input of the built-in action" }
    : { mark: "no-effect", reason: `${action.name} has no such input; the step warns of it` };
}

function builtIn(reference: string): BuiltInAction | undefined {
  const [owner = "", name = "", ...path] = (reference.split("@")[0] ?? "").split("/");
  return builtInAction({ repository: `${owner}/${name}`, path: path.join("/") });
}

function shellJudgement(shell: string | undefined): Judgement {
  const refusal = shellRefusal(shell);
  if (refusal !== undefined) return { mark: "rejected", reason: refusal };
  if (shell !== undefined && /^pwsh\b/iu.test(shell))
    return { mark: "enforced", reason: "run by pwsh, which must be installed" };
  return { mark: "enforced", reason: "with GitHub's own arguments" };
}

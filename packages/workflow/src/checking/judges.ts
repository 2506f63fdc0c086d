import type { BuiltInAction } from "../actions/built-in.ts";
import { builtInAction } from "../actions/registry.ts";
import type { Template } from "../model/template.ts";
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
}

/** Decides by the value of a construct; `within` are the mappings around it, the innermost last. */
type Judge = (value: Template, abilities: Abilities, within: readonly Template[], key: string) => Judgement;

/** The constructs whose value decides what becomes of them, by their pattern in the catalogue's language. */
export const judges: Readonly<Record<string, Judge>> = {
  "on.*": (value) => eventJudgement(value.kind === "literal" ? value.text : ""),
  "jobs.*.runs-on": (value) => labelsJudgement(textsIn(value)),
  "jobs.*.runs-on.labels": (value) => labelsJudgement(textsIn(value)),
  "jobs.*.container": (_, abilities) => containerJudgement(abilities, "the job's steps run in this container"),
  "jobs.*.services": (_, abilities) => containerJudgement(abilities, "started before the job, stopped after it"),
  "jobs.*.environment": () => ({
    mark: "emulated",
    reason: "Fairway's environment of this name: its gates are asked first",
  }),
  "jobs.*.steps[].uses": (value, abilities) => actionJudgement(textsIn(value)[0] ?? "", abilities),
  "jobs.*.steps[].with.*": (_, __, within, key) => inputJudgement(key, within.at(-2)),
  "jobs.*.steps[].shell": (value) => shellJudgement(textsIn(value)[0]),
  "defaults.run.shell": (value) => shellJudgement(textsIn(value)[0]),
  "jobs.*.defaults.run.shell": (value) => shellJudgement(textsIn(value)[0]),
};

const started = ["push", "pull_request", "schedule", "workflow_dispatch", "workflow_call"];

/** What becomes of an event that a workflow listens to. */
export function eventJudgement(event: string): Judgement {
  if (started.includes(event)) return { mark: "enforced", reason: `${event} starts it` };
  return { mark: "no-effect", reason: `nothing sends ${event} here; it can be started with \`--event ${event}\`` };
}

function labelsJudgement(labels: readonly string[]): Judgement {
  const foreign = labels.find((label) => /^(?:windows|macos)/iu.test(label));
  if (foreign !== undefined) return { mark: "rejected", reason: `this machine runs Linux, not ${foreign}` };
  const computed = labels.length === 0;
  return {
    mark: "emulated",
    reason: computed
      ? "computed; whatever Linux label it is, the job runs here"
      : "runs on this machine, whatever its image has",
  };
}

function containerJudgement({ containers }: Abilities, what: string): Judgement {
  if (containers) return { mark: "emulated", reason: what };
  return { mark: "rejected", reason: "no container engine is configured" };
}

function actionJudgement(reference: string, abilities: Abilities): Judgement {
  if (reference.startsWith("docker://")) return containerJudgement(abilities, "run by the container engine");
  if (reference.startsWith("./")) return { mark: "enforced", reason: "the action in this folder of the repository" };
  if (reference.startsWith("$/"))
    return { mark: "rejected", reason: "write the folder as ./, from the repository's root" };
  if (builtIn(reference) !== undefined) {
    return { mark: "emulated", reason: "built in: the same done by Fairway, whatever the version" };
  }
  return { mark: "enforced", reason: "fetched from its repository at the commit that the lock file has" };
}

/** An input of an action: a built-in one says which it knows. */
function inputJudgement(name: string, step: Template | undefined): Judgement {
  const uses =
    step?.kind === "mapping"
      ? step.entries.find(({ key }) => key.kind === "literal" && key.text === "uses")
      : undefined;
  const action = builtIn(textsIn(uses?.value)[0] ?? "");
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
  if (shell !== undefined && /^(?:cmd|powershell)$/iu.test(shell)) {
    return { mark: "rejected", reason: `there is no ${shell} on Linux` };
  }
  if (shell !== undefined && /^pwsh\b/iu.test(shell))
    return { mark: "enforced", reason: "run by pwsh, which must be installed" };
  return { mark: "enforced", reason: "with GitHub's own arguments" };
}

function textsIn(value: Template | undefined): readonly string[] {
  if (value === undefined) return [];
  if (value.kind === "literal") return [value.text];
  if (value.kind === "sequence") return value.items.flatMap(textsIn);
  return [];
}

import type { Step } from "../model/step.ts";
import type { Evaluation } from "./evaluation.ts";

/** What a step is called, as far as that can be computed. */
export function nameOf(step: Step, evaluation: Evaluation, prefix: string, computed: boolean): string {
  const template = step.name ?? (step.kind === "run" ? step.run : undefined);
  if (template === undefined || template.kind === "literal" || !computed) return prefix + plainName(step);
  try {
    return prefix + named(step, evaluation.text(template));
  } catch {
    return prefix + plainName(step); // A name is no reason to fail.
  }
}

/** What a step is called before anything is computed. */
export function plainName(step: Step): string {
  if (step.name === undefined && step.kind === "uses") return `Run ${step.uses.reference}`;
  const template = step.name ?? (step.kind === "run" ? step.run : undefined);
  if (template === undefined) return step.id;
  return named(step, template.kind === "literal" ? template.text : `\${{ ${template.source} }}`);
}

function named(step: Step, text: string): string {
  const [first = ""] = text.trimStart().split(/[\r\n]/, 1);
  return step.name === undefined ? `Run ${first}` : first;
}

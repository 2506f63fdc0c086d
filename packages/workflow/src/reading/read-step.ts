import type { Step } from "../model/step.ts";
import { type Field, fieldsOf, isSequence, textOf } from "./fields.ts";
import { type Findings, placeOf } from "./findings.ts";
import type { TemplateToken } from "./github-entry.ts";
import { optional } from "./optional.ts";
import { StepIds } from "./step-ids.ts";
import { conditionOf, mappingOf, scalarOf } from "./templates.ts";

const common = ["id", "name", "if", "env", "continue-on-error", "timeout-minutes"];
const ofRun = [...common, "run", "shell", "working-directory"];
const ofUses = [...common, "uses", "with"];

/** Reads the steps of a job or of a composite action; each gets an id that is unique among them. */
export function readSteps(field: Field | undefined, findings: Findings): readonly Step[] {
  if (field === undefined || !isSequence(field.value)) return [];
  const tokens = [...field.value];
  const ids = new StepIds();
  for (const token of tokens) {
    const id = fieldsOf(token, "any", findings).get("id");
    const text = textOf(id, findings);
    const fault = text === undefined ? undefined : ids.claim(text);
    if (fault !== undefined) findings.add(placeOf(id?.value), fault);
  }
  return tokens.flatMap((token) => readStep(token, ids, findings) ?? []);
}

function readStep(token: TemplateToken, ids: StepIds, findings: Findings): Step | undefined {
  const isRun = fieldsOf(token, "any", findings).has("run");
  const fields = fieldsOf(token, isRun ? ofRun : ofUses, findings);
  const reference = textOf(fields.get("uses"), findings);
  const run = scalarOf(fields.get("run"), findings);
  const base = {
    id: textOf(fields.get("id"), findings) ?? ids.make(reference),
    place: placeOf(token),
    ...optional("name", scalarOf(fields.get("name"), findings)),
    condition: conditionOf(fields.get("if")) ?? { place: placeOf(token), source: "", effective: "success()" },
    ...optional("env", mappingOf(fields.get("env"), findings)),
    ...optional("continueOnError", scalarOf(fields.get("continue-on-error"), findings)),
    ...optional("timeoutMinutes", scalarOf(fields.get("timeout-minutes"), findings)),
  };
  if (run !== undefined) {
    return {
      kind: "run",
      ...base,
      run,
      ...optional("shell", scalarOf(fields.get("shell"), findings)),
      ...optional("workingDirectory", scalarOf(fields.get("working-directory"), findings)),
    };
  }
  const uses = fields.get("uses");
  if (uses === undefined || reference === undefined) {
    // Unless something else has been said about this very step already.
    if (findings.problems.length === 0) findings.add(placeOf(token), "a step has either `run` or `uses`");
    return undefined;
  }
  if (!isReference(reference)) {
    findings.add(placeOf(uses.value), `Expected format {org}/{repo}[/path]@ref. Actual '${reference}'`);
  }
  return {
    kind: "uses",
    ...base,
    uses: { reference, place: placeOf(uses.value) },
    ...optional("with", mappingOf(fields.get("with"), findings)),
  };
}

/** An image, a folder of this repository, or an action of another one at a ref. */
function isReference(reference: string): boolean {
  return /^(?:docker:\/\/|\.\/|\$\/)/u.test(reference) || /^[^/@]+\/[^/@]+(?:\/[^@]*)?@.+$/u.test(reference);
}

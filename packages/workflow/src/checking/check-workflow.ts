import { readWorkflow } from "../reading/read-workflow.ts";
import { readTokens } from "../reading/read-tokens.ts";
import { templateOf } from "../reading/templates.ts";
import { constructsOf } from "./constructs.ts";
import { findFaults } from "./find-faults.ts";
import type { Abilities } from "./judges.ts";
import type { WorkflowReport } from "./report.ts";

/** Says of every construct of a workflow file what becomes of it here, and what in it will not do what its author wants. */
export function checkWorkflow(text: string, file: string, abilities: Abilities): WorkflowReport {
  const reading = readWorkflow(text, file);
  // Read again, as it stands: the model leaves out nothing, but has no place for every key.
  const { root } = readTokens(text, file, "workflow");
  const constructs = root === undefined ? [] : constructsOf(templateOf(root), abilities);
  if ("problems" in reading) return { file, problems: reading.problems, constructs, faults: [] };
  return { file, problems: [], constructs, faults: findFaults(reading.workflow, text, abilities.lock) };
}

/** The same for a file as it lies on the disk: what is not UTF-8 is told, not guessed. */
export function checkWorkflowBytes(bytes: Uint8Array, file: string, abilities: Abilities): WorkflowReport {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    const message = "the file is not UTF-8 text";
    return { file, problems: [{ message, file, place: { line: 1, column: 1 } }], constructs: [], faults: [] };
  }
  return checkWorkflow(text, file, abilities);
}

/** Whether a workflow can run here: nothing is wrong with it, and nothing in it is rejected. */
export function canRun({ problems, constructs }: WorkflowReport): boolean {
  return problems.length === 0 && constructs.every(({ mark }) => mark !== "rejected");
}

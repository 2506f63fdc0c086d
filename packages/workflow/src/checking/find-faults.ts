import type { ActionLock } from "../actions/action-lock.ts";
import type { Workflow } from "../model/workflow.ts";
import { readWorkflow } from "../reading/read-workflow.ts";
import { actionPinnedByTag } from "./action-faults.ts";
import {
  branchDeploysNothing,
  builtAgainToDeploy,
  deploysWithoutOrder,
  deployWithoutApproval,
  noConcurrencyGroup,
  noMigrations,
  oidcWithoutPermission,
  vercelPreviewOnly,
} from "./deploy-faults.ts";
import type { FaultFinder, FoundFault } from "./found-fault.ts";
import { edited, unifiedDiff } from "./patch.ts";
import type { Fault } from "./report.ts";
import { installedNeverTested, poetryAtTheRoot } from "./test-faults.ts";
import { wayBackInWorkflow } from "./way-back-faults.ts";

const finders: readonly FaultFinder[] = [
  deployWithoutApproval,
  branchDeploysNothing,
  vercelPreviewOnly,
  oidcWithoutPermission,
  poetryAtTheRoot,
  installedNeverTested,
  noConcurrencyGroup,
  deploysWithoutOrder,
  noMigrations,
  actionPinnedByTag,
  builtAgainToDeploy,
  wayBackInWorkflow,
];

/** The faults of a workflow, in the order of the file. A patch is there only when it was tried: it applies and mends. */
export function findFaults(workflow: Workflow, text: string, lock: ActionLock): readonly Fault[] {
  const lines = text.split("\n");
  return finders
    .flatMap((find) =>
      find(workflow, lines, lock).map((found) => withPatch(found, (...file) => find(...file, lock), workflow, text)),
    )
    .sort((one, other) => one.place.line - other.place.line || one.place.column - other.place.column);
}

type Again = (workflow: Workflow, lines: readonly string[]) => readonly FoundFault[];

/** Makes the edits and looks again: the file must still be a workflow, and have one such fault less. */
function withPatch({ edits, ...fault }: FoundFault, find: Again, workflow: Workflow, text: string): Fault {
  if (edits === undefined || edits.length === 0) return fault;
  const mended = edited(text, edits);
  const reading = readWorkflow(mended, workflow.file);
  if ("problems" in reading) return fault;
  const left = find(reading.workflow, mended.split("\n"));
  if (left.length >= find(workflow, text.split("\n")).length) return fault;
  return { ...fault, patch: unifiedDiff(workflow.file, text, mended) };
}

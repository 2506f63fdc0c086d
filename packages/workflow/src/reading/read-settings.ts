import { type AccessLevel, type Concurrency, type Permissions, type RunDefaults } from "../model/workflow.ts";
import { type Field, fieldsOf, isMapping, isNull, textOf } from "./fields.ts";
import { type Findings, placeOf } from "./findings.ts";
import { optional } from "./optional.ts";
import { scalarOf } from "./templates.ts";

/** Reads `permissions`; null and `{}` take every right away. */
export function readPermissions(field: Field | undefined, findings: Findings): Permissions | undefined {
  if (field === undefined) return undefined;
  const place = field.keyPlace;
  if (!isMapping(field.value)) {
    const text = textOf(field, findings);
    if (text === "read-all") return { place, all: "read", levels: {} };
    if (text === "write-all") return { place, all: "write", levels: {} };
    if (text !== "") findings.add(placeOf(field.value), "permissions are a mapping, read-all or write-all");
    return { place, levels: {} };
  }
  const levels: Record<string, AccessLevel> = {};
  for (const entry of fieldsOf(field.value, "any", findings).values()) {
    const level = textOf(entry, findings);
    if (level === "none" || level === "read" || level === "write") levels[entry.key] = level;
  }
  return { place, levels };
}

/** Reads `defaults`; only `run` can have any. */
export function readDefaults(field: Field | undefined, findings: Findings): RunDefaults {
  const run = field && fieldsOf(field.value, ["run"], findings).get("run");
  if (run === undefined || isNull(run.value)) return {};
  if (run.value.isExpression) {
    findings.add(placeOf(run.value), "the defaults must be written out; only their values may be computed");
    return {};
  }
  const fields = fieldsOf(run.value, ["shell", "working-directory"], findings);
  return {
    ...optional("shell", scalarOf(fields.get("shell"), findings)),
    ...optional("workingDirectory", scalarOf(fields.get("working-directory"), findings)),
  };
}

/** Reads `concurrency`: a group, or a mapping. */
export function readConcurrency(field: Field | undefined, findings: Findings): Concurrency | undefined {
  if (field === undefined) return undefined;
  const place = field.keyPlace;
  if (!isMapping(field.value)) {
    const group = scalarOf(field, findings);
    return group && { place, group, queue: "single" };
  }
  const fields = fieldsOf(field.value, ["group", "cancel-in-progress", "queue"], findings);
  const group = scalarOf(fields.get("group"), findings);
  if (group === undefined) {
    findings.add(place, "concurrency needs a group");
    return undefined;
  }
  const queue = textOf(fields.get("queue"), findings) === "max" ? "max" : "single";
  const cancelInProgress = scalarOf(fields.get("cancel-in-progress"), findings);
  if (queue === "max" && cancelInProgress !== undefined && !isFalse(cancelInProgress)) {
    findings.add(place, "a queue that keeps every run (queue: max) cannot be used with cancel-in-progress");
  }
  return { place, group, ...optional("cancelInProgress", cancelInProgress), queue };
}

function isFalse(scalar: NonNullable<Concurrency["cancelInProgress"]>): boolean {
  return scalar.kind === "literal" && scalar.text !== "true";
}

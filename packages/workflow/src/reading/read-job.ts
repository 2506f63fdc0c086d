import type { CallJob, Job, JobEnvironment, StepsJob, Strategy } from "../model/job.ts";
import { mostLegs } from "../planning/unfold-matrix.ts";
import { type Field, fieldsOf, isMapping, isSequence, isString, textOf } from "./fields.ts";
import { type Findings, placeOf } from "./findings.ts";
import type { TemplateToken } from "./github-entry.ts";
import { optional } from "./optional.ts";
import { readConcurrency, readDefaults, readPermissions } from "./read-settings.ts";
import { readSteps } from "./read-step.ts";
import { conditionOf, mappingOf, scalarOf, templateOf } from "./templates.ts";

const ofAny = ["name", "needs", "if", "strategy", "permissions", "concurrency"];
const ofCall = [...ofAny, "uses", "with", "secrets"];
const ofSteps = [
  ...ofAny,
  ...["runs-on", "env", "defaults", "steps", "timeout-minutes", "cancel-timeout-minutes", "continue-on-error"],
  ...["outputs", "environment", "container", "services", "snapshot"],
];

/** Reads one job; undefined when it cannot be made sense of, and then a problem says so. */
export function readJob({ key, keyPlace, value }: Field, findings: Findings): Job | undefined {
  const calls = fieldsOf(value, "any", findings).has("uses");
  const fields = fieldsOf(value, calls ? ofCall : ofSteps, findings);
  const base = {
    id: key,
    place: keyPlace,
    ...optional("name", scalarOf(fields.get("name"), findings)),
    needs: readNeeds(fields.get("needs"), findings),
    ...optional("condition", conditionOf(fields.get("if"))),
    ...optional("strategy", readStrategy(fields.get("strategy"), findings)),
    ...optional("permissions", readPermissions(fields.get("permissions"), findings)),
    ...optional("concurrency", readConcurrency(fields.get("concurrency"), findings)),
  };
  return calls ? readCallJob(base, fields, findings) : readStepsJob(base, fields, findings);
}

type Base = Omit<StepsJob, "kind" | "runsOn" | "defaults" | "outputs" | "steps">;
type Fields = ReadonlyMap<string, Field>;

function readCallJob(base: Base, fields: Fields, findings: Findings): CallJob | undefined {
  const uses = fields.get("uses");
  const reference = textOf(uses, findings);
  if (uses === undefined || reference === undefined) return undefined;
  const given = mappingOf(fields.get("with"), findings);
  const secrets = fields.get("secrets");
  const mapped = secrets && mappingOf(isString(secrets.value) ? undefined : secrets, findings);
  return {
    kind: "call",
    ...base,
    uses: { reference, place: placeOf(uses.value) },
    ...(given?.kind === "mapping" ? { with: given } : {}),
    secrets:
      secrets !== undefined && isString(secrets.value) ? "inherit" : mapped?.kind === "mapping" ? mapped : undefined,
  };
}

function readStepsJob(base: Base, fields: Fields, findings: Findings): StepsJob | undefined {
  const runsOn = fields.get("runs-on");
  if (runsOn === undefined) {
    findings.add(base.place, "Required property is missing: runs-on");
    return undefined;
  }
  return {
    kind: "steps",
    ...base,
    runsOn: templateOf(runsOn.value),
    ...optional("env", mappingOf(fields.get("env"), findings)),
    defaults: readDefaults(fields.get("defaults"), findings),
    ...optional("timeoutMinutes", scalarOf(fields.get("timeout-minutes"), findings)),
    ...optional("cancelTimeoutMinutes", scalarOf(fields.get("cancel-timeout-minutes"), findings)),
    ...optional("continueOnError", scalarOf(fields.get("continue-on-error"), findings)),
    outputs: readOutputs(fields.get("outputs"), findings),
    ...optional("environment", readEnvironment(fields.get("environment"), findings)),
    ...optional("container", anyOf(fields.get("container"))),
    ...optional("services", anyOf(fields.get("services"))),
    ...optional("snapshot", anyOf(fields.get("snapshot"))),
    steps: readSteps(fields.get("steps"), findings),
  };
}

const anyOf = (field: Field | undefined) => field && templateOf(field.value);

function readNeeds(field: Field | undefined, findings: Findings): Job["needs"] {
  if (field === undefined) return [];
  const tokens: readonly TemplateToken[] = isSequence(field.value) ? [...field.value] : [field.value];
  return tokens.flatMap((value) => {
    const id = textOf({ ...field, value }, findings);
    return id === undefined || id === "" ? [] : [{ id, place: placeOf(value) }];
  });
}

function readOutputs(field: Field | undefined, findings: Findings): StepsJob["outputs"] {
  if (field === undefined) return [];
  return [...fieldsOf(field.value, "any", findings).values()].map(({ key, value }) => ({
    name: key,
    value: templateOf(value),
  }));
}

function readStrategy(field: Field | undefined, findings: Findings): Strategy | undefined {
  if (field === undefined) return undefined;
  const place = field.keyPlace;
  const template = templateOf(field.value);
  if (template.kind === "expression") return { place, whole: template };
  const fields = fieldsOf(field.value, ["matrix", "fail-fast", "max-parallel"], findings);
  checkVectors(fields.get("matrix"), findings);
  return {
    place,
    ...optional("matrix", anyOf(fields.get("matrix"))),
    ...optional("failFast", scalarOf(fields.get("fail-fast"), findings)),
    ...optional("maxParallel", scalarOf(fields.get("max-parallel"), findings)),
  };
}

/** A vector without values is found here when it is written out, and when it is computed by the planner. */
function checkVectors(matrix: Field | undefined, findings: Findings): void {
  if (matrix === undefined || matrix.value.isExpression) return;
  for (const { key, value } of fieldsOf(matrix.value, "any", findings).values()) {
    if (key === "include" || key === "exclude" || !isSequence(value) || value.count > 0) continue;
    findings.add(placeOf(value), `Matrix vector '${key}' does not contain any values`);
  }
  const legs = writtenLegs(matrix, findings);
  if (legs > mostLegs)
    findings.add(
      placeOf(matrix.value),
      `the matrix has ${legs} legs, and ${mostLegs} are the most`,
      "Take values out, or name the legs that count with `include`.",
    );
}

/** How many legs a matrix has by what is written; 0 where some are computed or taken out again. */
function writtenLegs({ value: matrix }: Field, findings: Findings): number {
  const vectors = [...fieldsOf(matrix, "any", findings).values()];
  const named = vectors.filter(({ key }) => key !== "include");
  if (named.some(({ key, value }) => key === "exclude" || !isSequence(value))) return 0;
  const include = vectors.find(({ key }) => key === "include")?.value;
  if (named.length === 0) return include !== undefined && isSequence(include) ? include.count : 0;
  return named.reduce((legs, { value }) => legs * (isSequence(value) ? value.count : 1), 1);
}

function readEnvironment(field: Field | undefined, findings: Findings): JobEnvironment | undefined {
  if (field === undefined) return undefined;
  const place = field.keyPlace;
  if (!isMapping(field.value)) {
    const name = scalarOf(field, findings);
    return name && { place, name };
  }
  const fields = fieldsOf(field.value, ["name", "url", "deployment"], findings);
  const name = scalarOf(fields.get("name"), findings);
  return (
    name && {
      place,
      name,
      ...optional("url", scalarOf(fields.get("url"), findings)),
      ...optional("deployment", scalarOf(fields.get("deployment"), findings)),
    }
  );
}

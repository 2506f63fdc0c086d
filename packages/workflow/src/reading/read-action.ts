import type { ActionDefinition, ActionInput, ActionOutput } from "../model/action.ts";
import type { Problem } from "../model/place.ts";
import { type Field, fieldsOf, isSequence, textOf } from "./fields.ts";
import { type Findings, placeOf } from "./findings.ts";
import type { TemplateToken } from "./github-entry.ts";
import { optional } from "./optional.ts";
import { readSteps } from "./read-step.ts";
import { readTokens, takeErrors } from "./read-tokens.ts";
import { mappingOf, scalarOf, templateOf } from "./templates.ts";

/** An action, or everything that is wrong with its file. */
export type ActionReading = { readonly action: ActionDefinition } | { readonly problems: readonly Problem[] };

/**
 * Reads an `action.yml`, as leniently as GitHub's runner does: actions in the wild have no name, or keys that nobody
 * knows, and run all the same.
 */
export function readAction(text: string, file: string): ActionReading {
  const tokens = readTokens(text, file, "action");
  const { findings, root } = tokens;
  takeErrors(tokens);
  if (root === undefined) return { problems: findings.problems };
  const action = findings.problems.length === 0 ? convert(root, findings) : undefined;
  return action === undefined || findings.problems.length > 0 ? { problems: findings.problems } : { action };
}

function convert(root: TemplateToken, findings: Findings): ActionDefinition | undefined {
  const fields = fieldsOf(root, "any", findings);
  const runs = fields.get("runs");
  if (runs === undefined) {
    findings.add(placeOf(root), "an action has `runs`");
    return undefined;
  }
  const base = {
    file: findings.file,
    ...optional("name", textOf(fields.get("name"), findings)),
    ...optional("description", textOf(fields.get("description"), findings)),
    inputs: readInputs(fields.get("inputs"), findings),
    outputs: readOutputs(fields.get("outputs"), findings),
  };
  const inside = fieldsOf(runs.value, "any", findings);
  const using = (textOf(inside.get("using"), findings) ?? "").toLowerCase();
  if (using === "composite") {
    const steps = inside.get("steps");
    if (steps === undefined) findings.add(placeOf(runs.value), "a composite action has `steps`");
    return { kind: "composite", ...base, steps: readSteps(steps, findings) };
  }
  if (/^node\d+$/u.test(using)) return readNode(base, using, runs, inside, findings);
  if (using === "docker") return readDocker(base, runs, inside, findings);
  const at = inside.get("using")?.value ?? runs.value;
  findings.add(placeOf(at), `'${using}' is no way to run an action`, "Use node20, node24, composite or docker.");
  return undefined;
}

type Base = Pick<ActionDefinition, "file" | "name" | "description" | "inputs" | "outputs">;
type Fields = ReadonlyMap<string, Field>;

function readNode(base: Base, using: string, runs: Field, fields: Fields, findings: Findings): ActionDefinition {
  const main = textOf(fields.get("main"), findings);
  if (main === undefined) findings.add(placeOf(runs.value), "a JavaScript action has `main`");
  return {
    kind: "node",
    ...base,
    using,
    main: main ?? "",
    ...optional("pre", textOf(fields.get("pre"), findings)),
    preIf: textOf(fields.get("pre-if"), findings) ?? "always()",
    ...optional("post", textOf(fields.get("post"), findings)),
    postIf: textOf(fields.get("post-if"), findings) ?? "always()",
  };
}

function readDocker(base: Base, runs: Field, fields: Fields, findings: Findings): ActionDefinition {
  const image = textOf(fields.get("image"), findings);
  if (image === undefined) findings.add(placeOf(runs.value), "a Docker action has `image`");
  const args = fields.get("args")?.value;
  const env = mappingOf(fields.get("env"), findings);
  return {
    kind: "docker",
    ...base,
    image: image ?? "",
    ...optional("entrypoint", textOf(fields.get("entrypoint"), findings)),
    ...optional("preEntrypoint", textOf(fields.get("pre-entrypoint"), findings)),
    preIf: textOf(fields.get("pre-if"), findings) ?? "always()",
    ...optional("postEntrypoint", textOf(fields.get("post-entrypoint"), findings)),
    postIf: textOf(fields.get("post-if"), findings) ?? "always()",
    args: args !== undefined && isSequence(args) ? [...args].map(templateOf) : [],
    ...(env?.kind === "mapping" ? { env } : {}),
  };
}

function readInputs(field: Field | undefined, findings: Findings): readonly ActionInput[] {
  if (field === undefined) return [];
  return [...fieldsOf(field.value, "any", findings).values()].map(({ key, keyPlace, value }) => {
    const fields = fieldsOf(value, "any", findings);
    return {
      name: key,
      place: keyPlace,
      ...optional("description", textOf(fields.get("description"), findings)),
      required: textOf(fields.get("required"), findings) === "true",
      ...optional("default", scalarOf(fields.get("default"), findings)),
      ...optional("deprecationMessage", textOf(fields.get("deprecationMessage"), findings)),
    };
  });
}

function readOutputs(field: Field | undefined, findings: Findings): readonly ActionOutput[] {
  if (field === undefined) return [];
  return [...fieldsOf(field.value, "any", findings).values()].map(({ key, keyPlace, value }) => {
    const fields = fieldsOf(value, "any", findings);
    return {
      name: key,
      place: keyPlace,
      ...optional("description", textOf(fields.get("description"), findings)),
      ...optional("value", scalarOf(fields.get("value"), findings)),
    };
  });
}

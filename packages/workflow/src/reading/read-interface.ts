import type { CallDefinition, InputDefinition } from "../model/triggers.ts";
import { type Field, fieldsOf, flagOf, textOf, textsOf } from "./fields.ts";
import { type Findings, placeOf } from "./findings.ts";
import { optional } from "./optional.ts";
import { templateOf } from "./templates.ts";

const inputTypes = ["string", "boolean", "number", "choice", "environment"] as const;

/** Reads the inputs of a workflow that is started by hand or called. */
export function readInputs(field: Field | undefined, findings: Findings): readonly InputDefinition[] {
  if (field === undefined) return [];
  return [...fieldsOf(field.value, "any", findings).values()].map(({ key, keyPlace, value }) => {
    const fields = fieldsOf(
      value,
      ["description", "type", "required", "default", "options", "deprecationMessage"],
      findings,
    );
    const written = textOf(fields.get("type"), findings);
    const initial = fields.get("default");
    return {
      name: key,
      place: keyPlace,
      type: inputTypes.find((type) => type === written) ?? "string",
      ...optional("description", textOf(fields.get("description"), findings)),
      required: flagOf(fields.get("required"), findings),
      ...optional("default", initial && templateOf(initial.value)),
      ...optional("options", textsOf(fields.get("options"), findings)),
    };
  });
}

/** Reads what a called workflow takes and gives. */
export function readCall(field: Field, findings: Findings): CallDefinition {
  const fields = fieldsOf(field.value, ["inputs", "secrets", "outputs"], findings);
  const entriesOf = (name: string): readonly Field[] => {
    const value = fields.get(name)?.value;
    return value === undefined ? [] : [...fieldsOf(value, "any", findings).values()];
  };
  return {
    place: field.keyPlace,
    inputs: readInputs(fields.get("inputs"), findings),
    secrets: entriesOf("secrets").map(({ key, keyPlace, value }) => ({
      name: key,
      place: keyPlace,
      required: flagOf(fieldsOf(value, ["description", "required"], findings).get("required"), findings),
    })),
    outputs: entriesOf("outputs").flatMap(({ key, keyPlace, value }) => {
      const output = fieldsOf(value, ["description", "value"], findings).get("value");
      if (output !== undefined) return [{ name: key, place: keyPlace, value: templateOf(output.value) }];
      findings.add(placeOf(value), `the output '${key}' has no value`);
      return [];
    }),
  };
}

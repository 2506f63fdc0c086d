import type { JsonObject, JsonValue } from "../model/json.ts";
import type { Template } from "../model/template.ts";
import type { InputDefinition } from "../model/triggers.ts";

/** An input that is missing, unknown or of the wrong kind, as a sentence. */
export interface InputFault {
  readonly name: string;
  readonly message: string;
}

/** What a definition has no value for: the empty value of its type, as on GitHub. */
const emptyOf = { string: "", boolean: false, number: 0, choice: "", environment: "" } as const;

/**
 * Checks what was given against the definitions and completes it: defaults, types, options. Names are compared without
 * regard to case. A default that is computed is left out, for whoever knows the contexts.
 */
export function typedInputs(
  definitions: readonly InputDefinition[],
  given: Readonly<Record<string, JsonValue>>,
): { readonly values: JsonObject; readonly faults: readonly InputFault[] } {
  const faults: InputFault[] = [];
  const byName = new Map(Object.entries(given).map(([name, value]) => [name.toLowerCase(), value]));
  const known = new Set(definitions.map(({ name }) => name.toLowerCase()));
  for (const name of Object.keys(given)) {
    if (!known.has(name.toLowerCase())) faults.push({ name, message: `there is no input '${name}'` });
  }
  const values: Record<string, JsonValue> = {};
  for (const definition of definitions) {
    const value = byName.get(definition.name.toLowerCase());
    const typed = typedInput(definition, value ?? defaultOf(definition.default));
    if (value === undefined && definition.required && definition.default === undefined) {
      faults.push({ name: definition.name, message: `the input '${definition.name}' is required` });
    } else if (typed === undefined) {
      faults.push({ name: definition.name, message: `the input '${definition.name}' is not ${wanted(definition)}` });
    } else values[definition.name] = typed;
  }
  return { values, faults };
}

/** A value as the definition's type, or undefined when it is not of it. */
export function typedInput({ type, options }: InputDefinition, value: JsonValue | undefined): JsonValue | undefined {
  if (value === undefined || value === null) return options?.[0] ?? emptyOf[type];
  switch (type) {
    case "boolean":
      return value === true || value === "true" ? true : value === false || value === "false" ? false : undefined;
    case "number": {
      const number = typeof value === "string" && value.trim() === "" ? Number.NaN : Number(value);
      return typeof value === "boolean" || Number.isNaN(number) ? undefined : number;
    }
    case "choice":
      return typeof value === "string" && (options ?? []).includes(value) ? value : undefined;
    case "string":
    case "environment":
      return typeof value === "object" ? undefined : String(value);
  }
}

function defaultOf(template: Template | undefined): JsonValue | undefined {
  return template?.kind === "literal" && template.value !== null ? template.value : undefined;
}

function wanted({ type, options }: InputDefinition): string {
  return type === "choice" ? `one of ${(options ?? []).join(", ")}` : `a ${type}`;
}

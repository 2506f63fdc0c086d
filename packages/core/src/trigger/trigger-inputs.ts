import type { InputValue, TriggerInput } from "./trigger.ts";

/** The values of a trigger's inputs, or everything that is wrong with what was given, a sentence each. */
export type InputReading =
  | { readonly ok: true; readonly values: Readonly<Record<string, InputValue>> }
  | { readonly ok: false; readonly problems: readonly string[] };

/** What an input without a value and without a default is, as on GitHub. */
const emptyOf = { string: "", boolean: false, number: 0, choice: "", environment: "" } as const;
const longestText = 65_536;

/**
 * Checks what was given against what the trigger asks for and completes it. `environments` are the names that an input
 * of that type may have.
 */
export function readInputs(
  inputs: readonly TriggerInput[],
  given: Readonly<Record<string, unknown>>,
  environments: readonly string[],
): InputReading {
  const known = new Set(inputs.map(({ name }) => name));
  const problems = Object.keys(given)
    .filter((name) => !known.has(name))
    .map((name) => `there is no input "${name}"${known.size > 0 ? `; there is ${[...known].join(", ")}` : ""}`);
  const values = new Map<string, InputValue>();
  for (const input of inputs) {
    const value = Object.hasOwn(given, input.name) ? given[input.name] : undefined;
    if (value === undefined || value === null) {
      if (input.required && input.default === null) problems.push(`the input "${input.name}" is required`);
      else values.set(input.name, input.default ?? input.options[0] ?? emptyOf[input.type]);
      continue;
    }
    const typed = typedInput(input, value, environments);
    if (typed === undefined) problems.push(`the input "${input.name}" is not ${wanted(input, environments)}`);
    else values.set(input.name, typed);
  }
  return problems.length > 0 ? { ok: false, problems } : { ok: true, values: Object.fromEntries(values) };
}

/** A value as the input's type, also where it came as text; undefined when it is not of it. */
export function typedInput(
  { type, options }: Pick<TriggerInput, "type" | "options">,
  value: unknown,
  environments: readonly string[],
): InputValue | undefined {
  switch (type) {
    case "boolean":
      return value === true || value === "true" ? true : value === false || value === "false" ? false : undefined;
    case "number": {
      if (typeof value !== "number" && typeof value !== "string") return undefined;
      const number = typeof value === "string" && value.trim() === "" ? Number.NaN : Number(value);
      return Number.isFinite(number) ? number : undefined;
    }
    case "choice":
      return typeof value === "string" && options.includes(value) ? value : undefined;
    case "environment":
      return typeof value === "string" && environments.includes(value) ? value : undefined;
    case "string":
      return typeof value === "string" || typeof value === "number" || typeof value === "boolean"
        ? textWithin(String(value))
        : undefined;
  }
}

const textWithin = (value: string): string | undefined =>
  value.length <= longestText && !value.includes("\0") ? value : undefined;

function wanted({ type, options }: TriggerInput, environments: readonly string[]): string {
  switch (type) {
    case "choice":
      return `one of ${options.join(", ")}`;
    case "environment":
      return environments.length > 0 ? `an environment: ${environments.join(", ")}` : "an environment";
    case "boolean":
      return "true or false";
    case "number":
      return "a number";
    case "string":
      return `a text of at most ${longestText} characters`;
  }
}

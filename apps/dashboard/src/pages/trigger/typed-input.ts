/** The value of an input as the API takes it. */
export type InputValue = string | number | boolean;

/**
 * What somebody typed or chose, as a value of the input's type. What is no number stays as typed, and is refused with a reason.
 */
export function typedInput(type: string, text: string): InputValue {
  if (type === "boolean" && (text === "true" || text === "false")) return text === "true";
  if (type === "number" && text.trim() !== "" && Number.isFinite(Number(text))) return Number(text);
  return text;
}

/** Said by a reader of a report that is not what it should be; {@link readReport} turns it into a reading. */
export class NotThatReport extends Error {
  override readonly name = "NotThatReport";
}

/** A value of a report that should be an object. */
export function recordOf(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new NotThatReport(`${what} is missing`);
  return value as Readonly<Record<string, unknown>>;
}

/** A value of a report that should be a list. */
export function listOf(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new NotThatReport(`${what} is missing`);
  return value;
}

/** A value of a report that should be a text. */
export function textOf(value: unknown, what: string): string {
  if (typeof value !== "string") throw new NotThatReport(`${what} is missing`);
  return value;
}

/** A text that may be absent. */
export const textOrNull = (value: unknown): string | null => (typeof value === "string" ? value : null);

/** A number that may be absent. */
export const numberOrNull = (value: unknown): number | null => (typeof value === "number" ? value : null);

/** The value of a JSON text. What does not parse is not quoted: it may be a file that nobody should see. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new NotThatReport(text.trim() === "" ? "it is empty" : "it is not JSON");
  }
}

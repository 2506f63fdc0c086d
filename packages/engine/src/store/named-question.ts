import type { QueryConfig } from "pg";

/** More different questions than Fairway and DBOS have; whoever makes up texts as he goes does not fill the server's memory. */
const mostNames = 1_000;
const names = new Map<string, string>();

/**
 * Gives a question with values the name under which the server keeps its plan for this connection. They are the same few
 * hundred texts again and again, and planning them anew took two thirds of the server's time. What has no values, a name
 * already, or another form is left as it is.
 */
export function namedQuestion(given: readonly unknown[]): readonly unknown[] {
  const [first, second, ...rest] = given;
  if (typeof first === "string" && Array.isArray(second)) {
    const name = nameOf(first, second);
    return name === undefined ? given : [{ name, text: first, values: second as unknown[] }, ...rest];
  }
  if (!isQuestion(first)) return given;
  const name = first.name === undefined ? nameOf(first.text, first.values) : undefined;
  return name === undefined ? given : [{ ...first, name }, ...given.slice(1)];
}

/** A stream or a cursor brings its own way of asking. */
const isQuestion = (given: unknown): given is QueryConfig =>
  typeof given === "object" &&
  given !== null &&
  "text" in given &&
  typeof given.text === "string" &&
  !("submit" in given);

function nameOf(text: string, values: readonly unknown[] = []): string | undefined {
  if (values.length === 0) return undefined;
  const name = names.get(text) ?? (names.size < mostNames ? `fairway_${names.size}` : undefined);
  if (name !== undefined) names.set(text, name);
  return name;
}

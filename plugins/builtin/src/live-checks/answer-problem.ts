import type { JourneyStep } from "./journey-file.ts";
import { spanOf } from "./journey-file.ts";

/** What was answered. Headers in small letters. */
export interface StepAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Why an answer is not what a step expects; null when it is. Without any expectation it must not be an error. */
export function answerProblem(
  answer: StepAnswer,
  expected: NonNullable<JourneyStep["expect"]>,
  took: number,
  filled: (written: string) => string = (written) => written,
): string | null {
  const { status, headers, body } = answer;
  const statuses = expected.status === undefined ? null : [expected.status].flat();
  if (statuses === null ? status >= 400 : !statuses.includes(status))
    return `it answered with ${status}${statuses === null ? "" : `, and not with ${statuses.join(" or ")}`}`;
  for (const wanted of [expected.contains ?? []].flat())
    if (!body.includes(filled(wanted))) return `its answer does not contain ${JSON.stringify(filled(wanted))}`;
  if (expected.matches !== undefined && !new RegExp(expected.matches, "u").test(body))
    return `its answer does not match /${expected.matches}/`;
  for (const [name, wanted] of Object.entries(expected.headers ?? {})) {
    const found = headers[name.toLowerCase()];
    if (found !== filled(wanted))
      return `its header ${name} is ${found === undefined ? "absent" : JSON.stringify(found)}, and not ${JSON.stringify(filled(wanted))}`;
  }
  for (const [path, wanted] of Object.entries(expected.json ?? {})) {
    const found = valueIn(body, path);
    const meant = typeof wanted === "string" ? filled(wanted) : wanted;
    if (found !== meant)
      return `${path} of its answer is ${found === undefined ? "absent" : JSON.stringify(found)}, and not ${JSON.stringify(meant)}`;
  }
  if (expected.within !== undefined && took > spanOf(expected.within))
    return `it took ${Math.round(took)} ms, and not ${expected.within} at most`;
  return null;
}

/** What a step keeps for later ones: `json: items.0.id`, `header: location`, or the first group of `/pattern/`. */
export function savedOf({ headers, body }: StepAnswer, from: string): string | null {
  const [, kind, rest = ""] = /^(json|header):\s*(.*)$/u.exec(from) ?? [];
  if (kind === "header") return headers[rest.toLowerCase()] ?? null;
  if (kind === "json") {
    const value = valueIn(body, rest);
    return value === undefined || value === null ? null : typeof value === "string" ? value : JSON.stringify(value);
  }
  const [, pattern] = /^\/(.*)\/$/su.exec(from) ?? [];
  if (pattern === undefined) return null;
  const found = new RegExp(pattern, "u").exec(body);
  return found?.[1] ?? found?.[0] ?? null;
}

/** The value of a JSON text at `items.0.id`; undefined where there is none. */
function valueIn(body: string, path: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return undefined; // It is no JSON, so it has no values.
  }
  for (const part of path.split(".").filter((one) => one !== ""))
    value =
      typeof value === "object" && value !== null && Object.hasOwn(value, part)
        ? (value as Readonly<Record<string, unknown>>)[part]
        : undefined;
  return value;
}

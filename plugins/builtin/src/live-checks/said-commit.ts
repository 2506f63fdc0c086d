/** What a replica answered. Headers in small letters. */
export interface SmokeAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** As git shortens a commit, at least. */
const commit = /(?<![0-9a-zA-Z])[0-9a-f]{7,64}(?![0-9a-zA-Z])/gu;

/**
 * Why an answer is not that of a replica of a commit; null when it is. It may say the commit whole or shortened, in the named
 * field or header, or anywhere; saying another one is a no, and so is saying none.
 */
export function commitProblem(
  { status, headers, body }: SmokeAnswer,
  sha: string,
  field: string | null,
): string | null {
  if (status < 200 || status > 299) return `it answered with ${status}`;
  const places = field === null ? [...Object.values(headers), body] : [fieldOf(headers, body, field)];
  const said = places.flatMap((text) => [...(text ?? "").matchAll(commit)].map(([found]) => found));
  if (said.some((found) => sha.startsWith(found))) return null;
  const where = field === null ? "" : ` in "${field}"`;
  if (field === null || said.length === 0)
    return `it does not say${where} that it runs ${sha.slice(0, 12)}: give its answer the variable GIT_SHA`;
  return `it says${where} that it runs ${said[0] ?? ""}, and not ${sha.slice(0, 12)}`;
}

/** A header, or a field of a JSON answer: `version.sha` is one within another. */
function fieldOf(headers: SmokeAnswer["headers"], body: string, field: string): string | null {
  const header = headers[field.toLowerCase()];
  if (header !== undefined) return header;
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return null; // It is no JSON, so it has no fields.
  }
  for (const part of field.split("."))
    value =
      typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>)[part] : undefined;
  return typeof value === "string" ? value : null;
}

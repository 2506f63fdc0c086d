import type { AccountPrincipal as Principal } from "../environment/access-report.ts";
import type { Timestamp } from "../units.ts";

/** What becomes of somebody's access. */
export type AccessChoice = "keep" | "change" | "revoke";

/** What a reviewer has said of one principal. */
export interface AccessDecision {
  readonly principal: string;
  readonly choice: AccessChoice;
  readonly because: string;
  readonly by: string;
  readonly at: Timestamp;
}

/** A review of who can do what: everybody that was listed, with what was said of them last. */
export interface AccessReview {
  /** The row of the record that lists them. */
  readonly number: number;
  readonly duty: string;
  /** `aws:123456789012`, or the name of a file. */
  readonly system: string;
  readonly at: Timestamp;
  readonly by: string;
  readonly principals: readonly ReviewedPrincipal[];
  /** How many nobody has decided yet. */
  readonly open: number;
}

export interface ReviewedPrincipal extends Omit<Principal, "used" | "arn"> {
  readonly decision: AccessDecision | null;
}

/** How a review came out: nothing while somebody is undecided. */
export function reviewOutcome({
  principals,
  open,
}: Pick<AccessReview, "principals" | "open">): { readonly outcome: "passed" | "failed"; readonly note: string } | null {
  if (open > 0) return null;
  const of = (choice: AccessChoice): readonly ReviewedPrincipal[] =>
    principals.filter(({ decision }) => decision?.choice === choice);
  const named = (found: readonly ReviewedPrincipal[]): string => found.map(({ principal }) => principal).join(", ");
  const bare = of("keep").filter(({ kind, concerns }) => kind !== "role" && concerns.includes(noMfa));
  if (bare.length > 0) return { outcome: "failed", note: `kept without a second factor: ${named(bare)}` };
  const left = of("revoke").filter(({ concerns }) => concerns.some((one) => one.startsWith(stillThere)));
  if (left.length > 0) return { outcome: "failed", note: `to be revoked a second time: ${named(left)}` };
  return {
    outcome: "passed",
    note: `${of("keep").length} kept, ${of("change").length} to change, ${of("revoke").length} to revoke`,
  };
}

const noMfa = "no MFA";
const stillThere = "was to be revoked";

/**
 * Those of a list that were to be revoked and are there still, with that as what is seen first: of the review before, or of one
 * before that, where nobody has said another thing since.
 */
export const revokedBefore = (listed: readonly Principal[], before: AccessReview | null): readonly Principal[] =>
  listed.map((one) => {
    const { decision = null, concerns = [] } =
      before?.principals.find(({ principal }) => principal === one.principal) ?? {};
    const still =
      decision?.choice === "revoke"
        ? `${stillThere} on ${decision.at.slice(0, 10)}`
        : decision === null
          ? concerns.find((concern) => concern.startsWith(stillThere))
          : undefined;
    return still === undefined ? one : { ...one, concerns: [still, ...one.concerns] };
  });

/** Why somebody may not decide about a principal; null when they may. Nobody decides about themselves. */
export const decisionObstacle = (principal: string, names: readonly string[]): string | null =>
  names.some((name) => name.toLowerCase() === principal.toLowerCase())
    ? `${principal} does not decide about themselves`
    : null;

/** What is wrong with a file of principals. */
export interface CsvProblem {
  readonly line: number;
  readonly message: string;
}

/**
 * Everybody in a file of comma-separated values with a line of names: `principal` or `user`, and of `kind`, `arn`, `access`
 * (with `;` between), `last_used` and `concerns` what there is. AWS's credential report is one.
 */
export function principalsOfCsv(
  text: string,
): { readonly principals: readonly Principal[] } | { readonly problems: readonly CsvProblem[] } {
  const { rows: all, openSince } = csvRows(text);
  const [{ cells: head } = { cells: [] }, ...rows] = all;
  const names = head.map((name) => name.trim().toLowerCase());
  if (openSince !== null)
    return {
      problems: [{ line: openSince, message: "its quotation marks are not closed, and all after them is one cell" }],
    };
  const column = ["principal", "user"].find((name) => names.includes(name));
  if (column === undefined) return { problems: [{ line: 1, message: "no column is called principal or user" }] };
  const same = names.find((name, place) => name !== "" && names.indexOf(name) !== place);
  if (same !== undefined) return { problems: [{ line: 1, message: `two columns are called ${same}` }] };
  const problems: CsvProblem[] = [];
  const lines: number[] = [];
  const principals = rows.flatMap(({ cells, line }): readonly Principal[] => {
    if (cells.every((cell) => cell.trim() === "")) return [];
    lines.push(line);
    const cell = (name: string): string => cells[names.indexOf(name)]?.trim() ?? "";
    const list = (name: string): readonly string[] =>
      cell(name)
        .split(";")
        .map((one) => one.trim())
        .filter((one) => one !== "");
    const [principal, kind] = [cell(column), cell("kind")];
    if (cells.length !== names.length)
      problems.push({ line, message: `${cells.length} cells, and ${names.length} names` });
    if (principal === "") problems.push({ line, message: `its ${column} is empty` });
    if (!["", "user", "role", "root"].includes(kind))
      problems.push({ line, message: `${kind} is none of user, role, root` });
    const isRoot = principal === "<root_account>" || kind === "root";
    // Programs for tables write FALSE.
    const says = (name: string, what: string): boolean => cell(name).toLowerCase() === what;
    const isBare = says("mfa_active", "false") && (says("password_enabled", "true") || isRoot);
    for (const name of moments)
      if (!isMoment(cell(name)))
        problems.push({ line, message: `${cell(name)} is no moment such as 2026-01-31T12:00:00Z (${name})` });
    const used = moments.map((name) => Date.parse(cell(name))).filter((at) => !Number.isNaN(at));
    return [
      {
        principal: isRoot ? "root" : principal,
        kind: isRoot ? "root" : kind === "role" ? "role" : "user",
        ...{ arn: cell("arn"), access: list("access"), used: null },
        lastUsed: used.length === 0 ? null : new Date(Math.max(...used)).toISOString(),
        concerns: [...new Set([...(isBare ? [noMfa] : []), ...list("concerns")])],
      },
    ];
  });
  const named = principals.map(({ principal }) => principal);
  const twice = named.find((name, index) => name !== "" && named.indexOf(name) !== index);
  if (twice !== undefined)
    problems.push({ line: lines[named.lastIndexOf(twice)] ?? 1, message: `${twice} is there twice` });
  if (principals.length === 0) problems.push({ line: 1, message: "nobody is in it" });
  return problems.length > 0 ? { problems } : { principals };
}

const moments = ["last_used", "password_last_used", "access_key_1_last_used_date", "access_key_2_last_used_date"];

/** As ISO 8601 writes it, or one of AWS's words for none: another order of day and month would be another day. */
const isMoment = (written: string): boolean =>
  /^(?:|n\/a|no_information|not_supported|never|-)$/iu.test(written) ||
  (/^\d{4}-\d{2}-\d{2}(?:[T ]|$)/u.test(written) && !Number.isNaN(Date.parse(written)));

interface CsvRows {
  /** Each with the line that it begins on. */
  readonly rows: readonly { readonly line: number; readonly cells: readonly string[] }[];
  /** The line of quotation marks that are never closed; null where there are none. */
  readonly openSince: number | null;
}

/** As RFC 4180 has it: a quoted cell may hold commas, lines and doubled quotes. */
function csvRows(text: string): CsvRows {
  const rows: { line: number; cells: string[] }[] = [{ line: 1, cells: [] }];
  let [cell, quoted, line, since] = ["", false, 1, 1];
  const source = text.replace(/^\uFEFF/, "").replace(/\r?\n$/, "");
  const end = (): void => {
    rows.at(-1)?.cells.push(cell.replace(/\r$/, ""));
    cell = "";
  };
  for (let at = 0; at < source.length; at++) {
    const sign = source[at] ?? "";
    if (sign === "\n") line += 1;
    if (quoted && sign === '"' && source[at + 1] === '"') {
      cell += '"';
      at += 1;
    } else if (sign === '"' && (quoted || cell === "")) {
      quoted = !quoted;
      since = line;
    } else if (!quoted && (sign === "," || sign === "\n")) {
      end();
      if (sign === "\n") rows.push({ line, cells: [] });
    } else cell += sign;
  }
  end();
  return { rows, openSince: quoted ? since : null };
}

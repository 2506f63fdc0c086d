import type { Node } from "@pgsql/types";
import type * as PgQuery from "libpg-query";
import type { SqlPlace } from "./place.ts";
import { placesOf } from "./place.ts";

/** A comment as it stands, without its marks. */
export interface SqlComment {
  readonly text: string;
  readonly place: SqlPlace;
}

/** One statement of a file. */
export interface SqlStatement {
  /** As PostgreSQL's own parser sees it. */
  readonly node: Node;
  /** From its first to its last word, without the semicolon. */
  readonly text: string;
  readonly place: SqlPlace;
  /** Those between the statement before and this one, within this one, and behind it on its last line. */
  readonly comments: readonly SqlComment[];
}

/** What is wrong with a text that is no SQL. */
export interface SqlProblem {
  readonly message: string;
  readonly place: SqlPlace;
  readonly hint?: string;
}

export type SqlReading = { readonly statements: readonly SqlStatement[] } | { readonly problem: SqlProblem };

/** More than any migration; a dump of data is no migration. */
const largest = 4 * 1024 * 1024;

const commentNames = new Set(["SQL_COMMENT", "C_COMMENT"]);

interface Token {
  readonly start: number;
  readonly end: number;
  readonly comment: boolean;
}

let parser: typeof PgQuery | undefined;

/** Makes PostgreSQL's parser ready: about 100 ms, once. Called again it does nothing. Whoever reads no SQL loads none of it. */
export async function loadSqlParser(): Promise<void> {
  const loaded = await import("libpg-query");
  await loaded.loadModule();
  parser = loaded;
}

function readyParser(): typeof PgQuery {
  if (parser === undefined) throw new TypeError("PostgreSQL's parser is used before it is ready");
  return parser;
}

/** Reads SQL with PostgreSQL's own parser (version 18), which {@link loadSqlParser} has made ready. */
export function readSql(text: string): SqlReading {
  const bytes = Buffer.from(text.replace(/^\uFEFF/u, ""));
  const placeAt = placesOf(bytes);
  const start = { line: 1, column: 1 };
  if (bytes.length > largest)
    return { problem: { message: `the file is larger than ${largest / 1024 / 1024} MiB`, place: start } };
  if (bytes.includes(0)) return { problem: { message: "the file has a NUL byte", place: placeAt(bytes.indexOf(0)) } };
  const sql = bytes.toString("utf8");
  if (sql.trim() === "") return { statements: [] };
  const { parseSync, hasSqlDetails } = readyParser();
  try {
    // The scanner answers what it cannot read with a text that is no JSON, so the parser, which says what is wrong, goes first.
    const parsed = parseSync(sql) as { readonly stmts?: readonly RawStatement[] };
    return { statements: statementsOf(parsed.stmts ?? [], tokensOf(sql), bytes, placeAt) };
  } catch (thrown) {
    if (!hasSqlDetails(thrown) || thrown.sqlDetails === undefined) throw thrown;
    return { problem: problemOf(thrown.message, sql, thrown.sqlDetails.cursorPosition) };
  }
}

interface RawStatement {
  readonly stmt?: Node;
  readonly stmt_location?: number;
  readonly stmt_len?: number;
}

const tokensOf = (sql: string): readonly Token[] =>
  (readyParser().scanSync(sql).tokens as readonly { start: number; end: number; tokenName: string }[]).map(
    ({ start, end, tokenName }) => ({ start, end, comment: commentNames.has(tokenName) }),
  );

function statementsOf(
  raw: readonly RawStatement[],
  tokens: readonly Token[],
  bytes: Buffer,
  placeAt: (offset: number) => SqlPlace,
): readonly SqlStatement[] {
  let taken = 0;
  return raw.flatMap(({ stmt, stmt_location: from = 0, stmt_len: length }, index) => {
    const end = length === undefined || length === 0 ? bytes.length : from + length;
    const words = tokens.filter((token) => !token.comment && token.start >= from && token.end <= end);
    const [first, last] = [words[0], words.at(-1)];
    if (stmt === undefined || first === undefined || last === undefined) return [];
    // A comment that begins on the line on which a statement ends is about that one, also behind the semicolon.
    const line = bytes.indexOf(10, end);
    const reach = index === raw.length - 1 ? bytes.length : Math.max(end, line === -1 ? bytes.length : line);
    const comments = tokens
      .filter((token) => token.comment && token.start >= taken && token.start < reach)
      .map((token) => ({ text: commentText(bytes, token), place: placeAt(token.start) }));
    taken = reach;
    return [{ node: stmt, text: bytes.toString("utf8", first.start, last.end), place: placeAt(first.start), comments }];
  });
}

const commentText = (bytes: Buffer, { start, end }: Token): string =>
  bytes
    .toString("utf8", start, end)
    .replace(/^(?:--|\/\*)/u, "")
    .replace(/\*\/$/u, "")
    .trim();

function problemOf(message: string, sql: string, cursor: number): SqlProblem {
  // Statements are counted in bytes, but the place of an error in characters.
  const before = Array.from(sql).slice(0, Math.max(0, cursor)).join("");
  const place = placesOf(Buffer.from(sql))(Buffer.byteLength(before));
  if (/at or near "\\/u.test(message))
    return { message, place, hint: "lines that begin with a backslash are commands of psql; only SQL is run here" };
  return { message, place };
}

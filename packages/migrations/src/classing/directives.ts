import type { MigrationClass } from "@fairway/core";
import { asksForBatches, batchOf } from "./batch-directive.ts";
import type { SqlPlace } from "../reading/place.ts";
import type { SqlComment, SqlStatement } from "../reading/read-sql.ts";

/** What comments of a migration tell Fairway. */
export interface Directives {
  /** `-- fairway: expand`: what the author says it is, for the whole migration. */
  readonly class: MigrationClass | null;
  /** `-- fairway-ignore: rule, why it does no harm here`, for the statement that it stands at. */
  readonly ignored: ReadonlyMap<SqlStatement, readonly Ignored[]>;
  /** `-- fairway: batch 1000 of orders by id`: whether its one statement is run for so many rows at a time. */
  readonly batches: boolean;
  /** Comments that begin like one and cannot be understood. */
  readonly problems: readonly { readonly message: string; readonly place: SqlPlace; readonly hint?: string }[];
}

/** One rule that the author has decided about. */
export interface Ignored {
  readonly rule: string;
  readonly reason: string;
  readonly place: SqlPlace;
}

const sayable: readonly MigrationClass[] = ["expand", "contract", "data", "irreversible"];

/** Reads what the comments of a migration say to Fairway. */
export function directivesOf(statements: readonly SqlStatement[], rules: ReadonlySet<string>): Directives {
  const problems: { message: string; place: SqlPlace; hint?: string }[] = [];
  const ignored = new Map<SqlStatement, Ignored[]>();
  let said: MigrationClass | null = null;
  const understand = (statement: SqlStatement, { text, place }: SqlComment): void => {
    const [, which, rest = ""] = /^fairway(-ignore)?\s*:\s*([\s\S]*)$/iu.exec(text) ?? [];
    if (!/^fairway(?:-ignore)?\s*:/iu.test(text)) return;
    if (which === undefined) {
      const word = rest.trim().toLowerCase();
      // For whoever runs the migration, and read there.
      if (word === "no-transaction" || /^unused-since \S+$/u.test(word) || asksForBatches(word)) return;
      const known = sayable.find((one) => one === word);
      if (known === undefined) problems.push({ message: `"${rest.trim()}" is none of ${sayable.join(", ")}`, place });
      else if (said !== null && said !== known) problems.push({ message: `it was said to be ${said} before`, place });
      else said = known;
      return;
    }
    const [, rule = "", reason = ""] = /^([\w-]*)\s*[,:]?\s*([\s\S]*)$/u.exec(rest.trim()) ?? [];
    if (!rules.has(rule)) problems.push({ message: `there is no rule "${rule}"`, place });
    else if (reason.trim() === "") problems.push({ message: `say why ${rule} does no harm here`, place });
    else ignored.set(statement, [...(ignored.get(statement) ?? []), { rule, reason: reason.trim(), place }]);
  };
  for (const statement of statements) for (const comment of statement.comments) understand(statement, comment);
  const batches = batchOf(statements);
  if (batches !== null && "problem" in batches) problems.push(batches.problem);
  const [behind] = batches !== null && "batch" in batches ? batches.batch.after : [];
  if (behind !== undefined)
    problems.push({
      message: "a migration in batches is one statement",
      place: behind.place,
      hint: "put what comes before and after it into migrations of their own",
    });
  return { class: said, ignored, batches: batches !== null && "batch" in batches, problems };
}

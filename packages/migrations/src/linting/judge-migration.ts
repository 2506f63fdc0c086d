import type { MigrationClass } from "@fairway/core";
import { widestClass } from "@fairway/core";
import { classOfChange } from "../classing/class-of-change.ts";
import { directivesOf } from "../classing/directives.ts";
import { changesOf } from "../reading/changes-of.ts";
import type { SqlPlace } from "../reading/place.ts";
import type { SqlReading, SqlStatement } from "../reading/read-sql.ts";
import { readSql } from "../reading/read-sql.ts";
import { lintRules } from "./every-rule.ts";
import type { LintRule } from "./rule.ts";
import type { KnownSchema, Seen } from "./seen.ts";
import { after, seenNothing, unknownSchema } from "./seen.ts";

/** The SQL of one migration, as its tool would run it. */
export interface MigrationText {
  readonly id: string;
  /** Relative to the repository. */
  readonly file: string;
  readonly sql: string;
  /** Whether the tool runs it in a transaction. */
  readonly transaction: boolean;
}

/** One thing that a rule found. */
export interface LintFinding {
  readonly rule: LintRule["id"];
  readonly severity: LintRule["severity"];
  readonly file: string;
  readonly place: SqlPlace;
  readonly message: string;
  readonly why: string;
  readonly instead: string;
  /** Why the author lets it be; null when nobody has said anything. */
  readonly ignored: string | null;
}

/** What was found out about one migration by reading it. */
export interface Judged {
  readonly id: string;
  readonly file: string;
  readonly class: MigrationClass;
  /** Whether the author said so in a comment. */
  readonly said: boolean;
  readonly reasons: readonly string[];
  /** Whether its one statement is run for so many rows at a time, as the author asks for. */
  readonly batches: boolean;
  readonly findings: readonly LintFinding[];
  /** Why it could not be read, or a comment of it not be understood. */
  readonly problems: readonly { readonly message: string; readonly place: SqlPlace; readonly hint?: string }[];
}

const ruleIds: ReadonlySet<string> = new Set(lintRules.map(({ id }) => id));

/**
 * Judges migrations in their order, each with what those before it have made of the schema. `loadSqlParser` must have
 * been awaited. The same texts always give the same answer.
 */
export function judgeMigrations(
  migrations: readonly MigrationText[],
  setting: { readonly lockTimeout: boolean } = { lockTimeout: false },
): readonly Judged[] {
  let schema: KnownSchema = unknownSchema;
  return migrations.map((migration) => {
    const reading = readSql(migration.sql);
    const answer = judge(migration, reading, schema, setting.lockTimeout);
    schema = answer.schema;
    return answer.judged;
  });
}

function judge(
  { id, file, transaction }: MigrationText,
  reading: SqlReading,
  schema: KnownSchema,
  lockTimeout: boolean,
): { readonly judged: Judged; readonly schema: KnownSchema } {
  if ("problem" in reading)
    return {
      judged: {
        id,
        file,
        class: "unknown",
        said: false,
        reasons: [],
        batches: false,
        findings: [],
        problems: [reading.problem],
      },
      schema,
    };
  const { statements } = reading;
  const directives = directivesOf(statements, ruleIds);
  const found: LintFinding[] = [];
  const classes: MigrationClass[] = [];
  const reasons: string[] = [];
  let seen: Seen = { ...seenNothing(schema, transaction), lockTimeout };
  for (const statement of statements) {
    const ignored = new Map((directives.ignored.get(statement) ?? []).map(({ rule, reason }) => [rule, reason]));
    for (const change of changesOf(statement.node)) {
      for (const rule of lintRules) {
        const message = rule.find(change, seen);
        if (message !== null) found.push(finding(rule, message, file, statement, ignored.get(rule.id) ?? null));
      }
      const { class: of, reason } = classOfChange(change, seen);
      classes.push(of);
      if (reason !== null) reasons.push(`line ${statement.place.line}: ${reason}`);
      seen = after(seen, change);
    }
  }
  const judged: Judged = {
    id,
    file,
    class: directives.class ?? widestClass(classes),
    said: directives.class !== null,
    reasons: [...new Set(reasons)],
    batches: directives.batches,
    findings: eachOnce(found),
    problems: directives.problems,
  };
  return { judged, schema: seen.schema };
}

const finding = (
  { id, severity, why, instead }: LintRule,
  message: string,
  file: string,
  { place }: SqlStatement,
  ignored: string | null,
): LintFinding => ({ rule: id, severity, file, place, message, why, instead, ignored });

/** A statement of several parts that all make the same mistake says it once. */
const eachOnce = (found: readonly LintFinding[]): readonly LintFinding[] => [
  ...new Map(found.map((one) => [`${one.rule} ${one.place.line}:${one.place.column} ${one.message}`, one])).values(),
];

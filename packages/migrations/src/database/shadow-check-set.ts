import type { Annotation, FairwayError, MigrationSet, ReleaseMigration } from "@fairway/core";
import { codeOf } from "@fairway/core";
import type { ShadowMigration, ShadowResult } from "./shadow-check.ts";
import { shadowCheck } from "./shadow-check.ts";
import { shadowFindings } from "./shadow-findings.ts";

/** What a shadow database said about the migrations of a release. */
export interface SetShadowCheck {
  /** The same migrations, with what was found out about their ways back. */
  readonly set: MigrationSet;
  /** Of the migrations that the release before did not have. */
  readonly results: readonly ShadowResult[];
  readonly findings: readonly Annotation[];
  /** Whether the database refused one: no release can bring them. */
  readonly refused: boolean;
}

/**
 * Tries the migrations of a release on a shadow database: those of the release before make its schema, the others are
 * observed, each way back is tried. Throws as {@link shadowCheck} does.
 */
export async function shadowCheckSet(
  url: string,
  set: MigrationSet,
  before: Pick<MigrationSet, "migrations"> | null,
): Promise<SetShadowCheck> {
  const known = new Map((before?.migrations ?? []).map((one) => [one.id, one]));
  const pending = set.migrations.filter(({ id }) => !known.has(id));
  const history = set.migrations.filter(({ id }) => known.has(id));
  const { results, untried } = await tryOn(url, history.map(shadowed), pending.map(shadowed));
  const tried = new Map(results.map((result) => [result.id, result]));
  const migrations = set.migrations.map((one): ReleaseMigration => {
    if (one.back === null) return one;
    const earlier = known.get(one.id)?.back;
    const tested = earlier?.sql === one.back.sql ? earlier.tested : tried.get(one.id)?.back?.tested === true;
    return { ...one, back: { ...one.back, tested } };
  });
  const found = [...edited(set, known), ...untried, ...shadowFindings(results)];
  return {
    set: { ...set, migrations },
    results,
    findings: set.tool === "alembic" ? found.map(withoutPlace) : found,
    refused: results.some(({ refused }) => refused !== null && !refused.unsure),
  };
}

/** Migrations that were written for tables of before the first of them say nothing on an empty database. */
async function tryOn(
  url: string,
  history: readonly ShadowMigration[],
  pending: readonly ShadowMigration[],
): Promise<{ readonly results: readonly ShadowResult[]; readonly untried: readonly Annotation[] }> {
  try {
    return { results: await shadowCheck(url, history, pending), untried: [] };
  } catch (thrown) {
    if (codeOf(thrown) !== "database_unusable") throw thrown;
    const { message, hint = "" } = thrown as FairwayError;
    const about = { file: pending[0]?.file ?? null, line: null, column: null };
    return {
      results: [],
      untried: [
        { severity: "warning", ...about, rule: "not-tried", message: `nothing was tried: ${message}; ${hint}` },
      ],
    };
  }
}

const shadowed = (one: ReleaseMigration): ShadowMigration => ({ ...one, down: one.back?.sql });

const edited = ({ migrations }: MigrationSet, known: ReadonlyMap<string, ReleaseMigration>): readonly Annotation[] =>
  migrations
    .filter(({ id, checksum }) => known.has(id) && known.get(id)?.checksum !== checksum)
    .map(({ file }) => ({
      severity: "warning",
      file,
      line: null,
      column: null,
      rule: "edited-migration",
      message: "it was changed since the release before; a database that has it refuses this release",
    }));

/** Lines are those of the SQL that Alembic printed, and its file is a program. */
const withoutPlace = (finding: Annotation): Annotation =>
  finding.line === null
    ? finding
    : { ...finding, line: null, column: null, message: `${finding.message} (line ${finding.line} of its SQL)` };

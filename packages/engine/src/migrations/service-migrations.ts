import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Annotation, Argv, Command, Digest, MigrationSet, PartMigrations, ServiceMigrations } from "@fairway/core";
import { codeOf, messageOf, schemaRange } from "@fairway/core";
import type { MigrationRemark, MigrationSetReading, ReadFile } from "@fairway/migrations";
import { canonicalJson } from "../digest.ts";
import type { Attempt } from "../runs/stage.ts";
import type { ServiceJobInput } from "../stages/release-run.ts";
import { asJson } from "../stages/release-run.ts";
import { runServiceCommand } from "../stages/service-command.ts";
import type { CommandParts } from "../stages/step-command.ts";
import { withOfflineDatabase } from "./offline-database.ts";

/** What reading a service's migrations needs from outside. */
export interface ServiceMigrationsParts extends CommandParts {
  /** Keeps a text under its digest. May be repeated. */
  readonly keepDocument: (body: string) => Promise<Digest>;
  /** The migrations of a service in the newest release; null where it brings none. */
  readonly migrationsBefore: (service: string) => Promise<MigrationSet | null>;
}

/** The migrations of a service as a release records them, or why there is no release with them. */
export type ReadMigrations =
  | {
      readonly kept: PartMigrations;
      readonly set: MigrationSet;
      readonly note: string;
      readonly findings: readonly Annotation[];
    }
  | {
      /** Every problem with file and line. */
      readonly refused: string;
      readonly findings: readonly Annotation[];
    };

const alembic: Command = {
  argv: ["alembic", "upgrade", "base:head", "--sql"],
  directory: ".",
  timeout: 5 * 60_000,
  env: {},
};

/** Reads, classes and lints the migrations of a service at its commit, and keeps them under their digest. */
export async function serviceMigrations(
  parts: ServiceMigrationsParts,
  attempt: Attempt,
  about: ServiceJobInput,
  config: ServiceMigrations,
): Promise<ReadMigrations> {
  const workspace = parts.data.workspace(attempt.run, about.service.name);
  // PostgreSQL's parser takes a while to load, and most daemons that start read no migrations.
  const { loadSqlParser, readLayout, readMigrationFolder, readMigrationSet } = await import("@fairway/migrations");
  attempt.progress("reading the migrations");
  const files = await readFiles(readMigrationFolder, join(workspace, config.folder), config.folder);
  if ("refused" in files) return { ...files, findings: [] };
  const layout = readLayout(files.found, config.tool);
  // A tool says of two heads only that there are; the folder says where.
  const printed =
    layout.problems.length === 0 && (config.sql !== null || layout.name === "alembic")
      ? await printedSql(parts, attempt, about, withOfflineDatabase(config.sql ?? alembic, config))
      : { text: null };
  if ("refused" in printed) return { ...printed, findings: [] };
  const read = await attempt.step("migrations", async () => {
    await loadSqlParser();
    const before = await parts.migrationsBefore(about.service.name);
    const reading = readMigrationSet({
      folder: config.folder,
      files: files.found,
      tool: config.tool,
      printed: printed.text,
      known: new Map(before?.migrations.map(({ id, checksum }) => [id, checksum])),
      baseline: config.baseline ?? null,
    });
    const findings = [
      ...reading.problems.map((one) => findingOf("error", one)),
      ...reading.warnings.map((one) => findingOf("warning", one)),
    ];
    if (reading.set === null) return asJson({ refused: refusal(config.folder, reading, before === null), findings });
    const digest = await parts.keepDocument(canonicalJson(reading.set));
    const count = reading.set.migrations.length;
    return asJson({
      kept: { digest, count, ...schemaRange(reading.set) },
      set: reading.set,
      note: noteOf(count, reading.warnings),
      findings,
    });
  });
  return read as unknown as ReadMigrations;
}

const findingOf = (
  severity: Annotation["severity"],
  { file, line, column, message, fix }: MigrationRemark,
): Annotation => ({ severity, file, line, column, rule: null, message: `${message}; ${fix}` });

async function readFiles(
  read: (folder: string) => Promise<readonly ReadFile[]>,
  path: string,
  folder: string,
): Promise<{ readonly found: readonly ReadFile[] } | { readonly refused: string }> {
  try {
    return { found: await read(path) };
  } catch (thrown) {
    const code = codeOf(thrown);
    if (code !== "not_found" && code !== "bad_request") throw thrown;
    return { refused: messageOf(thrown).replace(path, folder) };
  }
}

/** What the command prints; what it says besides goes into the job's log. */
async function printedSql(
  parts: ServiceMigrationsParts,
  attempt: Attempt,
  about: ServiceJobInput,
  command: Command,
): Promise<{ readonly text: string } | { readonly refused: string }> {
  const file = join(parts.data.workspaces(attempt.run), `${about.service.name}.migrations.sql`);
  const argv: Argv = ["/bin/sh", "-c", 'file=$1; shift; exec "$@" >"$file"', "fairway-sql", file, ...command.argv];
  const answer = await runServiceCommand(parts, attempt, "print-sql", { ...command, argv }, about, command.argv);
  return answer.well ? { text: await readFile(file, "utf8") } : { refused: answer.reason };
}

const place = ({ file, line, column }: MigrationRemark): string =>
  [file, line, column].filter((part) => part !== null).join(":");

function refusal(folder: string, { problems }: MigrationSetReading, isFirst: boolean): string {
  const count = problems.length;
  return [
    `the migrations in ${folder} have ${count} ${count === 1 ? "problem" : "problems"}`,
    ...problems.flatMap((one) => [`${place(one)}: ${one.message}`, `  ${one.fix}`]),
    ...(isFirst
      ? ["what was applied everywhere before Fairway came is not linted: name the newest of it as the baseline"]
      : []),
  ].join("\n");
}

const shown = 5;

function noteOf(count: number, warnings: readonly MigrationRemark[]): string {
  const read = `${count} ${count === 1 ? "migration" : "migrations"}`;
  if (warnings.length === 0) return read;
  const more = warnings.length > shown ? `; and ${warnings.length - shown} more` : "";
  return `${read}, to be considered: ${warnings
    .slice(0, shown)
    .map((one) => `${place(one)}: ${one.message}`)
    .join("; ")}${more}`;
}

import { posix } from "node:path";
import type { MigrationSet, ReleaseMigration } from "@fairway/core";
import type { FoundMigration, Layout, LayoutName } from "../layouts/layout.ts";
import { alembicRecords, alembicSql } from "../layouts/alembic-sql.ts";
import type { ReadFile } from "../layouts/read-folder.ts";
import { readLayout } from "../layouts/read-layout.ts";
import { toolRecord } from "../layouts/tool-records.ts";
import type { Judged, LintFinding } from "../linting/judge-migration.ts";
import { judgeMigrations } from "../linting/judge-migration.ts";
import { locksOf } from "./locks-of.ts";

/** A folder of migrations as a release takes it. */
export interface MigrationFolder {
  /** Relative to the repository. */
  readonly folder: string;
  readonly files: readonly ReadFile[];
  /** Null where the folder itself says. */
  readonly tool: LayoutName | null;
  /** What the tool prints of all of them, where they are programs. */
  readonly printed: string | null;
  /** Migrations of the release before, by id with their checksum: nothing is said about them again. */
  readonly known: ReadonlyMap<string, string>;
  /** The newest of those that nobody is to say anything about; absent where there is none. */
  readonly baseline?: string | null;
}

/** Something about a migration, with its place. */
export interface MigrationRemark {
  /** Relative to the repository. */
  readonly file: string;
  readonly line: number | null;
  readonly column: number | null;
  readonly message: string;
  /** What to do about it. */
  readonly fix: string;
}

/** A folder that was read: with problems there is nothing that a release could take. */
export interface MigrationSetReading {
  readonly set: MigrationSet | null;
  readonly problems: readonly MigrationRemark[];
  /** What only ought to be otherwise. */
  readonly warnings: readonly MigrationRemark[];
}

/**
 * Reads, classes and lints the migrations of a folder. `loadSqlParser` must have been awaited. The same files always give
 * the same answer.
 */
export function readMigrationSet(given: MigrationFolder): MigrationSetReading {
  const layout = readLayout(given.files, given.tool);
  if (layout.problems.length > 0) return refused(layoutRemarks(given.folder, layout));
  const found = withSql(given, layout);
  const silent = found.filter(({ up }) => up === null);
  if (silent.length > 0)
    return refused(
      silent.map(({ file }) => ({
        ...at(posix.join(given.folder, file)),
        message: `the SQL that was printed has nothing of it`,
        fix: 'print all of it, from the first on: "alembic upgrade base:head --sql"',
      })),
    );
  const judged = judgeMigrations(
    found.map(({ id, file, up, transaction }) => ({
      id,
      file: posix.join(given.folder, file),
      sql: up ?? "",
      transaction,
    })),
    // Every session that Fairway opens has one.
    { lockTimeout: true },
  );
  const named = given.baseline ?? null;
  const baseline = named === null ? -1 : found.findIndex(({ id }) => id === named);
  if (named !== null && baseline === -1)
    return refused([
      {
        ...at(given.folder),
        message: `there is no migration "${named}", which is to be the baseline`,
        fix: `name one that is there: ${found.at(-1)?.id ?? "there is none"}`,
      },
    ]);
  const fresh = judged.slice(baseline + 1).filter(({ id }) => given.known.get(id) !== checksumOf(given, found, id));
  const open = fresh.flatMap(({ findings }) => findings.filter(({ ignored }) => ignored === null));
  const problems = [
    ...judged.flatMap((one) => unreadable(one)),
    ...open.filter(({ severity }) => severity === "error").map(remarkOf),
  ];
  const warnings = open.filter(({ severity }) => severity !== "error").map(remarkOf);
  if (problems.length > 0) return { ...refused(problems), warnings };
  const migrations = found.map((one, index) => releaseMigration(given, layout.name, one, judged[index]));
  return { set: { version: 1, tool: layout.name, folder: given.folder, migrations }, problems, warnings };
}

const refused = (problems: readonly MigrationRemark[]): MigrationSetReading => ({ set: null, problems, warnings: [] });

const at = (file: string): Pick<MigrationRemark, "file" | "line" | "column"> => ({ file, line: null, column: null });

const layoutRemarks = (folder: string, { problems }: Layout): readonly MigrationRemark[] =>
  problems.map(({ file, line, message, hint }) => ({
    file: file === null ? folder : posix.join(folder, file),
    line,
    column: null,
    message,
    fix: hint,
  }));

function withSql({ printed }: MigrationFolder, { name, migrations }: Layout): readonly FoundMigration[] {
  if (name !== "alembic") return migrations;
  const sql = alembicSql(printed ?? "");
  return migrations.map((one) => ({ ...one, up: sql.get(one.id) ?? null }));
}

function checksumOf({ files }: MigrationFolder, found: readonly FoundMigration[], id: string): string | undefined {
  const file = found.find((one) => one.id === id)?.file;
  return files.find(({ path }) => path === file)?.checksum;
}

const unreadable = ({ file, problems }: Judged): readonly MigrationRemark[] =>
  problems.map(({ message, place, hint }) => ({
    file,
    ...place,
    message,
    fix: hint ?? "mend it; nothing of this release was kept",
  }));

const remarkOf = ({ file, place, message, rule, instead }: LintFinding): MigrationRemark => ({
  file,
  ...place,
  message: `${message} (${rule})`,
  fix: `${instead}; or say why it does no harm here: -- fairway-ignore: ${rule}, …`,
});

const outsideOnly =
  /\bconcurrently\b|^\s*(?:vacuum|create\s+database|drop\s+database|alter\s+system|create\s+tablespace)\b/imu;
const unusedSince = /^\s*--\s*fairway:\s*unused-since\s+(\S+)\s*$/imu;

function releaseMigration(
  given: MigrationFolder,
  tool: LayoutName,
  found: FoundMigration,
  judged: Judged | undefined,
): ReleaseMigration {
  const { id, title, file, up, down, reversible } = found;
  const read = given.files.find(({ path }) => path === file);
  const sql = up ?? "";
  // Prisma sends one statement as it is; with its record it must be one transaction all the same.
  const transaction = tool === "prisma" ? !outsideOnly.test(sql) : found.transaction;
  const record =
    tool === "alembic"
      ? { done: alembicRecords(given.printed ?? "").get(id) ?? "", undone: "" }
      : toolRecord(
          tool,
          { id, title, file, text: read?.text ?? "", checksum: read?.checksum ?? "sha256:" },
          given.files,
        );
  const whole = (one: string, added: string | undefined): string =>
    // A file may end in a comment, and without a semicolon.
    added === undefined || added === "" ? one : `${one}\n;\n${added}`;
  return {
    id,
    title,
    file: posix.join(given.folder, file),
    checksum: read?.checksum ?? "sha256:",
    class: judged?.class ?? "unknown",
    reasons: judged?.reasons ?? [],
    reversible,
    up: whole(sql, record?.done),
    transaction,
    batches: judged?.batches ?? false,
    locks: locksOf(sql, transaction),
    unusedSince: unusedSince.exec(read?.text ?? "")?.[1] ?? null,
    back: down === null ? null : wayBackOf(id, whole(down, record?.undone), down),
  };
}

function wayBackOf(id: string, sql: string, down: string): ReleaseMigration["back"] {
  const [judged] = judgeMigrations([{ id, file: id, sql: down, transaction: true }], { lockTimeout: true });
  return { sql, class: judged?.class ?? "unknown", tested: false };
}

import { join } from "node:path";
import { FairwayError } from "@fairway/core";
import type { Judged, Layout, LintFinding, MigrationText } from "@fairway/migrations";
import { alembicSql, judgeMigrations, lintRules, loadSqlParser, readLayout } from "@fairway/migrations";
import type { GlobalOptions } from "../../context.ts";
import { bold, columns, dim, harmless, paint, print, printJson, wrap } from "../../output/terminal.ts";
import { table } from "../../output/table.ts";
import type { FolderOptions } from "./given-folder.ts";
import { givenFolder } from "./given-folder.ts";

/** `fairway migrations lint`: what a folder of migrations would do to those who use the database. Needs no daemon. */
export async function lintMigrations([folder = "."]: readonly string[], options: FolderOptions): Promise<number> {
  const { shown, files, tool, printed } = await givenFolder(folder, options);
  const layout = readLayout(files, tool);
  const texts = layout.problems.length > 0 ? [] : textsOf(layout, printed, shown);
  await loadSqlParser();
  const judged = judgeMigrations(texts);
  const ok = layout.problems.length === 0 && judged.every((one) => isFine(one));
  if (options.json) printJson({ ok, tool: layout.name, problems: layout.problems, migrations: judged });
  else for (const line of linesOf(layout, judged, Math.min(columns(), 100))) print(harmless(line));
  return ok ? 0 : 1;
}

/** `fairway migrations rules`: what the lint looks for. */
export async function lintRulesList(_args: readonly string[], options: GlobalOptions): Promise<void> {
  if (options.json) printJson(lintRules.map(({ id, severity, why, instead }) => ({ id, severity, why, instead })));
  else
    for (const line of table(
      ["RULE", "SEVERITY", "WHY"],
      lintRules.map(({ id, severity, why }) => [id, severity, why]),
    ))
      print(line);
}

function textsOf({ name, migrations }: Layout, printed: string | null, folder: string): readonly MigrationText[] {
  const byRevision = name === "alembic" && printed !== null ? alembicSql(printed) : new Map<string, string>();
  return migrations.map(({ id, file, up, transaction }) => {
    const sql = up ?? byRevision.get(id);
    if (sql === undefined)
      throw new FairwayError("bad_request", `the SQL that was printed has nothing of ${file}`, {
        hint: "print all of it: alembic upgrade base:head --sql | fairway migrations lint <folder> --sql -",
      });
    return { id, file: join(folder, file), sql, transaction };
  });
}

const isFine = ({ problems, findings }: Judged): boolean =>
  problems.length === 0 && !findings.some(({ severity, ignored }) => severity === "error" && ignored === null);

function linesOf(layout: Layout, judged: readonly Judged[], width: number): readonly string[] {
  const open = judged.flatMap(({ findings }) => findings.filter(({ ignored }) => ignored === null));
  const count = (severity: LintFinding["severity"]): number => open.filter((one) => one.severity === severity).length;
  const ignored = judged.reduce((sum, { findings }) => sum + findings.length, 0) - open.length;
  return [
    ...layout.problems.flatMap(({ file, line, message, hint }) => [
      ...wrap(paint("failed", `${placeWords(file, line)}${message}`), width),
      ...wrap(dim(hint), width, "  "),
    ]),
    ...judged.flatMap((one) => migrationLines(one, width)),
    `${judged.length} ${judged.length === 1 ? "migration" : "migrations"} (${layout.name}), ${count("error")} errors, ${count("warning")} warnings${ignored > 0 ? `, ${ignored} left as they are` : ""}`,
  ];
}

const placeWords = (file: string | null, line: number | null): string =>
  file === null ? "" : line === null ? `${file}: ` : `${file}:${line}: `;

function migrationLines(one: Judged, width: number): readonly string[] {
  const findings = one.findings.filter(({ ignored }) => ignored === null);
  if (one.problems.length === 0 && findings.length === 0 && one.class === "expand") return [];
  return [
    `${bold(one.file)}  ${one.class}${one.said ? ", as its author says" : ""}`,
    ...one.reasons.flatMap((reason) => wrap(dim(reason), width, "  ")),
    ...one.problems.flatMap(({ message, place, hint }) =>
      wrap(
        paint("failed", `${place.line}:${place.column}  ${message}${hint === undefined ? "" : `; ${hint}`}`),
        width,
        "  ",
      ),
    ),
    ...findings.flatMap(({ rule, severity, place, message, instead }) => [
      ...wrap(
        paint(
          severity === "error" ? "failed" : "waiting",
          `${place.line}:${place.column}  ${severity}: ${message} (${rule})`,
        ),
        width,
        "  ",
      ),
      ...wrap(dim(instead), width, "    "),
    ]),
    "",
  ];
}

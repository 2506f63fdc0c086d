import { FairwayError, placeOfAnnotation } from "@fairway/core";
import type { MigrationSet } from "@fairway/core";
import type { MigrationRemark, SetShadowCheck, ShadowResult } from "@fairway/migrations";
import { loadSqlParser, readLayout, readMigrationSet, shadowCheckSet } from "@fairway/migrations";
import { shadowServerHere } from "@fairway/server/shadow-server";
import { bold, columns, dim, harmless, paint, print, printJson, wrap } from "../../output/terminal.ts";
import type { FolderOptions, GivenFolder } from "./given-folder.ts";
import { givenFolder } from "./given-folder.ts";

interface CheckOptions extends FolderOptions {
  readonly since?: string;
}

/** `fairway migrations check`: what PostgreSQL itself says of a folder of migrations. Needs no daemon. */
export async function checkMigrations([folder = "."]: readonly string[], options: CheckOptions): Promise<number> {
  const { shown, ...given } = await givenFolder(folder, options);
  await loadSqlParser();
  const { set, problems } = readMigrationSet({ ...given, folder: shown, known: known(given), baseline: null });
  if (set === null) {
    if (options.json) printJson({ ok: false, problems, migrations: [], findings: [] });
    else for (const line of problems.flatMap((one) => remarkLines(one, width()))) print(harmless(line));
    return 1;
  }
  const checked = await shadowServerHere().use((url) => shadowCheckSet(url, set, setBefore(set, options.since)));
  const ok = !checked.refused;
  if (options.json) printJson({ ok, problems: [], migrations: checked.results, findings: checked.findings });
  else for (const line of linesOf(set, checked, width())) print(harmless(line));
  return ok ? 0 : 1;
}

const width = (): number => Math.min(columns(), 100);

/** As if they were known: `lint` says what ought to be otherwise, and here it is about what happens. */
function known({ files, tool }: Pick<GivenFolder, "files" | "tool">): ReadonlyMap<string, string> {
  const checksums = new Map(files.map(({ path, checksum }) => [path, checksum]));
  return new Map(readLayout(files, tool).migrations.map(({ id, file }) => [id, checksums.get(file) ?? ""]));
}

function setBefore({ migrations }: MigrationSet, since: string | undefined): Pick<MigrationSet, "migrations"> | null {
  if (since === undefined) return null;
  const last = migrations.findIndex(({ id }) => id === since);
  if (last === -1)
    throw new FairwayError("not_found", `there is no migration "${since}"`, {
      hint: `known are ${migrations.map(({ id }) => id).join(", ")}`,
    });
  return { migrations: migrations.slice(0, last + 1) };
}

const remarkLines = ({ file, line, column, message, fix }: MigrationRemark, columnsWide: number): readonly string[] => [
  ...wrap(paint("failed", `${placeOfAnnotation({ file, line, column, ...none })}  ${message}`), columnsWide),
  ...wrap(dim(fix), columnsWide, "  "),
];

const none = { severity: "error", rule: null, message: "" } as const;

const marks = { error: "failed", warning: "waiting", notice: "pending" } as const;

function linesOf(set: MigrationSet, { results, findings }: SetShadowCheck, columnsWide: number): readonly string[] {
  const millis = results.reduce((sum, one) => sum + timeOf(one), 0);
  return [
    ...results.flatMap((result) => [
      `${bold(result.file)}  ${result.refused === null ? `${timeOf(result).toFixed(0)} ms` : paint("failed", "refused")}${backOf(result)}`,
      ...findings
        .filter(({ file }) => file === result.file)
        .flatMap((finding) =>
          wrap(paint(marks[finding.severity], `${placeOfAnnotation(finding)}  ${finding.message}`), columnsWide, "  "),
        ),
    ]),
    `${results.length} of ${set.migrations.length} migrations (${set.tool}) tried in ${millis.toFixed(0)} ms`,
  ];
}

const timeOf = ({ statements }: ShadowResult): number => statements.reduce((sum, { millis }) => sum + millis, 0);

const backOf = ({ back }: ShadowResult): string =>
  back === null ? "" : back.tested ? ", and back" : paint("waiting", ", and not back");

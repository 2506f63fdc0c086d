import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { relative, resolve, sep } from "node:path";
import { text as readText } from "node:stream/consumers";
import { FairwayError } from "@fairway/core";
import type { Layout, LayoutName, ReadFile } from "@fairway/migrations";
import { readLayout, readMigrationFolder } from "@fairway/migrations";
import type { GlobalOptions } from "../../context.ts";
import { printAlembic } from "./print-alembic.ts";

/** What commands about a folder of migrations are told. */
export interface FolderOptions extends GlobalOptions {
  readonly tool?: string;
  readonly sql?: string;
}

/** A folder of migrations that somebody names. */
export interface GivenFolder {
  /** As people would type it, so that a place can be opened with a click. */
  readonly shown: string;
  readonly files: readonly ReadFile[];
  readonly tool: LayoutName | null;
  /** What their tool prints of them, where they are programs. */
  readonly printed: string | null;
}

const tools: readonly LayoutName[] = ["sql", "prisma", "drizzle", "flyway", "alembic"];

/**
 * Reads the folder, and has its tool print what only the tool knows. Throws `bad_request`, `not_found` and `command_failed`.
 */
export async function givenFolder(folder: string, options: FolderOptions): Promise<GivenFolder> {
  const root = resolve(folder);
  const tool = toolOf(options.tool);
  const files = await readMigrationFolder(root);
  const layout = readLayout(files, tool);
  const needsTool = layout.problems.length === 0 && layout.migrations.some(({ up }) => up === null);
  const printed =
    options.sql === undefined ? (needsTool ? await printAlembic(root) : null) : await printedSql(options.sql);
  const given = { shown: shownFolder(root), files, tool, printed };
  return needsTool || printed === null
    ? given
    : { ...given, files: [...files, ...unwritten(layout, printed)], printed: null };
}

/** Of a folder of SQL, what was printed is not in it yet: what `prisma migrate diff --script` says is still to be written. */
function unwritten({ name }: Layout, printed: string): readonly ReadFile[] {
  const last = "99999999999999_not_written_yet";
  const path = name === "prisma" ? `${last}/migration.sql` : `${last}.sql`;
  if (name !== "prisma" && name !== "sql")
    throw new FairwayError("bad_request", `the SQL of ${name} is in its folder`, { hint: "leave --sql out" });
  const checksum = `sha256:${createHash("sha256").update(printed).digest("hex")}` as const;
  return printed.trim() === "" ? [] : [{ path, text: printed, checksum }];
}

function toolOf(word: string | undefined): LayoutName | null {
  if (word === undefined) return null;
  const known = tools.find((one) => one === word);
  if (known === undefined)
    throw new FairwayError("bad_request", `there is no tool "${word}"`, { hint: `known are ${tools.join(", ")}` });
  return known;
}

async function printedSql(file: string): Promise<string> {
  try {
    return file === "-" ? await readText(process.stdin) : await readFile(file, "utf8");
  } catch (thrown) {
    throw new FairwayError("not_found", `${file} cannot be read: ${(thrown as Error).message}`, { cause: thrown });
  }
}

function shownFolder(root: string): string {
  const here = relative(process.cwd(), root).split(sep).join("/");
  return here.startsWith("..") ? root : here || ".";
}

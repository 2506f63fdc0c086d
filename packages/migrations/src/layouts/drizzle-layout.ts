import type { FoundMigration, LayoutProblem, LayoutReader } from "./layout.ts";
import { titleOf } from "./layout.ts";

const journalPath = "meta/_journal.json";

interface JournalEntry {
  readonly idx: number;
  readonly tag: string;
}

/** Drizzle's files, in the order of its journal. It runs all that are new in one transaction. */
export const drizzleLayout: LayoutReader = {
  name: "drizzle",

  isIts: (files) => files.some(({ path }) => path === journalPath),

  read(files) {
    const problems: LayoutProblem[] = [];
    const entries = journalOf(files.find(({ path }) => path === journalPath)?.text ?? "");
    if (entries === null)
      return { migrations: [], problems: [broken("it is no journal of Drizzle", "run drizzle-kit generate again")] };
    const migrations = entries
      .toSorted((one, other) => one.idx - other.idx)
      .flatMap(({ tag }): readonly FoundMigration[] => {
        const file = files.find(({ path }) => path === `${tag}.sql`);
        if (file === undefined) {
          problems.push(
            broken(`it names ${tag}.sql, which is not there`, "put the file back, or run drizzle-kit drop"),
          );
          return [];
        }
        return [
          {
            id: tag,
            title: titleOf(tag.replace(/^\d+_/u, "")),
            file: file.path,
            up: file.text.replaceAll("--> statement-breakpoint", ""),
            down: null,
            reversible: false,
            transaction: true,
          },
        ];
      });
    for (const { path } of files)
      if (/^[^/]+\.sql$/u.test(path) && !entries.some(({ tag }) => `${tag}.sql` === path))
        problems.push({
          file: path,
          line: null,
          message: "the journal does not name it, so Drizzle never runs it",
          hint: "make it with drizzle-kit generate --custom",
        });
    return { migrations, problems };
  },
};

const broken = (message: string, hint: string): LayoutProblem => ({ file: journalPath, line: null, message, hint });

function journalOf(text: string): readonly JournalEntry[] | null {
  try {
    const { entries } = JSON.parse(text) as { readonly entries?: unknown };
    return Array.isArray(entries) && entries.every(isEntry) ? entries : null;
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return null;
    throw thrown;
  }
}

const isEntry = (value: unknown): value is JournalEntry =>
  typeof value === "object" &&
  value !== null &&
  "idx" in value &&
  typeof value.idx === "number" &&
  "tag" in value &&
  typeof value.tag === "string";

/** The way in which a tool lays out its migrations. */
export type LayoutName = "sql" | "prisma" | "drizzle" | "flyway" | "alembic";

/** One file of a folder of migrations. */
export interface FolderFile {
  /** Relative to the folder, with `/`. */
  readonly path: string;
  readonly text: string;
}

/** One migration as its tool will run it. */
export interface FoundMigration {
  /** As the tool records it in the database. */
  readonly id: string;
  readonly title: string;
  /** Relative to the folder. */
  readonly file: string;
  /** SQL of the way there; null where only the tool can say. */
  readonly up: string | null;
  /** SQL of the way back; null where there is none, or only the tool can say. */
  readonly down: string | null;
  readonly reversible: boolean;
  /** Whether the tool runs it in a transaction. */
  readonly transaction: boolean;
}

/** Something that is wrong with the folder, in words for people. */
export interface LayoutProblem {
  /** Relative to the folder; null when it is about the folder. */
  readonly file: string | null;
  readonly line: number | null;
  readonly message: string;
  readonly hint: string;
}

/** The migrations of a folder in the order in which they run. With problems there is no order to trust. */
export interface Layout {
  readonly name: LayoutName;
  readonly migrations: readonly FoundMigration[];
  readonly problems: readonly LayoutProblem[];
}

/** How one tool lays out its migrations. */
export interface LayoutReader {
  readonly name: LayoutName;
  /** Whether a folder is of this tool. */
  isIts(files: readonly FolderFile[]): boolean;
  read(files: readonly FolderFile[]): Omit<Layout, "name">;
}

/** The last part of a path. */
export const baseName = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

/** `add_order_note` as people read it. */
export const titleOf = (words: string): string => words.replaceAll(/[_-]+/gu, " ").trim();

/** Versions that two migrations have, each with the files that claim it. */
export function takenTwice(
  versions: readonly { readonly version: string; readonly file: string }[],
): readonly LayoutProblem[] {
  const files = new Map<string, string[]>();
  for (const { version, file } of versions) files.set(version, [...(files.get(version) ?? []), file]);
  return [...files]
    .filter(([, claims]) => claims.length > 1)
    .map(([version, claims]) => ({
      file: claims[1] ?? null,
      line: null,
      message: `version ${version} is taken twice: ${claims.join(", ")}`,
      hint: "give one of them a later version; if one was applied somewhere already, it keeps its own",
    }));
}

import type { FolderFile, FoundMigration, LayoutProblem, LayoutReader } from "./layout.ts";

interface Revision {
  readonly id: string;
  readonly after: readonly string[];
  readonly file: FolderFile;
  readonly title: string;
  readonly reversible: boolean;
}

/**
 * Alembic's revisions: Python files that name themselves and what they come after. Their order is read here; what they do
 * only Alembic can say (`alembic upgrade --sql`).
 */
export const alembicLayout: LayoutReader = {
  name: "alembic",

  isIts: (files) =>
    files.some(({ path }) => path === "env.py") ||
    files.some(({ path, text }) => path.endsWith(".py") && isRevision(text)),

  read(files) {
    const problems: LayoutProblem[] = [];
    const revisions = files
      .filter(({ path, text }) => path.endsWith(".py") && isRevision(text))
      .map((file) => revisionOf(file));
    const known = new Map(revisions.map((revision) => [revision.id, revision]));
    for (const { id, file } of revisions)
      if (known.get(id)?.file !== file)
        problems.push(problem(file, "revision", `revision ${id} is taken twice`, "alembic revision makes a new one"));
    for (const { after, file } of revisions)
      for (const before of after)
        if (!known.has(before))
          problems.push(
            problem(
              file,
              "down_revision",
              `it comes after ${before}, which is not there`,
              "put the revision back, or mend down_revision",
            ),
          );
    const heads = revisions.filter(({ id }) => !revisions.some(({ after }) => after.includes(id)));
    if (heads.length > 1)
      problems.push(
        problem(
          heads[1]?.file ?? null,
          "down_revision",
          `there are ${heads.length} heads: ${heads.map(({ id, file }) => `${id} (${file.path})`).join(", ")}`,
          `join them: alembic merge -m "merge" ${heads.map(({ id }) => id).join(" ")}`,
        ),
      );
    const ordered = inOrder(revisions, known);
    if (ordered === null)
      return {
        migrations: [],
        problems: [
          ...problems,
          problem(null, "", "the revisions come after each other in a circle", "mend their down_revision"),
        ],
      };
    return { migrations: ordered.map(migrationOf), problems };
  },
};

const isRevision = (text: string): boolean =>
  /^revision\s*(?::[^=]+)?=/mu.test(text) && /^down_revision\s*(?::[^=]+)?=/mu.test(text);

const problem = (file: FolderFile | null, name: string, message: string, hint: string): LayoutProblem => ({
  file: file?.path ?? null,
  line: file === null ? null : lineOf(file.text, name),
  message,
  hint,
});

/** The line on which a name is given its value. */
function lineOf(text: string, name: string): number {
  const found = new RegExp(`^${name}\\s*(?::[^=\\n]+)?=`, "mu").exec(text);
  return text.slice(0, found?.index ?? 0).split("\n").length;
}

const words = (text: string): readonly string[] =>
  [...text.matchAll(/["']([^"']+)["']/gu)].map(([, word = ""]) => word);

/** What stands behind `name =` at the beginning of a line, also over several lines within brackets. */
const valueOf = (text: string, name: string): string =>
  new RegExp(`^${name}\\s*(?::[^=\\n]+)?=\\s*(\\([^)]*\\)|\\[[^\\]]*\\]|[^\\n]*)`, "mu").exec(text)?.[1] ?? "";

function revisionOf(file: FolderFile): Revision {
  const { path, text } = file;
  const [id = path] = words(valueOf(text, "revision"));
  const [, title = ""] = /^\s*(?:r|u)?"""\s*([^\n]*)/mu.exec(text) ?? [];
  const [, way = ""] = /^def downgrade\([^)]*\)[^:]*:\s*\n((?:[ \t]+[^\n]*\n?|\s*\n)*)/mu.exec(text) ?? [];
  const does = way
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
  return {
    id,
    after: [...words(valueOf(text, "down_revision")), ...words(valueOf(text, "depends_on"))],
    file,
    title: title.replace(/"""$/u, "").trim() || id,
    // An empty way back, and one that refuses, is none.
    reversible: does.some((line) => !/^(?:pass|\.\.\.|raise\b|"""|''')/u.test(line)),
  };
}

/** Those that nothing comes before first; null when they go in a circle. */
function inOrder(revisions: readonly Revision[], known: ReadonlyMap<string, Revision>): readonly Revision[] | null {
  const ordered: Revision[] = [];
  const placed = new Set<string>();
  let left = revisions.toSorted((one, other) => (one.file.path < other.file.path ? -1 : 1));
  while (left.length > 0) {
    const next = left.filter(({ after }) => after.every((id) => placed.has(id) || !known.has(id)));
    if (next.length === 0) return null;
    for (const revision of next) {
      ordered.push(revision);
      placed.add(revision.id);
    }
    left = left.filter((revision) => !next.includes(revision));
  }
  return ordered;
}

const migrationOf = ({ id, title, file, reversible }: Revision): FoundMigration => ({
  id,
  title,
  file: file.path,
  up: null,
  down: null,
  reversible,
  transaction: !file.text.includes("autocommit_block"),
});

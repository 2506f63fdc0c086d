import { compareVersions } from "./compare-versions.ts";
import type { FolderFile, FoundMigration, LayoutProblem, LayoutReader } from "./layout.ts";
import { takenTwice, titleOf } from "./layout.ts";

const named = /^(?<version>\d+)(?:[_-]+(?<title>.*?))?(?:\.(?<way>up|down))?\.sql$/iu;

/** Files of plain SQL, ordered by the number that their names begin with; `.up.sql` and `.down.sql` are a pair. */
export const sqlLayout: LayoutReader = {
  name: "sql",

  isIts: (files) => files.some(({ path }) => path.toLowerCase().endsWith(".sql")),

  read(files) {
    const problems: LayoutProblem[] = [];
    const ups: { readonly version: string; readonly title: string; readonly file: FolderFile }[] = [];
    const downs = new Map<string, FolderFile>();
    for (const file of files.filter(({ path }) => path.toLowerCase().endsWith(".sql"))) {
      const groups = named.exec(file.path)?.groups;
      if (groups === undefined) {
        problems.push({
          file: file.path,
          line: null,
          message: "its name does not say when its turn is",
          hint: "begin it with a number or a time: 0007_add_notes.sql",
        });
        continue;
      }
      const version = String(BigInt(groups["version"] ?? "0"));
      if (groups["way"]?.toLowerCase() === "down") downs.set(version, file);
      else ups.push({ version, title: titleOf(groups["title"] ?? ""), file });
    }
    problems.push(...takenTwice(ups.map(({ version, file }) => ({ version, file: file.path }))));
    for (const [version, file] of downs)
      if (!ups.some((up) => up.version === version))
        problems.push({
          file: file.path,
          line: null,
          message: "it is the way back of a migration that is not there",
          hint: `add its way there, ${file.path.replace(/\.down\./iu, ".up.")}, or take it away`,
        });
    const migrations = ups
      .toSorted((one, other) => compareVersions(one.version, other.version))
      .map(({ version, title, file }): FoundMigration => {
        const down = downs.get(version)?.text ?? null;
        return {
          id: file.path.replace(/(?:\.up)?\.sql$/iu, ""),
          title: title || `migration ${version}`,
          file: file.path,
          up: file.text,
          down,
          reversible: down !== null,
          transaction: !runsOutside(file.text),
        };
      });
    return { migrations, problems };
  },
};

/** `-- fairway: no-transaction` on a line of its own, for what PostgreSQL refuses in a transaction. */
const runsOutside = (sql: string): boolean => /^\s*--\s*fairway:\s*no-transaction\s*$/imu.test(sql);

import { compareVersions } from "./compare-versions.ts";
import type { FolderFile, FoundMigration, LayoutProblem, LayoutReader } from "./layout.ts";
import { baseName, takenTwice, titleOf } from "./layout.ts";

const named = /^(?<kind>[VU])(?<version>\d+(?:[._]\d+)*)__(?<title>.+)\.sql$/u;
const repeatable = /^R__(?<title>.+)\.sql$/u;

/**
 * Flyway's names: `V1.2__title.sql`, `U1.2__title.sql` for the way back, `R__title.sql` for what runs again when it changed
 * (https://documentation.red-gate.com/flyway/flyway-concepts/migrations). Each has a transaction of its own, but for what
 * PostgreSQL refuses in one, which Flyway notices.
 */
export const flywayLayout: LayoutReader = {
  name: "flyway",

  isIts: (files) => files.some(({ path }) => named.test(baseName(path))),

  read(files) {
    const problems: LayoutProblem[] = [];
    const versioned = files.flatMap((file) => {
      const groups = named.exec(baseName(file.path))?.groups;
      return groups === undefined
        ? []
        : [{ file, kind: groups["kind"], version: groups["version"] ?? "", title: titleOf(groups["title"] ?? "") }];
    });
    const ups = versioned.filter(({ kind }) => kind === "V");
    const same = (one: string, other: string): boolean => compareVersions(one, other) === 0;
    problems.push(
      ...takenTwice(ups.map(({ version, file }) => ({ version: version.replaceAll("_", "."), file: file.path }))),
    );
    for (const { kind, version, file } of versioned)
      if (kind === "U" && !ups.some((up) => same(up.version, version)))
        problems.push({
          file: file.path,
          line: null,
          message: "it is the way back of a migration that is not there",
          hint: `add V${version}__….sql, or take it away`,
        });
    const migrations = ups
      .toSorted((one, other) => compareVersions(one.version, other.version))
      .map(({ version, title, file }) => {
        const down = versioned.find((other) => other.kind === "U" && same(other.version, version))?.file.text ?? null;
        return migrationOf(version.replaceAll("_", "."), title, file, down);
      });
    const again = files
      .filter(({ path }) => repeatable.test(baseName(path)))
      .toSorted((one, other) => (baseName(one.path) < baseName(other.path) ? -1 : 1))
      .map((file) => {
        const title = repeatable.exec(baseName(file.path))?.groups?.["title"] ?? "";
        return migrationOf(`R__${title}`, titleOf(title), file, null);
      });
    return { migrations: [...migrations, ...again], problems };
  },
};

const migrationOf = (id: string, title: string, file: FolderFile, down: string | null): FoundMigration => ({
  id,
  title,
  file: file.path,
  up: file.text,
  down,
  reversible: down !== null,
  transaction: !/\bconcurrently\b|^\s*vacuum\b|\balter\s+type\s+\S+\s+add\s+value\b/imu.test(file.text),
});

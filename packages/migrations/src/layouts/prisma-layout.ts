import type { FoundMigration, LayoutProblem, LayoutReader } from "./layout.ts";
import { titleOf } from "./layout.ts";

const folder = /^(?<time>\d{14})_(?<title>[^/]+)\/migration\.sql$/u;

/**
 * Prisma's folders, each with a `migration.sql`
 * (https://www.prisma.io/docs/orm/prisma-migrate/understanding-prisma-migrate/migration-histories). Prisma sends a file to
 * PostgreSQL as one query, which makes several statements a transaction, and one a statement of its own.
 */
export const prismaLayout: LayoutReader = {
  name: "prisma",

  isIts: (files) => files.some(({ path }) => path === "migration_lock.toml" || folder.test(path)),

  read(files) {
    const problems: LayoutProblem[] = [];
    const lock = files.find(({ path }) => path === "migration_lock.toml");
    const provider = /^\s*provider\s*=\s*"([^"]*)"/mu.exec(lock?.text ?? "")?.[1];
    if (provider !== undefined && provider !== "postgresql" && provider !== "cockroachdb")
      problems.push({
        file: "migration_lock.toml",
        line: null,
        message: `these are migrations of ${provider}`,
        hint: "Fairway runs migrations of PostgreSQL",
      });
    const folders = new Set(
      files.filter(({ path }) => path.includes("/")).map(({ path }) => path.slice(0, path.indexOf("/"))),
    );
    for (const name of folders)
      if (!files.some(({ path }) => path === `${name}/migration.sql`))
        problems.push({
          file: name,
          line: null,
          message: "the folder has no migration.sql",
          hint: "prisma migrate deploy fails on it; take the folder away, or write the file",
        });
    const migrations = files
      .filter(({ path }) => path.endsWith("/migration.sql") && path.split("/").length === 2)
      .toSorted((one, other) => (one.path < other.path ? -1 : 1))
      .map(({ path, text }): FoundMigration => {
        const id = path.slice(0, path.indexOf("/"));
        const down = files.find((other) => other.path === `${id}/down.sql`)?.text ?? null;
        return {
          id,
          title: titleOf(folder.exec(path)?.groups?.["title"] ?? id),
          file: path,
          up: text,
          down,
          reversible: down !== null,
          transaction: statementsIn(text) > 1,
        };
      });
    return { migrations, problems };
  },
};

/** Roughly: semicolons that are not in a comment. One too many only makes a transaction of what is none. */
const statementsIn = (sql: string): number =>
  sql
    .replaceAll(/--[^\n]*|\/\*[\s\S]*?\*\//gu, "")
    .split(";")
    .filter((part) => part.trim() !== "").length;

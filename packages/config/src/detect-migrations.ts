import { existsSync, readdirSync, statSync } from "node:fs";
import { join, posix } from "node:path";
import type { Detection } from "./detected.ts";
import type { Folder } from "./folder.ts";
import type { Migrations, ServiceConfig, TimedCommand } from "./project-config.ts";

/** Migrations that were found beside a service. */
interface FoundMigrations {
  /** Whose they are, for the comment. */
  readonly tool: "Alembic" | "Prisma" | "Drizzle" | "Flyway" | "plain SQL";
  /** Relative to the service's folder. */
  readonly folder: string;
  /** The newest of them; null where there is none yet, or nothing says which it is. */
  readonly newest: string | null;
  /** The variable in which their tool looks for the database. */
  readonly variable: string;
}

/**
 * The services with the migrations that lie in their folders, each folder's with the first that is deployed from it; those in
 * the root of the repository go to the only deployed service that there is, wherever it lies.
 */
export function withMigrations(open: (path: string) => Folder, services: readonly Detection[]): readonly Detection[] {
  const isDeployed = ({ config }: Detection): boolean => config.run !== undefined;
  const taken = new Set<string>();
  const beside = services.map((service) => {
    const { path } = service.config;
    if (!isDeployed(service) || taken.has(path)) return service;
    const found = migrationsIn(open(path));
    if (found === null) return service;
    taken.add(path);
    return withFound(service, found);
  });
  if (taken.size > 0) return beside;
  const around = migrationsIn(open("."));
  // Alembic is run in the folder of its settings, which is not the service's.
  if (around === null || around.tool === "Alembic" || services.filter(isDeployed).length !== 1) return beside;
  return services.map((service) =>
    isDeployed(service)
      ? withFound(service, { ...around, folder: posix.join(posix.relative(service.config.path, "."), around.folder) })
      : service,
  );
}

function withFound(service: Detection, found: FoundMigrations): Detection {
  const { config } = service;
  const { tool, variable, newest } = found;
  const given = config.env?.[variable] !== undefined;
  const own = !given && variable === "DATABASE_URL";
  return {
    ...service,
    config: {
      ...config,
      ...(own ? { database: true } : {}),
      ...(given || own ? {} : { env: { ...config.env, [variable]: { secret: variable } } }),
      migrations: configOf(found, config),
    },
    unsure: [
      ...service.unsure,
      ...(own
        ? [
            "Fairway makes it a database of its own; for another one take `database` out and give it DATABASE_URL in `env`",
          ]
        : []),
      ...(newest === null
        ? []
        : [
            `its migrations (${tool}) up to the baseline are not linted, and are run where a database does not have them`,
          ]),
    ],
  };
}

function configOf({ tool, folder, newest, variable }: FoundMigrations, config: ServiceConfig): Migrations {
  const sql = tool === "Alembic" ? alembicCommand(config) : null;
  const more = {
    ...(sql === null ? {} : { sql }),
    ...(newest === null ? {} : { baseline: newest }),
    ...(variable === "DATABASE_URL" ? {} : { database: variable }),
  };
  return Object.keys(more).length === 0 ? folder : { folder, ...more };
}

/** Alembic as it was installed with the service; null where the one of the machine is meant. */
function alembicCommand({ prepare = [] }: ServiceConfig): TimedCommand | null {
  const lines = (Array.isArray(prepare) ? prepare : [prepare]).map((one) => JSON.stringify(one));
  return lines.some((line) => /\.venv|poetry install|uv sync/u.test(line))
    ? ".venv/bin/python -m alembic upgrade base:head --sql"
    : null;
}

/** Those that a tool's own file names come first; plain SQL is what is left. */
const migrationsIn = (folder: Folder): FoundMigrations | null =>
  alembicIn(folder) ?? prismaIn(folder) ?? drizzleIn(folder) ?? sqlIn(folder);

function alembicIn(folder: Folder): FoundMigrations | null {
  const settings = folder.read("alembic.ini") ?? folder.read("pyproject.toml");
  const [, location] = /^\s*script_location\s*=\s*["']?([^\s"'#]+)/mu.exec(settings ?? "") ?? [];
  if (location === undefined) return null;
  const versions = posix.normalize(posix.join(location.replace(/%%?\(here\)s\/?/u, ""), "versions"));
  if (!isFolder(folder, versions)) return null;
  const texts = filesIn(folder, versions, /\.py$/u).map((file) => folder.read(`${versions}/${file}`) ?? "");
  const value = (text: string, name: string): readonly string[] => {
    const [, said = ""] = new RegExp(`^${name}\\s*(?::[^=\\n]+)?=\\s*(\\([^)]*\\)|[^\\n]*)`, "mu").exec(text) ?? [];
    return [...said.matchAll(/["']([^"']+)["']/gu)].map(([, word = ""]) => word);
  };
  const before = new Set(texts.flatMap((text) => value(text, "down_revision")));
  const heads = texts.flatMap((text) => value(text, "revision").slice(0, 1)).filter((id) => !before.has(id));
  const [head = null, ...others] = heads;
  return { tool: "Alembic", folder: versions, newest: others.length > 0 ? null : head, variable: "DATABASE_URL" };
}

function prismaIn(folder: Folder): FoundMigrations | null {
  const schema = ["prisma/schema.prisma", "schema.prisma"].find((file) => folder.has(file));
  if (schema === undefined) return null;
  const text = folder.read(schema) ?? "";
  const migrations = posix.join(posix.dirname(schema), "migrations");
  // What is pushed without migrations has none to run.
  if (/provider\s*=\s*"(?:mysql|sqlite|sqlserver|mongodb)"/u.test(text) || !isFolder(folder, migrations)) return null;
  const [, variable = "DATABASE_URL"] = /^\s*url\s*=\s*env\("([A-Za-z_]\w*)"\)/mu.exec(text) ?? [];
  const newest = namesIn(folder, migrations).findLast((name) => /^\d{14}_/u.test(name)) ?? null;
  return { tool: "Prisma", folder: migrations, newest, variable };
}

function drizzleIn(folder: Folder): FoundMigrations | null {
  const file = ["ts", "js", "mjs", "cjs", "json"]
    .map((end) => `drizzle.config.${end}`)
    .find((name) => folder.has(name));
  if (file === undefined) return null;
  const text = folder.read(file) ?? "";
  if (/\b(?:mysql|sqlite|turso|singlestore)\b/u.test(text)) return null;
  const [, out = "drizzle"] = /["']?\bout["']?\s*:\s*["'`]([^"'`]+)["'`]/u.exec(text) ?? [];
  const migrations = posix.normalize(out);
  if (!folder.has(`${migrations}/meta/_journal.json`)) return null;
  const newest =
    filesIn(folder, migrations, /^\d+_.*\.sql$/u)
      .at(-1)
      ?.replace(/\.sql$/u, "") ?? null;
  return { tool: "Drizzle", folder: migrations, newest, variable: "DATABASE_URL" };
}

const usual = [
  "db/migrations",
  "migrations",
  "database/migrations",
  "sql/migrations",
  "db/migration",
  "src/main/resources/db/migration",
  "flyway/sql",
  "flyway",
  "db",
];
const flywayFile = /^V(\d+(?:[._]\d+)*)__.+\.sql$/u;
const sqlFile = /^(\d+).*(?<!\.down)\.sql$/iu;

/** Folders of plain SQL, Flyway's among them, where people usually keep them or Flyway's settings name. */
function sqlIn(folder: Folder): FoundMigrations | null {
  const settings = ["flyway.toml", "flyway.conf", "conf/flyway.conf"].map((file) => folder.read(file) ?? "").join("\n");
  const named = [...settings.matchAll(/filesystem:([^"',\s\]]+)/gu)].map(([, path = ""]) => posix.normalize(path));
  for (const place of [...named, ...usual]) {
    if (place.startsWith("..") || place.startsWith("/")) continue;
    const flyway = newestOf(filesIn(folder, place, flywayFile), flywayFile);
    if (flyway !== null) {
      const version = flywayFile.exec(flyway)?.[1]?.replaceAll("_", ".") ?? null;
      return { tool: "Flyway", folder: place, newest: version, variable: "DATABASE_URL" };
    }
    const plain = newestOf(filesIn(folder, place, sqlFile), sqlFile);
    if (plain !== null) {
      const newest = plain.replace(/(?:\.up)?\.sql$/iu, "");
      return { tool: "plain SQL", folder: place, newest, variable: "DATABASE_URL" };
    }
  }
  return null;
}

/** The one of the highest number. */
function newestOf(files: readonly string[], pattern: RegExp): string | null {
  const numbers = (name: string): readonly bigint[] =>
    (pattern.exec(name)?.[1] ?? "0").split(/[._]/u).map((part) => BigInt(part));
  const isLater = (one: readonly bigint[], other: readonly bigint[]): boolean => {
    for (let at = 0; at < Math.max(one.length, other.length); at++) {
      const [a, b] = [one[at] ?? 0n, other[at] ?? 0n];
      if (a !== b) return a > b;
    }
    return false;
  };
  return files.reduce<string | null>(
    (best, name) => (best === null || isLater(numbers(name), numbers(best)) ? name : best),
    null,
  );
}

const isFolder = ({ root, path }: Folder, below: string): boolean =>
  !below.startsWith("..") && statSync(join(root, path, below), { throwIfNoEntry: false })?.isDirectory() === true;

const namesIn = ({ root, path }: Folder, below: string): readonly string[] =>
  existsSync(join(root, path, below)) ? readdirSync(join(root, path, below)).toSorted() : [];

const filesIn = (folder: Folder, below: string, pattern: RegExp): readonly string[] =>
  isFolder(folder, below) ? namesIn(folder, below).filter((name) => pattern.test(name)) : [];

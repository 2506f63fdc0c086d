import { posix } from "node:path";
import { commandWords } from "./command-words.ts";
import { detectNodeChecks } from "./detect-node-checks.ts";
import { detectHttp } from "./detect-http.ts";
import type { Detection } from "./detected.ts";
import type { Folder } from "./folder.ts";
import { openFolder } from "./folder.ts";
import { isRecord } from "./path.ts";
import type { Command, ServiceConfig, TimedCommand } from "./project-config.ts";

const frameworks = ["next", "nuxt", "vite", "fastify", "express", "hono", "koa", "@nestjs/core"];
const entries = ["server", "src/server", "app", "src/app", "index", "src/index", "main", "src/main"];

interface Manifest {
  readonly name: string | undefined;
  /** With its scope. */
  readonly fullName: string | undefined;
  readonly main: string | undefined;
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: readonly string[];
  readonly hasWorkspaces: boolean;
}

interface PackageManager {
  readonly name: "npm" | "pnpm" | "yarn";
  readonly install: string;
  /** The folder with the lockfile, relative to the repository; null when there is no lockfile. */
  readonly lockedIn: string | null;
}

/** A Node service, by its package.json; null when the folder holds none. */
export function detectNode(folder: Folder): Detection | null {
  const manifest = readManifest(folder);
  if (manifest === null) return null;
  const framework = frameworks.find((name) => manifest.dependencies.includes(name));
  const start = startOf(folder, manifest, framework);
  // The root of a workspace only holds the others together.
  if (manifest.hasWorkspaces && start === null && framework === undefined) return null;
  const manager = packageManagerOf(folder);
  const checks = detectNodeChecks({ ...manifest, folder, name: manifest.fullName, manager: manager.name });
  const builds = manifest.scripts["build"] !== undefined;
  if (start === null && !builds && Object.keys(checks).length === 0) return null;

  const http =
    start === null ? null : detectHttp(folder, framework === "next" || framework === "nuxt" || framework === "vite");
  const health: Pick<ServiceConfig, "health"> = http === null ? {} : { health: http.health };
  return {
    name: manifest.name ?? folder.name,
    recognisedBy: framework === undefined ? "package.json" : `package.json with ${framework}`,
    config: {
      path: folder.path,
      ...(manifest.dependencies.length > 0 ? { prepare: [inFolder(manager, folder)] } : {}),
      ...(Object.keys(checks).length > 0 ? { checks } : {}),
      ...(builds ? { build: { commands: [`${manager.name} run build`] } } : {}),
      ...(start === null ? {} : { run: start.run }),
      ...health,
    },
    unsure: [
      ...(manifest.dependencies.length > 0 && manager.lockedIn === null
        ? ["there is no lockfile, so two builds of one commit may differ; commit one"]
        : []),
      ...(start === null ? ["there is no start script, so it is built and not deployed"] : start.unsure),
      ...(http?.unsure ?? []),
    ],
  };
}

function readManifest(folder: Folder): Manifest | null {
  const text = folder.read("package.json");
  if (text === undefined) return null;
  let manifest: unknown;
  try {
    manifest = JSON.parse(text);
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return null;
    throw thrown;
  }
  if (!isRecord(manifest)) return null;
  const texts = (value: unknown): Readonly<Record<string, string>> =>
    isRecord(value)
      ? Object.fromEntries(
          Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
        )
      : {};
  return {
    name: typeof manifest["name"] === "string" ? manifest["name"].split("/").at(-1) : undefined,
    fullName: typeof manifest["name"] === "string" ? manifest["name"] : undefined,
    main: typeof manifest["main"] === "string" ? manifest["main"] : undefined,
    scripts: texts(manifest["scripts"]),
    dependencies: [...Object.keys(texts(manifest["dependencies"])), ...Object.keys(texts(manifest["devDependencies"]))],
    hasWorkspaces: manifest["workspaces"] !== undefined || folder.has("pnpm-workspace.yaml"),
  };
}

/** The package manager whose lockfile is in the folder or nearest above it. */
function packageManagerOf(folder: Folder): PackageManager {
  for (let path = folder.path; ; path = posix.dirname(path)) {
    const { has, read } = openFolder(folder.root, path);
    if (has("package-lock.json")) return { name: "npm", install: "npm ci", lockedIn: path };
    if (has("pnpm-lock.yaml")) return { name: "pnpm", install: "pnpm install --frozen-lockfile", lockedIn: path };
    if (has("yarn.lock")) {
      const modern = read("yarn.lock")?.includes("__metadata:") ?? false;
      return { name: "yarn", install: `yarn install ${modern ? "--immutable" : "--frozen-lockfile"}`, lockedIn: path };
    }
    if (path === ".") return { name: "npm", install: "npm install", lockedIn: null };
  }
}

/** The installation, in the folder that has the lockfile. */
function inFolder({ install, lockedIn }: PackageManager, folder: Folder): TimedCommand {
  const cwd = lockedIn === null ? "." : posix.relative(folder.path, lockedIn) || ".";
  return cwd === "." ? install : { command: install, cwd };
}

interface Start {
  readonly run: Command;
  readonly unsure: readonly string[];
}

function startOf(folder: Folder, { scripts, main }: Manifest, framework: string | undefined): Start | null {
  const script = scripts["start"];
  if (script !== undefined) return startByScript(script, packageManagerOf(folder));
  if (framework === "next") return { run: "node_modules/.bin/next start", unsure: [] };
  if (framework === "vite")
    return {
      run: ["bash", "-c", 'exec node_modules/.bin/vite preview --host 127.0.0.1 --port "$PORT" --strictPort'],
      unsure: ["Vite's preview serves the built files; it is meant for trying, a server of your own may be better"],
    };
  const written = entries.flatMap((entry) => ["mjs", "js", "cjs"].map((ending) => `${entry}.${ending}`));
  const file = [main, ...written].find(
    (candidate) => candidate !== undefined && /\.listen\(|\bserve\(/u.test(folder.read(candidate) ?? ""),
  );
  return file === undefined ? null : { run: `node ${posix.normalize(file)}`, unsure: [] };
}

/** `npm start` stays between Fairway and the program and keeps SIGTERM to itself, so the program is named when it can be. */
function startByScript(script: string, { name }: PackageManager): Start {
  const split = commandWords(script);
  if ("problem" in split)
    return {
      run: `${name} start`,
      unsure: [
        `${name} start keeps SIGTERM from the program, so it may be ended in the middle of requests; name the program itself`,
      ],
    };
  const [program = "", ...rest] = split.words;
  const known = program === "node" || program.includes("/");
  return { run: known ? script : [`node_modules/.bin/${program}`, ...rest], unsure: [] };
}

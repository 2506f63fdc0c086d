import { posix } from "node:path";
import { commandWords, quotedWord } from "./command-words.ts";
import { detectNodeChecks, throughMonorepoTool } from "./detect-node-checks.ts";
import { detectHttp } from "./detect-http.ts";
import type { Detection } from "./detected.ts";
import type { Folder } from "./folder.ts";
import { openFolder } from "./folder.ts";
import { isRecord } from "./path.ts";
import type { Build, Command, ServiceConfig, TimedCommand } from "./project-config.ts";

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
  const about = { ...manifest, folder, name: manifest.fullName, manager: manager.name };
  const checks = detectNodeChecks(about);
  const builds = manifest.scripts["build"] !== undefined;
  const site = start === null && builds && framework === "vite" && folder.has("index.html");
  if (start === null && !builds && Object.keys(checks).length === 0) return null;

  const http = start === null ? null : detectHttp(folder, framework === "next" || framework === "nuxt");
  const health: Pick<ServiceConfig, "health"> = http === null ? {} : { health: http.health };
  const around = installedAround(folder, manifest, manager);
  const output = site || start === null ? outputOf(folder, manifest, builds) : undefined;
  return {
    name: manifest.name ?? folder.name,
    recognisedBy: framework === undefined ? "package.json" : `package.json with ${framework}`,
    config: {
      path: folder.path,
      ...(manifest.dependencies.length > 0 ? { prepare: [inFolder(manager, folder)] } : {}),
      ...(Object.keys(checks).length > 0 ? { checks } : {}),
      ...buildOf(builds ? [throughMonorepoTool(about, "build") ?? `${manager.name} run build`] : [], output ?? around),
      ...(start === null ? {} : { run: inArtifact(start.run, output === undefined ? around : undefined, folder) }),
      ...(site ? { static: { fallback: "index.html" } } : {}),
      ...health,
    },
    unsure: [
      ...(manifest.dependencies.length > 0 && manager.lockedIn === null
        ? ["there is no lockfile, so two builds of one commit may differ; commit one"]
        : []),
      ...(site
        ? ["index.html answers for every unknown page; leave `fallback` out if each page is a file of its own"]
        : start === null
          ? ["there is no start script, so it is built and not deployed"]
          : start.unsure),
      ...(http?.unsure ?? []),
    ],
  };
}

const buildOf = (commands: NonNullable<Build["commands"]>, output: string | undefined): Pick<ServiceConfig, "build"> =>
  commands.length === 0 && output === undefined
    ? {}
    : {
        build: {
          ...(commands.length > 0 ? { commands } : {}),
          ...(output === undefined ? {} : { output }),
        },
      };

/**
 * The folder with the lockfile, where that is further up: a workspace installs there what its members need, and their
 * own node_modules are links into it. Only both together run.
 */
function installedAround(folder: Folder, { dependencies }: Manifest, { lockedIn }: PackageManager): string | undefined {
  const up = lockedIn === null ? "" : posix.relative(folder.path, lockedIn);
  return up === "" || dependencies.length === 0 ? undefined : up;
}

/** A command that is started in a folder around the service's. */
function inArtifact(run: Command, around: string | undefined, folder: Folder): Command {
  if (around === undefined) return run;
  const below = posix.relative(posix.join(folder.path, around), folder.path);
  const script =
    typeof run === "string"
      ? `exec ${run}`
      : run[0] === "bash" && run[1] === "-c"
        ? (run[2] ?? "")
        : `exec ${run.map(quotedWord).join(" ")}`;
  return ["bash", "-c", `cd ${quotedWord(below)} && ${script}`];
}

/** What a build of files leaves, and nothing around it; undefined when nothing says where. */
function outputOf(folder: Folder, { main, dependencies }: Manifest, builds: boolean): string | undefined {
  if (!builds) return folder.has("src") ? "src" : undefined;
  const vite = ["ts", "js", "mts", "mjs"].map((ending) => folder.read(`vite.config.${ending}`)).find(Boolean);
  if (dependencies.includes("vite")) return /outDir:\s*["'`](?:\.\/)?([\w./-]+)["'`]/u.exec(vite ?? "")?.[1] ?? "dist";
  const compiled = /"outDir":\s*"(?:\.\/)?([\w-][\w./-]*)"/u.exec(folder.read("tsconfig.json") ?? "")?.[1];
  const [first = ""] = (main ?? "").replace(/^\.\//u, "").split("/");
  return compiled ?? (["dist", "lib", "build", "out"].includes(first) ? first : undefined);
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
  const written = entries.flatMap((entry) => ["mjs", "js", "cjs"].map((ending) => `${entry}.${ending}`));
  // With Vite the sources are those of the pages.
  const file = [main, ...written.filter((entry) => framework !== "vite" || /^(?:src\/)?server\./u.test(entry))].find(
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

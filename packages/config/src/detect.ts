import { realpathSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { parseDocument } from "yaml";
import { servicesFromCompose } from "./compose/from-compose.ts";
import type { FromCompose } from "./compose/propose-service.ts";
import type { Compose } from "./compose/read-compose.ts";
import { detectByHints, detectFoundry, detectGo, declaredStart } from "./detect-other.ts";
import { deployTextsOf } from "./deploy-texts.ts";
import { detectEcs } from "./detect-ecs.ts";
import { detectNode } from "./detect-node.ts";
import { detectPython } from "./detect-python.ts";
import { withMigrations } from "./detect-migrations.ts";
import { detectVercel } from "./detect-vercel.ts";
import type { DetectedProject, DetectedService, Detection, FoundPlatform } from "./detected.ts";
import { type Folder, foldersIn, membersIn, openFolder } from "./folder.ts";
import { nameFrom } from "./name-from.ts";
import { isRecord } from "./path.ts";
import { configurationExcess } from "./yaml-guard.ts";

/**
 * Looks for services in a repository: in its root, two levels below, and in the folders of its workspaces. Those of a compose
 * file run in containers, with the checks that were found in their folders.
 */
export function detectProject(directory: string, compose: Compose | null = null): DetectedProject {
  const root = realpathSync(directory);
  const found = candidateFolders(root).flatMap((path) => {
    const folder = openFolder(root, path);
    const detection =
      detectNode(folder) ?? detectPython(folder) ?? detectGo(folder) ?? detectFoundry(folder) ?? detectByHints(folder);
    return detection === null ? [] : [withDeclaredStart(folder, detection)];
  });
  const composed = compose === null ? null : servicesFromCompose(compose, openFolder(root, "."));
  const taken = new Set<string>();
  const all = withMigrations(
    (path) => openFolder(root, path),
    composed === null ? found : withCompose(found, composed.services),
  );
  const services = all.map((detection): DetectedService => ({ ...detection, name: freeName(detection, taken) }));
  const name = nameFrom(typeof compose?.top["name"] === "string" ? compose.top["name"] : basename(root));
  return {
    name,
    services,
    platforms: detectPlatforms(root, name, services),
    composeFiles: compose?.files ?? [],
    notCarried: composed?.notCarried ?? [],
    hasConfigPackage: dependsOnConfigPackage(openFolder(root, ".")),
    unsure:
      services.length === 0
        ? ["no service was found: neither a package.json nor a Python or Go project, Procfile or Dockerfile"]
        : [],
  };
}

/** A service that both could have is ECS's where it has an image, for whoever wrote the Dockerfile means it. */
function detectPlatforms(
  root: string,
  project: string,
  services: readonly DetectedService[],
): readonly FoundPlatform[] {
  const open = (path: string): Folder => openFolder(root, path);
  const texts = deployTextsOf(
    open("."),
    services.map(({ config }) => config.path),
  );
  const ecs = detectEcs(services, open, texts, project);
  const vercel = detectVercel(services, open, texts);
  const sure = vercel.filter(({ isSure }) => isSure).map(({ service }) => service);
  const onEcs = ecs.filter(({ service }) => !sure.includes(service));
  return [...vercel.filter((one) => onEcs.every(({ service }) => service !== one.service)), ...onEcs];
}

function candidateFolders(root: string): readonly string[] {
  const first = foldersIn(root, ".");
  const second = first.flatMap((path) => foldersIn(root, path));
  const members = workspacePatterns(openFolder(root, ".")).flatMap((pattern) => {
    const above = /^(.+?)\/\*\*?$/u.exec(pattern)?.[1];
    if (above === undefined) return isFolder(root, pattern) ? [pattern] : [];
    if (!isFolder(root, above)) return [];
    const below = membersIn(root, above);
    return pattern.endsWith("**") ? [...below, ...below.flatMap((path) => membersIn(root, path))] : below;
  });
  return [".", ...new Set([...first, ...second, ...members].toSorted())];
}

/** What was found in the folder of a compose service lends it its checks, and is that service. */
function withCompose(found: readonly Detection[], composed: readonly FromCompose[]): readonly Detection[] {
  const own = composed.map(({ name, config, unsure }): Detection => {
    const same = found.find(({ config: { path } }) => path === config.path);
    const { prepare, checks, requires } = same?.config ?? {};
    return {
      name,
      recognisedBy: same === undefined ? "compose file" : `compose file and ${same.recognisedBy}`,
      config: {
        ...config,
        ...(checks === undefined
          ? {}
          : { ...(requires === undefined ? {} : { requires }), ...(prepare === undefined ? {} : { prepare }), checks }),
      },
      unsure,
    };
  });
  return [...own, ...found.filter(({ config: { path } }) => composed.every(({ config }) => config.path !== path))];
}

const isFolder = (root: string, path: string): boolean =>
  !path.includes("..") && statSync(join(root, path), { throwIfNoEntry: false })?.isDirectory() === true;

/** The folders that package.json or pnpm-workspace.yaml say belong together. */
function workspacePatterns(folder: Folder): readonly string[] {
  const texts = (value: unknown): readonly string[] =>
    Array.isArray(value)
      ? value.filter((one) => typeof one === "string").map((one) => one.replace(/^\.\/|\/$/gu, ""))
      : [];
  // Both are read as YAML, of which JSON is a part; what is broken is for its own tool to complain about.
  const [manifest, workspace] = ["package.json", "pnpm-workspace.yaml"].map((file) => readLeniently(folder.read(file)));
  const listed = isRecord(manifest) ? manifest["workspaces"] : undefined;
  return [
    ...texts(isRecord(listed) ? listed["packages"] : listed),
    ...texts(isRecord(workspace) ? workspace["packages"] : undefined),
  ];
}

/** Whether an editor and a compiler would find what a TypeScript configuration imports. */
function dependsOnConfigPackage(folder: Folder): boolean {
  const manifest = readLeniently(folder.read("package.json"));
  if (!isRecord(manifest)) return false;
  return ["dependencies", "devDependencies"].some((key) => {
    const held = manifest[key];
    return isRecord(held) && held["@fairway/config"] !== undefined;
  });
}

function readLeniently(text: string | undefined): unknown {
  if (text === undefined || configurationExcess(text) !== undefined) return undefined;
  const document = parseDocument(text, { prettyErrors: false });
  return document.errors.length > 0 ? undefined : document.toJS({ maxAliasCount: 0 });
}

/** A Procfile or Dockerfile knows better than a guess how the service is started. */
function withDeclaredStart(folder: Folder, detection: Detection): Detection {
  const declared = detection.config.run === undefined ? declaredStart(folder) : null;
  if (declared === null) return detection;
  return {
    ...detection,
    recognisedBy: `${detection.recognisedBy} and ${declared.where}`,
    config: { ...detection.config, run: declared.command, health: "/" },
    unsure: [`it is started as the ${declared.where} says; / is asked for its health`],
  };
}

function freeName({ name, config }: Detection, taken: Set<string>): string {
  const wanted = [nameFrom(name), nameFrom(config.path)];
  let free = wanted.find((one) => !taken.has(one));
  for (let number = 2; free === undefined; number++) {
    const numbered = `${nameFrom(name).slice(0, 36)}-${number}`;
    if (!taken.has(numbered)) free = numbered;
  }
  taken.add(free);
  return free;
}

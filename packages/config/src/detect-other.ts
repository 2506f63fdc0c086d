import { commandWords } from "./command-words.ts";
import { detectFoundryChecks } from "./detect-node-checks.ts";
import { detectHttp } from "./detect-http.ts";
import type { Detection } from "./detected.ts";
import { type Folder, foldersIn } from "./folder.ts";
import type { Command } from "./project-config.ts";

/** A Go service, by its go.mod; null when the folder holds none. */
export function detectGo(folder: Folder): Detection | null {
  if (!folder.has("go.mod")) return null;
  const main = folder.has("main.go") ? "." : folder.has("cmd") ? commandFolder(folder) : null;
  const http = main === null ? null : detectHttp(folder, false);
  return {
    name: folder.name,
    recognisedBy: "go.mod",
    config: {
      path: folder.path,
      requires: ["go"],
      checks: { lint: "go vet ./...", test: "go test ./..." },
      ...(main === null
        ? {}
        : { build: { commands: [`go build -o bin/server ${main}`], output: "bin" }, run: "./server" }),
      ...(http === null ? {} : { health: http.health }),
    },
    unsure: http?.unsure ?? ["no main package was found, so it is checked and not deployed"],
  };
}

/** Contracts that Foundry builds, by its foundry.toml; null when the folder holds none. */
export function detectFoundry(folder: Folder): Detection | null {
  if (!folder.has("foundry.toml")) return null;
  return {
    name: folder.name,
    recognisedBy: "foundry.toml",
    config: {
      path: folder.path,
      requires: ["forge"],
      checks: detectFoundryChecks(folder),
      build: { commands: ["forge build"], output: "out" },
    },
    unsure: ["there is nothing to start, so it is built and not deployed"],
  };
}

function commandFolder(folder: Folder): string | null {
  const commands = foldersIn(folder.root, folder.path === "." ? "cmd" : `${folder.path}/cmd`);
  const [first] = commands;
  return first === undefined ? null : `./cmd/${first.split("/").at(-1) ?? ""}`;
}

/** A service that is known only by its Procfile or its Dockerfile; null when the folder has neither. */
export function detectByHints(folder: Folder): Detection | null {
  const run = declaredStart(folder);
  if (run === null) return null;
  const http = detectHttp(folder, false);
  return {
    name: folder.name,
    recognisedBy: run.where,
    config: { path: folder.path, run: run.command, health: http.health },
    unsure: [`only a ${run.where} was found: say how it is prepared and built`, ...http.unsure],
  };
}

/** How a folder's Procfile or Dockerfile says that it is started; null when neither does. */
export function declaredStart(folder: Folder): { readonly command: Command; readonly where: string } | null {
  const [, web] = /^web:[ \t]*(\S.*)$/mu.exec(folder.read("Procfile") ?? "") ?? [];
  if (web !== undefined) {
    const needsShell = "problem" in commandWords(web);
    return { command: needsShell ? ["bash", "-c", `exec ${web.trim()}`] : web.trim(), where: "Procfile" };
  }
  const [, list] = /^CMD[ \t]+(\[.+\])[ \t]*$/mu.exec(folder.read("Dockerfile") ?? "") ?? [];
  const words = list === undefined ? null : readWords(list);
  return words === null ? null : { command: words, where: "Dockerfile" };
}

function readWords(list: string): readonly string[] | null {
  try {
    const words: unknown = JSON.parse(list);
    return Array.isArray(words) && words.length > 0 && words.every((word) => typeof word === "string" && word !== "")
      ? (words as readonly string[])
      : null;
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return null;
    throw thrown;
  }
}

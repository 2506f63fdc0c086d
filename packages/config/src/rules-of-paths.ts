import { posix } from "node:path";
import { nameOfPath, type Path } from "./path.ts";
import type { Finding } from "./problems.ts";
import type { CheckConfig, Migrations, TimedCommand } from "./project-config.ts";
import type { RuleFacts } from "./rules.ts";

/** What a path of the repository is: `outside` when links lead out of the repository. */
export type PathKind = "folder" | "file" | "absent" | "outside";

/** Paths that leave the repository, or that lead nowhere when they must lead somewhere. */
export function pathRules({ config, kindOf }: RuleFacts): readonly Finding[] {
  const findings: Finding[] = [];

  function refuse(path: Path, message: string, fix: string): void {
    findings.push({ path, part: "value", code: "path", message: `${nameOfPath(path)} ${message}`, fix });
  }

  /** The path from the repository's root, or null when it is not one inside the repository. */
  function inside(at: Path, written: string, folder: string): string | null {
    if (written.includes("\0") || written.includes("\\")) {
      refuse(at, `has a character that a path may not have: ${JSON.stringify(written)}`, 'write paths with "/"');
      return null;
    }
    if (posix.isAbsolute(written) || /^(?:~|[A-Za-z]:)/u.test(written)) {
      refuse(at, `must be relative, not ${JSON.stringify(written)}`, "write it relative to the repository");
      return null;
    }
    const whole = posix.join(folder, written);
    if (whole === ".." || whole.startsWith("../")) {
      refuse(at, `leaves the repository: ${JSON.stringify(written)}`, "only what is committed can be deployed");
      return null;
    }
    return whole;
  }

  function commands(
    at: Path,
    list: readonly (readonly [string | number, TimedCommand | CheckConfig])[],
    folder: string,
  ): void {
    for (const [key, command] of list) {
      if (typeof command !== "object" || !("command" in command)) continue;
      const where = command.cwd === undefined ? folder : inside([...at, key, "cwd"], command.cwd, folder);
      const report = "report" in command ? command.report : undefined;
      if (typeof report === "object") inside([...at, key, "report", "file"], report.file, where ?? folder);
    }
  }

  function migrations(at: Path, written: Migrations | undefined, base: string): void {
    if (written === undefined) return;
    const [where, path] = typeof written === "string" ? [at, written] : [[...at, "folder"], written.folder];
    const folder = inside(where, path, base);
    if (folder !== null && kindOf(folder) !== "folder")
      refuse(
        where,
        `leads to no folder: ${JSON.stringify(folder)}`,
        "name the folder that holds the migrations, relative to the service's folder",
      );
    if (typeof written === "string") return;
    if (written.sql !== undefined) commands(at, [["sql", written.sql]], base);
    if (written.backup !== undefined) commands(at, [["backup", written.backup]], ".");
  }

  for (const [name, service] of Object.entries(config.services)) {
    const at: Path = ["services", name];
    const folder = inside([...at, "path"], service.path ?? ".", ".");
    if (folder !== null) {
      const kind = kindOf(folder);
      if (kind === "absent")
        refuse(
          [...at, "path"],
          `leads nowhere: there is no folder "${folder}"`,
          "paths are relative to the repository",
        );
      if (kind === "file")
        refuse([...at, "path"], `must be a folder, and "${folder}" is a file`, `write "${posix.dirname(folder)}"`);
      if (kind === "outside")
        refuse(
          [...at, "path"],
          `leaves the repository by a symbolic link: "${folder}"`,
          "only what is committed can be deployed",
        );
    }
    const base = folder ?? ".";
    commands(
      [...at, "prepare"],
      (service.prepare ?? []).map((command, index) => [index, command] as const),
      base,
    );
    commands([...at, "checks"], Object.entries(service.checks ?? {}), base);
    commands(
      [...at, "build", "commands"],
      (service.build?.commands ?? []).map((command, index) => [index, command] as const),
      base,
    );
    migrations([...at, "migrations"], service.migrations, base);
    if (service.build?.output !== undefined) inside([...at, "build", "output"], service.build.output, base);
    (service.build?.inputs ?? []).forEach((input, index) => {
      inside([...at, "build", "inputs", index], input, ".");
    });
  }
  for (const [name, { verify = {} }] of Object.entries(config.environments ?? {}))
    for (const [check, asked] of Object.entries(verify))
      if (typeof asked === "object" && "command" in asked)
        commands(["environments", name, "verify"], [[check, asked]], ".");
  return findings;
}

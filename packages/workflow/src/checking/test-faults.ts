import type { SourcePlace } from "../model/place.ts";
import type { Step } from "../model/step.ts";
import { commandOf, endOfBlock, type FaultFinder, indent, stepsJobs } from "./found-fault.ts";

/** F10: `poetry run` at the root, after the projects were installed below it. */
export const poetryAtTheRoot: FaultFinder = ({ jobs }, lines) =>
  stepsJobs(jobs).flatMap(({ steps, defaults }) => {
    const installed = installedProjects(steps).map(({ folder }) => folder);
    if (installed.length === 0 || defaults.workingDirectory !== undefined) return [];
    return steps.flatMap((step) => {
      const command = commandOf(step).trim();
      const at = /^poetry\s+run\s+(?<tool>\S+)(?:\s+(?<path>[^\s-]\S*))?(?<rest>.*)$/u.exec(command)?.groups;
      if (step.kind !== "run" || at === undefined || step.workingDirectory !== undefined) return [];
      const { tool = "", path, rest = "" } = at;
      const folder =
        installed.find((one) => path === one || path?.startsWith(`${one}/`) === true) ?? installed[0] ?? "";
      const inside = path === undefined || path === folder ? "" : ` ${path.slice(folder.length + 1)}`;
      const line = lines[step.run.place.line - 1] ?? "";
      const key = /^(\s*(?:- )?)run: (.*)$/u.exec(line);
      return [
        {
          rule: "poetry-at-the-root" as const,
          message: `\`poetry run\` looks for a project at the root, and the one that was installed is in ${folder}`,
          place: step.run.place,
          hint: `Run it in ${folder}: \`working-directory: ${folder}\`.`,
          ...(key === null || key[2]?.trim() !== command
            ? {}
            : {
                edits: [
                  {
                    after: step.run.place.line - 1,
                    remove: 1,
                    insert: [
                      `${key[1] ?? ""}run: poetry run ${tool}${inside}${rest}`,
                      `${indent(step.place.column)}working-directory: ${folder}`,
                    ],
                  },
                ],
              }),
        },
      ];
    });
  });

/** F11: something is installed for its tests, which then nobody runs. */
export const installedNeverTested: FaultFinder = ({ jobs }, lines) =>
  stepsJobs(jobs).flatMap(({ steps }) => {
    const tests = steps.filter((step) => /\b(?:pytest|test|unittest|tox|nox)\b/u.test(commandOf(step)));
    const last = tests.at(-1);
    return installedProjects(steps)
      .filter(({ folder }) => !tests.some((step) => mentions(step, folder)))
      .map(({ folder, place }) => ({
        rule: "installed-never-tested" as const,
        message: `${folder} is installed, and nothing tests it`,
        place,
        hint: `Run its tests: \`poetry run pytest\` in ${folder}.`,
        ...(last === undefined
          ? {}
          : {
              edits: [
                {
                  after: endOfBlock(lines, last.place.line, last.place.column - 1),
                  insert: [
                    `${indent(last.place.column - 2)}- run: poetry run pytest`,
                    `${indent(last.place.column)}working-directory: ${folder}`,
                  ],
                },
              ],
            }),
      }));
  });

interface InstalledProject {
  readonly folder: string;
  readonly place: SourcePlace;
}

function installedProjects(steps: readonly Step[]): readonly InstalledProject[] {
  return steps.flatMap((step) => {
    const folder = /poetry\s+install\b.*?(?:--directory|-C)[=\s]+(\S+)/u.exec(commandOf(step))?.[1];
    return folder === undefined || step.kind !== "run" ? [] : [{ folder, place: step.run.place }];
  });
}

function mentions(step: Step, folder: string): boolean {
  const where = step.kind === "run" && step.workingDirectory?.kind === "literal" ? step.workingDirectory.text : "";
  return commandOf(step).includes(folder) || where === folder || where.startsWith(`${folder}/`);
}

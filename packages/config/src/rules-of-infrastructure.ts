import { posix } from "node:path";
import { dependencyOrder } from "@fairway/core";
import { reservedVariable } from "./forms.ts";
import type { Path } from "./path.ts";
import type { Finding } from "./problems.ts";
import { didYouMean, valueFinding } from "./problems.ts";
import type { InfrastructureConfig } from "./project-config.ts";
import type { RuleFacts } from "./rules.ts";

/** Stacks name what there is, lie in the repository, and have an order. */
export function infrastructureRules(facts: RuleFacts): readonly Finding[] {
  const stacks = Object.entries(facts.config.infrastructure ?? {});
  const names = stacks.map(([name]) => name);
  return [
    ...stacks.flatMap(([name, stack]) => [
      ...folderFindings(facts, name, stack),
      ...nameFindings(facts, name, stack, names),
      ...outputFindings(facts, name, stack),
      ...programFindings(name, stack),
    ]),
    ...circleFindings(stacks),
  ];
}

function folderFindings(
  { kindOf }: RuleFacts,
  name: string,
  { folder, varFiles = [], environments = {} }: InfrastructureConfig,
): readonly Finding[] {
  const files: readonly (readonly [Path, string])[] = [
    ...varFiles.map((file, index) => [["infrastructure", name, "varFiles", index] as Path, file] as const),
    ...Object.entries(environments).flatMap(([environment, placed]) =>
      (placed.varFiles ?? []).map(
        (file, index) =>
          [["infrastructure", name, "environments", environment, "varFiles", index] as Path, file] as const,
      ),
    ),
  ];
  const at: Path = ["infrastructure", name, "folder"];
  const whole = inside(folder, ".");
  if (whole === null)
    return [valueFinding(at, "path", `folder leaves the repository: ${JSON.stringify(folder)}`, stays)];
  if (kindOf(whole) !== "folder")
    return [valueFinding(at, "path", `folder leads to no folder: ${JSON.stringify(folder)}`, relative)];
  return files.flatMap(([path, file]) => {
    const found = inside(file, whole);
    if (found === null) return [valueFinding(path, "path", `leaves the repository: ${JSON.stringify(file)}`, stays)];
    return kindOf(found) === "file"
      ? []
      : [
          valueFinding(
            path,
            "path",
            `there is no file "${found}"`,
            "paths of variable files are relative to the folder",
          ),
        ];
  });
}

const stays = "only what is committed can be planned";
const relative = "paths are relative to the repository";

function inside(written: string, folder: string): string | null {
  if (posix.isAbsolute(written) || written.includes("\0")) return null;
  const whole = posix.join(folder, written);
  return whole === ".." || whole.startsWith("../") ? null : whole;
}

function nameFindings(
  { names }: RuleFacts,
  name: string,
  { after = [], environments = {} }: InfrastructureConfig,
  stacks: readonly string[],
): readonly Finding[] {
  return [
    ...after
      .map((to, index) => ({ to, path: ["infrastructure", name, "after", index] as Path }))
      .filter(({ to }) => !stacks.includes(to))
      .map(({ to, path }) => valueFinding(path, "unknown_name", `there is no stack "${to}"`, didYouMean(to, stacks))),
    ...Object.keys(environments)
      .filter((to) => !names.environments.includes(to))
      .map((to) => ({
        ...valueFinding(
          ["infrastructure", name, "environments", to],
          "unknown_name",
          `there is no environment "${to}"`,
          didYouMean(to, names.environments),
        ),
        part: "key" as const,
      })),
  ];
}

function outputFindings(
  { names }: RuleFacts,
  stack: string,
  { outputs = {} }: InfrastructureConfig,
): readonly Finding[] {
  return Object.entries(outputs).flatMap(([variable, given]) => {
    const path: Path = ["infrastructure", stack, "outputs", variable];
    const why = reservedVariable(variable);
    const services = typeof given === "string" ? [] : (given.services ?? []);
    return [
      ...(why === null
        ? []
        : [
            {
              ...valueFinding(path, "reserved", `${variable} cannot be set: ${why}`, "choose another name"),
              part: "key" as const,
            },
          ]),
      ...services
        .map((to, index) => ({ to, at: [...path, "services", index] as Path }))
        .filter(({ to }) => !names.services.includes(to))
        .map(({ to, at }) =>
          valueFinding(at, "unknown_name", `there is no service "${to}"`, didYouMean(to, names.services)),
        ),
    ];
  });
}

/** What only Terraform and OpenTofu can be given. */
function programFindings(name: string, stack: InfrastructureConfig): readonly Finding[] {
  if (typeof stack.program !== "object") return [];
  const theirs = (["workspace", "varFiles", "backend", "outputs", "drift", "ignore"] as const).filter(
    (key) => stack[key] !== undefined,
  );
  const exits = stack.program.exitCodes;
  const both = (exits?.nothing ?? [0]).filter((code) => (exits?.changes ?? [2]).includes(code));
  return [
    ...theirs.map((key) => ({
      ...valueFinding(
        ["infrastructure", name, key],
        "impossible",
        `${key} is only for Terraform and OpenTofu, and "${name}" is commands`,
        "take it out, or tell the commands by `env`",
      ),
      part: "key" as const,
    })),
    ...(both.length === 0
      ? []
      : [
          valueFinding(
            ["infrastructure", name, "program", "exitCodes"],
            "impossible",
            `exit code ${both.join(", ")} says both that there is nothing to do and that there is something`,
            "give each its own",
          ),
        ]),
  ];
}

function circleFindings(stacks: readonly (readonly [string, InfrastructureConfig])[]): readonly Finding[] {
  const ordering = dependencyOrder(stacks.map(([name, { after = [] }]) => ({ name, dependsOn: after })));
  if (ordering.possible) return [];
  const [first = ""] = ordering.circle;
  return [
    valueFinding(
      ["infrastructure", first, "after"],
      "cycle",
      `stacks come after each other in a circle: ${ordering.circle.join(" → ")}`,
      "take one of them out",
    ),
  ];
}

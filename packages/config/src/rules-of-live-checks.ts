import { posix } from "node:path";
import { nameOfPath, type Path } from "./path.ts";
import { didYouMean, type Finding } from "./problems.ts";
import type { EnvironmentCheck, EnvironmentConfig } from "./project-config.ts";
import type { RuleFacts } from "./rules.ts";

/** Files that checks of what runs read, services that they name, and watching for what nobody watches. */
export const liveCheckRules = (facts: RuleFacts): readonly Finding[] =>
  Object.entries(facts.config.environments ?? {}).flatMap(([name, environment]) => [
    ...Object.entries(environment.verify ?? {}).flatMap(([check, asked]) =>
      ofCheck(facts, ["environments", name, "verify", check], asked),
    ),
    ...Object.entries(environment.synthetics ?? {}).flatMap(([journey, { journey: file }]) =>
      ofJourney(facts, ["environments", name, "synthetics", journey, "journey"], file),
    ),
    ...ofBake(facts, ["environments", name, "bake"], environment),
  ]);

function ofCheck(facts: RuleFacts, at: Path, asked: EnvironmentCheck): readonly Finding[] {
  if (typeof asked === "string" || Array.isArray(asked)) return [];
  const written = asked as Exclude<EnvironmentCheck, string | readonly string[]>;
  if ("collection" in written)
    return [
      ...leadsTo(facts, [...at, "collection"], written.collection, ["file", "folder"]),
      ...(written.variables === undefined ? [] : leadsTo(facts, [...at, "variables"], written.variables, ["file"])),
      ...(written.data === undefined ? [] : leadsTo(facts, [...at, "data"], written.data, ["file"])),
    ];
  if ("http" in written)
    return [written.http].flat().flatMap((file, index) => {
      const here: Path = Array.isArray(written.http) ? [...at, "http", index] : [...at, "http"];
      const isKnown = /\.(?:hurl|http|rest)$/u.test(file);
      return isKnown
        ? leadsTo(facts, here, file, ["file"])
        : [
            problem(
              here,
              `names a file of a kind that nobody runs: "${file}"`,
              "name files that end with .hurl or .http",
            ),
          ];
    });
  if ("journey" in written) return ofJourney(facts, [...at, "journey"], written.journey);
  if ("smoke" in written)
    return (written.smoke === true ? [] : (written.smoke.services ?? [])).flatMap((service, index) =>
      ofService(facts, [...at, "smoke", "services", index], service),
    );
  return "load" in written && written.load.service !== undefined
    ? ofService(facts, [...at, "load", "service"], written.load.service)
    : [];
}

function ofJourney(facts: RuleFacts, at: Path, file: string): readonly Finding[] {
  return /\.(?:ya?ml|json|m?js)$/u.test(file)
    ? leadsTo(facts, at, file, ["file"])
    : [problem(at, `names a file that is no journey: "${file}"`, "name one that ends with .yaml, .json or .mjs")];
}

const ofService = ({ names }: RuleFacts, at: Path, service: string): readonly Finding[] =>
  names.services.includes(service)
    ? []
    : [
        {
          path: at,
          part: "value",
          code: "unknown_name",
          message: `there is no service "${service}"`,
          fix: didYouMean(service, names.services),
        },
      ];

/** Without a journey nothing would be looked at meanwhile. */
const ofBake = (
  { incomplete }: RuleFacts,
  at: Path,
  { bake, synthetics = {} }: EnvironmentConfig,
): readonly Finding[] =>
  bake === undefined || incomplete || Object.keys(synthetics).length > 0
    ? []
    : [
        {
          path: at,
          part: "value",
          code: "impossible",
          message: "there is nothing to watch: the environment has no synthetics",
          fix: "name a journey under synthetics, or take bake out",
        },
      ];

function leadsTo(
  { kindOf }: RuleFacts,
  at: Path,
  written: string,
  wanted: readonly ("file" | "folder")[],
): readonly Finding[] {
  const path = posix.normalize(written);
  if (posix.isAbsolute(path) || path === ".." || path.startsWith("../") || /[\0\\]/u.test(written))
    return [
      problem(at, `leaves the repository: ${JSON.stringify(written)}`, "only what is committed can be asked with"),
    ];
  const kind = kindOf(path.replace(/\/$/u, ""));
  return kind === "file" || kind === "folder"
    ? wanted.includes(kind)
      ? []
      : [problem(at, `must be a ${wanted.join(" or a ")}, and "${path}" is a ${kind}`, "name another")]
    : [problem(at, `leads nowhere: there is no file "${path}"`, "paths are relative to the repository")];
}

const problem = (path: Path, message: string, fix: string): Finding => ({
  path,
  part: "value",
  code: "path",
  message: `${nameOfPath(path)} ${message}`,
  fix,
});

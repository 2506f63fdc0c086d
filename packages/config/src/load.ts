import { realpathSync, statSync } from "node:fs";
import { join } from "node:path";
import { FairwayError, type Project } from "@fairway/core";
import { findConfigurations } from "./find-configuration.ts";
import { withoutForbiddenKeys } from "./forbidden-keys.ts";
import { loadCalendar } from "./freeze-times.ts";
import type { Setting } from "./ledger.ts";
import { isRecord, textOfPath } from "./path.ts";
import type { Places } from "./places.ts";
import { type Finding, type Problem, type ProblemCode, sortProblems } from "./problems.ts";
import { readProgram } from "./program-source.ts";
import { leaves, readText } from "./read-text.ts";
import { resolveProject } from "./resolve.ts";
import { ruleFindings } from "./rules.ts";
import type { PathKind } from "./rules-of-paths.ts";
import { schemaFindings } from "./schema-findings.ts";
import { usablePart } from "./usable-part.ts";
import { readYaml } from "./yaml-source.ts";

/** A configuration that was read: the project, or everything that is wrong with it. */
export type Loaded = LoadedProject | { readonly ok: false; readonly problems: readonly Problem[] };

/** A configuration without problems, and where each of its values came from. */
export interface LoadedProject {
  readonly ok: true;
  readonly project: Project;
  /** Relative to the directory. */
  readonly file: string;
  readonly settings: ReadonlyMap<string, Setting>;
  readonly places: Places;
}

/**
 * Reads the configuration of a repository. It changes nothing there. Throws `config_not_found` when there is none; a
 * configuration that is wrong is an answer, with all its problems.
 */
export async function loadProject(directory: string, options: { readonly file?: string } = {}): Promise<Loaded> {
  const root = realpathSync(directory);
  const found = options.file === undefined ? findConfigurations(root) : [options.file];
  const [file, second] = found;
  if (file === undefined)
    throw new FairwayError("config_not_found", `there is no fairway.config.ts and no fairway.yaml in ${directory}`, {
      hint: "run `fairway init` to write one",
    });
  if (second !== undefined)
    return failed(
      file,
      "duplicate",
      `there is also ${found.slice(1).join(" and ")}, and one configuration is enough`,
      "keep one and delete the rest",
    );

  const read = readText(root, file, "the configuration");
  if ("problem" in read) return { ok: false, problems: [read.problem] };
  const source = /\.[mc]?[jt]s$/u.test(file) ? await readProgram(root, file, read.text) : readYaml(read.text);
  if (!source.readable)
    return {
      ok: false,
      problems: sortProblems(source.problems.map((problem) => ({ file, path: "", ...problem }))),
    };
  return judge(root, file, source.data, source.places, source.findings);
}

/** Checks form and rules, and fills in the defaults when there is nothing to say. */
async function judge(
  root: string,
  file: string,
  data: unknown,
  places: Places,
  evaluated: readonly Finding[],
): Promise<Loaded> {
  const { data: clean, findings: forbidden } = withoutForbiddenKeys(data);
  const form = schemaFindings(clean, (path) => places.textAt(path));
  // What is no data is absent now; that it is missing too would be said twice.
  const told = new Set([...evaluated, ...forbidden].map(({ path }) => textOfPath(path)));
  const findings = [...evaluated, ...forbidden, ...form.filter(({ path }) => !told.has(textOfPath(path)))];
  const config = usablePart(clean);
  if (config === null) return problemsOf(file, places, findings);
  if (Object.values(config.environments ?? {}).some(({ freezes }) => freezes !== undefined)) await loadCalendar();
  const resolved = resolveProject(config);
  findings.push(
    ...ruleFindings({
      config,
      resolved,
      names: { services: keysAt(clean, "services"), environments: keysAt(clean, "environments") },
      incomplete: findings.length > 0,
      kindOf: (path) => kindOf(root, path),
    }),
  );
  if (findings.length > 0) return problemsOf(file, places, findings);
  return { ok: true, project: resolved.project, file, settings: resolved.settings, places };
}

/** Nobody reads more, and whoever made them on purpose would keep us busy looking up their places. */
const mostProblems = 200;

function problemsOf(file: string, places: Places, findings: readonly Finding[]): Loaded {
  const problems = findings.slice(0, mostProblems).map(({ path, part, code, message, fix }): Problem => ({
    file,
    ...places.find(path, part),
    path: textOfPath(path),
    code,
    message,
    ...(fix === undefined ? {} : { fix }),
  }));
  return { ok: false, problems: sortProblems(problems) };
}

function failed(file: string, code: ProblemCode, message: string, fix: string): Loaded {
  return { ok: false, problems: [{ file, line: 1, column: 1, path: "", code, message, fix }] };
}

function kindOf(root: string, path: string): PathKind {
  const whole = join(root, path);
  const stats = statSync(whole, { throwIfNoEntry: false });
  if (stats === undefined) return "absent";
  if (leaves(root, realpathSync(whole))) return "outside";
  return stats.isDirectory() ? "folder" : "file";
}

const keysAt = (data: unknown, key: string): readonly string[] =>
  isRecord(data) && isRecord(data[key]) ? Object.keys(data[key]) : [];

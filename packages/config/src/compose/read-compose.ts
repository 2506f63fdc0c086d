import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Path } from "../path.ts";
import { isRecord, textOfPath } from "../path.ts";
import type { Place } from "../places.ts";
import type { Problem, ProblemCode } from "../problems.ts";
import { didYouMean, sortProblems } from "../problems.ts";
import { readText } from "../read-text.ts";
import { readYaml } from "../yaml-source.ts";
import type { Refuse } from "./compose-shape.ts";
import { checkShape } from "./compose-shape.ts";
import { textOf } from "./compose-values.ts";
import type { Interpolated } from "./interpolate.ts";
import { interpolate } from "./interpolate.ts";

/** A service as compose would run it, with the files laid over each other and the variables replaced. */
export interface ComposeService {
  readonly name: string;
  readonly keys: Readonly<Record<string, unknown>>;
}

/** What compose files say together. */
export interface Compose {
  readonly files: readonly string[];
  readonly services: readonly ComposeService[];
  /** What stands at the top beside the services. */
  readonly top: Readonly<Record<string, unknown>>;
  /** Variables in the text of a place that have no default. */
  unsetAt(path: Path): readonly string[];
  /** Where a path was written, in the file that had the last word. */
  placeOf(path: Path): Place & { readonly file: string };
}

/** The outcome of reading: null when there is no compose file. */
export type ComposeRead =
  | null
  | { readonly ok: true; readonly compose: Compose }
  | { readonly ok: false; readonly problems: readonly Problem[] };

const bases = ["compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"];

interface OneFile {
  readonly file: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly unset: ReadonlyMap<string, readonly string[]>;
  find(path: Path): Place | null;
}

/** Reads the compose file of a folder, and the override beside it, as `docker compose` does without options. */
export function readCompose(root: string): ComposeRead {
  const base = bases.find((file) => existsSync(join(root, file)));
  if (base === undefined) return null;
  const override = [base.replace(/\.ya?ml$/u, ".override.yaml"), base.replace(/\.ya?ml$/u, ".override.yml")].find(
    (file) => existsSync(join(root, file)),
  );
  const problems: Problem[] = [];
  const read = [base, ...(override === undefined ? [] : [override])].flatMap((file) => {
    const one = readOne(root, file, problems);
    return one === null ? [] : [one];
  });
  if (problems.length > 0) return { ok: false, problems: sortProblems(problems) };
  const merged = read.map(({ data }) => data).reduce((under, over) => laidOver(under, over, []) as typeof under, {});
  const { services = {}, ...top } = merged;
  const last = (path: Path): OneFile | undefined => read.findLast((one) => one.find(path) !== null);
  const compose: Compose = {
    files: read.map(({ file }) => file),
    top,
    services: Object.entries(services as object).map(([name, keys]) => ({
      name,
      keys: keys as ComposeService["keys"],
    })),
    unsetAt: (path) => read.findLast(({ unset }) => unset.has(textOfPath(path)))?.unset.get(textOfPath(path)) ?? [],
    // Of what only both together say, an element of a list say, the place of what is around it.
    placeOf: (path) => {
      for (let at = path; ; at = at.slice(0, -1)) {
        const one = last(at);
        const place = one?.find(at);
        if (one !== undefined && place !== null && place !== undefined) return { file: one.file, ...place };
        if (at.length === 0) return { file: base, line: 1, column: 1 };
      }
    },
  };
  if (compose.services.length === 0 && merged["include"] === undefined)
    return {
      ok: false,
      problems: [
        {
          ...compose.placeOf([]),
          path: "",
          code: "missing",
          message: "there are no services",
          fix: "services:\n  web:\n    build: .",
        },
      ],
    };
  const unknown = unknownNames(compose);
  return unknown.length > 0 ? { ok: false, problems: unknown } : { ok: true, compose };
}

/** Names of services that are in none of the files. */
function unknownNames({ services, placeOf }: Compose): readonly Problem[] {
  const known = services.map(({ name }) => name);
  return services.flatMap(({ name, keys }) =>
    Object.keys(asObject(keys["depends_on"]))
      .filter((other) => !known.includes(other))
      .map((other) => {
        const path: Path = ["services", name, "depends_on", other];
        const list: Path = ["services", name, "depends_on"];
        const fix = didYouMean(other, known);
        return {
          ...placeOf(list),
          path: textOfPath(path),
          code: "unknown_name" as const,
          message: `depends_on of ${name} names ${other}, and there is no such service`,
          ...(fix === undefined ? {} : { fix }),
        };
      }),
  );
}

function readOne(root: string, file: string, problems: Problem[]): OneFile | null {
  const add = (place: Place, path: Path, code: ProblemCode, message: string, fix?: string): void =>
    void problems.push({
      file,
      ...place,
      path: textOfPath(path),
      code,
      message,
      ...(fix === undefined ? {} : { fix }),
    });
  const before = problems.length;
  const read = readText(root, file, "the compose file");
  if ("problem" in read) {
    problems.push(read.problem);
    return null;
  }
  const source = readYaml(read.text);
  if (!source.readable) {
    for (const { line, column, code, message, fix } of source.problems) add({ line, column }, [], code, message, fix);
    return null;
  }
  const { places } = source;
  const refuse: Refuse = (path, part, code, message, fix) => {
    add(places.find(path, part), path, code, message, fix);
  };
  const unset = new Map<string, readonly string[]>();
  const data = interpolated(source.data, [], unset, refuse);
  checkShape(data, refuse);
  if (problems.length > before) return null;
  return {
    file,
    data: data as OneFile["data"],
    unset,
    find: (path) => (isThere(data, path) ? places.find(path, "key") : null),
  };
}

/** Every text with its variables replaced; keys are left as they are, as compose leaves them. */
function interpolated(
  value: unknown,
  path: Path,
  unset: Map<string, readonly string[]>,
  refuse: Refuse,
  around: readonly object[] = [],
): unknown {
  if (typeof value === "object" && value !== null) {
    if (around.includes(value)) {
      refuse(path, "value", "not_data", "an alias (*name) stands for something around it", "write it out");
      return null;
    }
    const within = (held: unknown, key: string | number): unknown =>
      interpolated(held, [...path, key], unset, refuse, [...around, value]);
    return Array.isArray(value)
      ? value.map(within)
      : Object.fromEntries(Object.entries(value).map(([key, held]) => [key, within(held, key)]));
  }
  if (typeof value !== "string" || !value.includes("$")) return value;
  const done: Interpolated = interpolate(value);
  if ("problem" in done) {
    refuse(path, "value", "wrong_value", done.problem, done.fix);
    return value;
  }
  if (done.unset.length > 0) unset.set(textOfPath(byName(path, value)), done.unset);
  return done.text;
}

/** `environment[2]` is that of its name, so that it is found in either form. */
function byName(path: Path, value: string): Path {
  const isListed = path.at(-2) === "environment" && typeof path.at(-1) === "number";
  return isListed ? [...path.slice(0, -1), value.split("=", 1)[0] ?? ""] : path;
}

/** Lists that another file adds to; everything else that is no object is replaced. */
const added = new Set(["ports", "expose", "volumes", "env_file", "configs", "secrets", "dns", "tmpfs"]);

/** https://github.com/compose-spec/compose-spec/blob/main/13-merge.md */
function laidOver(under: unknown, over: unknown, path: Path): unknown {
  const key = path.at(-1);
  if (path.length === 3 && (key === "environment" || key === "labels"))
    return { ...asObject(under), ...asObject(over) };
  if (path.length === 3 && key === "depends_on") return { ...asObject(under), ...asObject(over) };
  if (path.length === 3 && typeof key === "string" && added.has(key)) return [...asList(under), ...asList(over)];
  if (!isRecord(under) || !isRecord(over)) return over ?? under;
  const keys = [...new Set([...Object.keys(under), ...Object.keys(over)])];
  return Object.fromEntries(
    keys.map((name) => [
      name,
      name in under && name in over ? laidOver(under[name], over[name], [...path, name]) : (over[name] ?? under[name]),
    ]),
  );
}

const asList = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];

/** `["A=1", "B"]` as `{ A: "1", B: null }`. */
export function asObject(value: unknown): Readonly<Record<string, unknown>> {
  if (isRecord(value)) return value;
  if (!Array.isArray(value)) return {};
  return Object.fromEntries(
    value.map((one) => {
      const text = textOf(one);
      const at = text.indexOf("=");
      return at === -1 ? [text, null] : [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}

function isThere(data: unknown, path: Path): boolean {
  let at = data;
  for (const part of path) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, part)) return false;
    at = (at as Readonly<Record<string | number, unknown>>)[part];
  }
  return true;
}

import type { z } from "zod";
import { isRecord, nameOfPath, type Path, valueAt } from "./path.ts";
import { didYouMean, nearestName, type Finding, type ProblemCode } from "./problems.ts";
import { projectSchema } from "./schema.ts";

/** Of one object; whoever wrote more unknown keys than this has another file in mind. */
const mostKeys = 50;

type Issue = z.core.$ZodIssue;

/** What a form has against data, as findings for people; that of a configuration when none is named. */
export function schemaFindings(
  data: unknown,
  textAt: (path: Path) => string | undefined,
  schema: z.ZodType = projectSchema,
): readonly Finding[] {
  const parsed = schema.safeParse(data);
  return parsed.success ? [] : parsed.error.issues.flatMap((issue) => findingsOf(issue, [], data, textAt, schema));
}

function findingsOf(
  issue: Issue,
  around: Path,
  data: unknown,
  textAt: (path: Path) => string | undefined,
  schema: z.ZodType,
): readonly Finding[] {
  const path: Path = [...around, ...(issue.path as Path)];
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.slice(0, mostKeys).map((key) => unknownKey(path, key, schema));
    case "invalid_union": {
      // The form whose kind of value was written is the one that was meant; its complaints are the ones that help.
      const ofThatKind = issue.errors.filter((errors) => !errors.some(isOfAnotherKind));
      const named = ofThatKind.find((errors) => !errors.some((inner) => lacksItsKey(inner, path, data)));
      const meant = named ?? (ofThatKind.length === 1 ? ofThatKind[0] : undefined);
      if (meant !== undefined) return meant.flatMap((inner) => findingsOf(inner, path, data, textAt, schema));
      const unknown = unknownKeys(path, data, schema);
      return unknown.length > 0
        ? unknown.map((key) => unknownKey(path, key, schema, `${nameOfPath(path)} ${issue.message}`))
        : [wrongValue(path, issue.message, data, textAt)];
    }
    case "invalid_key":
      return [
        {
          path,
          part: "key",
          code: "wrong_value",
          message: `"${String(path.at(-1))}" ${issue.issues[0]?.message ?? "is not a good name"}`,
        },
      ];
    case "custom": {
      const params = issue.params as { code?: ProblemCode; fix?: string } | undefined;
      if (params?.code === undefined) return [wrongValue(path, issue.message, data, textAt)];
      return [
        { path, part: "value", code: params.code, message: `${nameOfPath(path)} ${issue.message}`, fix: params.fix },
      ];
    }
    default:
      return [wrongValue(path, issue.message, data, textAt)];
  }
}

/** With what may be there instead, where no known key is near. */
function unknownKey(path: Path, key: string, schema: z.ZodType, instead?: string): Finding {
  const known = knownKeys(path, schema);
  return {
    path: [...path, key],
    part: "key",
    code: "unknown_key",
    message: `unknown key "${key}"${path.length === 0 ? "" : ` in ${nameOfPath(path)}`}`,
    fix: nearestName(key, known) === undefined ? (instead ?? didYouMean(key, known)) : didYouMean(key, known),
  };
}

/** Of an object that may have one of several forms: the keys that none of them has. */
function unknownKeys(path: Path, data: unknown, schema: z.ZodType): readonly string[] {
  const [given, known] = [valueAt(data, path), knownKeys(path, schema)];
  return isRecord(given) ? Object.keys(given).filter((key) => !known.includes(key)) : [];
}

/** Whether the form is told apart by a key that is not there. */
const lacksItsKey = (issue: Issue, around: Path, data: unknown): boolean =>
  issue.path.length === 1 &&
  issue.code === "invalid_type" &&
  valueAt(data, [...around, ...(issue.path as Path)]) === undefined;

/** Whether the complaint is that another kind of value was expected. */
function isOfAnotherKind(issue: Issue): boolean {
  if (issue.path.length > 0) return false;
  if (issue.code === "invalid_union") return issue.errors.every((errors) => errors.some(isOfAnotherKind));
  return issue.code === "invalid_type" || issue.code === "invalid_value";
}

function wrongValue(path: Path, must: string, data: unknown, textAt: (path: Path) => string | undefined): Finding {
  const given = valueAt(data, path);
  const name = nameOfPath(path);
  if (given === undefined || (given === null && path.length === 0))
    return {
      path,
      part: "value",
      code: "missing",
      message:
        path.length === 0 ? "the configuration is empty" : `${nameOfPath(path.slice(0, -1))} needs "${path.at(-1)}"`,
      fix: path.length === 0 ? 'it needs at least "name" and "services"' : `${name} ${must}`,
    };
  const fix =
    given === null && /must be an object/u.test(must)
      ? "write {} when the defaults will do"
      : typeof given === "string" && /whole number/u.test(must) && /^\d+$/u.test(given)
        ? `write ${given} without quotes`
        : (typeof given === "number" || typeof given === "boolean") && /must be a text/u.test(must)
          ? `put it in quotes: "${textAt(path) ?? String(given)}"`
          : undefined;
  // What stands where a secret is to be named may be its value.
  const instead = /\bname\b.* of a secret/u.test(must) ? "" : `, not ${shown(given)}`;
  return { path, part: "value", code: "wrong_value", message: `${name} ${must}${instead}`, fix };
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  if (isRecord(value)) return Object.keys(value).length === 0 ? "an empty object" : "an object";
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

/** The keys that mean something at a path of the configuration. */
function knownKeys(path: Path, schema: z.ZodType): readonly string[] {
  return [...new Set(path.reduce<readonly z.ZodType[]>(step, [schema]).flatMap(keysOf))];
}

function keysOf(schema: z.ZodType): readonly string[] {
  const definition = definitionOf(schema);
  switch (definition.type) {
    case "object":
      return Object.keys(definition.shape ?? {});
    case "optional":
    case "nullable":
      return definition.innerType ? keysOf(definition.innerType) : [];
    case "union":
      return (definition.options ?? []).flatMap(keysOf);
    default:
      return [];
  }
}

function step(schemas: readonly z.ZodType[], part: string | number): readonly z.ZodType[] {
  return schemas.flatMap((schema) => {
    const definition = definitionOf(schema);
    switch (definition.type) {
      case "object": {
        const inner = definition.shape?.[part];
        return inner ? [inner] : [];
      }
      case "record":
        return definition.valueType ? [definition.valueType] : [];
      case "array":
        return definition.element ? [definition.element] : [];
      case "optional":
      case "nullable":
        return definition.innerType ? step([definition.innerType], part) : [];
      case "union":
        return step(definition.options ?? [], part);
      default:
        return [];
    }
  });
}

interface Definition {
  readonly type: string;
  readonly shape?: Readonly<Record<string, z.ZodType>>;
  readonly innerType?: z.ZodType;
  readonly valueType?: z.ZodType;
  readonly element?: z.ZodType;
  readonly options?: readonly z.ZodType[];
}

/** What a schema is made of; zod tells it in `_zod.def`, differently typed for each kind. */
const definitionOf = (schema: z.ZodType): Definition => schema._zod.def;

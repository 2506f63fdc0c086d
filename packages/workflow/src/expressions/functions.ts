import type { JsonValue } from "../model/json.ts";
import type { FunctionDefinition } from "../reading/github-entry.ts";
import { type Data, fromData, toData } from "./data.ts";
import { github } from "../reading/github.ts";

/** What the evaluator cannot know by itself: how the job stands so far, and the files of its folder. */
export interface ExpressionFunctions {
  /** True unless the caller has reasons of its own. */
  readonly always?: () => boolean;
  readonly success?: (...jobs: readonly string[]) => boolean;
  readonly failure?: (...jobs: readonly string[]) => boolean;
  readonly cancelled?: () => boolean;
  /** The SHA-256 of the files that the patterns match, or "" when none does. */
  readonly hashFiles?: (...patterns: readonly string[]) => string;
}

const unlimited = Number.MAX_SAFE_INTEGER;

/** GitHub gives an expression 10 MiB, at two bytes a character. Without a bound a few nested calls fill the memory. */
const longestText = 5 * 1024 * 1024;

/** How much text the functions of one expression may still make. */
class Room {
  #left = longestText;

  take(length: number): void {
    this.#left -= length;
    if (this.#left < 0) throw new Error("The maximum allowed memory size was exceeded");
  }
}

/**
 * For one evaluation: the functions of expressions beyond GitHub's own, and those of GitHub's that lose keys or know no bound.
 */
export function functionTable(given: ExpressionFunctions): ReadonlyMap<string, FunctionDefinition> {
  const room = new Room();
  const textsOf = (args: readonly Data[]): readonly string[] => args.map((arg) => arg.coerceString());
  const definitions = [
    define("always", 0, 0, () => (given.always ?? (() => true))()),
    define("success", 0, unlimited, (args) => (given.success ?? unknown("success"))(...textsOf(args))),
    define("failure", 0, unlimited, (args) => (given.failure ?? unknown("failure"))(...textsOf(args))),
    define("cancelled", 0, 0, () => (given.cancelled ?? unknown("cancelled"))()),
    define("hashfiles", 1, 255, (args) => (given.hashFiles ?? unknown("hashFiles"))(...textsOf(args))),
    define("fromjson", 1, 1, ([text]) => parse(text?.coerceString() ?? "")),
    define("tojson", 1, 1, ([value]) => {
      const text = JSON.stringify(value === undefined ? null : fromData(value), null, 2);
      room.take(text.length);
      return text;
    }),
    boundedCall("format", formattedLength, room),
    boundedCall("join", joinedLength, room),
  ];
  return new Map(definitions.map((definition) => [definition.name, definition]));
}

function define(
  name: string,
  minArgs: number,
  maxArgs: number,
  call: (args: readonly Data[]) => JsonValue,
): FunctionDefinition {
  return { name, minArgs, maxArgs, call: (...args: Data[]) => toData(call(args)) };
}

/** GitHub's function, unless what it would make is too long. */
function boundedCall(name: string, lengthOf: (args: readonly Data[]) => number, room: Room): FunctionDefinition {
  const { wellKnownFunctions } = github();
  const known = wellKnownFunctions[name];
  if (known === undefined) throw new Error(`GitHub's expressions have no ${name}()`);
  return {
    ...known,
    call: (...args: Data[]) => {
      room.take(lengthOf(args));
      return known.call(...args);
    },
  };
}

function formattedLength([form, ...args]: readonly Data[]): number {
  const text = form?.coerceString() ?? "";
  const lengths = args.map((arg) => arg.coerceString().length);
  let length = text.length;
  for (const [, index] of text.matchAll(/\{(\d+)\}/gu)) length += lengths[Number(index)] ?? 0;
  return length;
}

function joinedLength([list, separator]: readonly Data[]): number {
  if (list === undefined || !("values" in list)) return 0;
  const between = separator?.coerceString().length ?? 1;
  return list.values().reduce((length, item) => length + item.coerceString().length + between, 0);
}

function unknown(name: string): () => never {
  return () => {
    throw new Error(`${name}() is not available here`);
  };
}

function parse(text: string): JsonValue {
  if (text.trim() === "") throw new Error("fromJSON was given an empty text");
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    // The parser's words quote the text, which may be a secret.
    throw new Error("fromJSON was given a text that is not JSON");
  }
}

/** The names that mean something at the start of an expression. */
export const contextNames: readonly string[] = [
  ...["github", "env", "vars", "job", "jobs", "steps", "runner", "secrets", "strategy", "matrix", "needs", "inputs"],
];

/** The syntax tree of an expression, undefined for an empty one; throws GitHub's own error when it cannot be read. */
export function parseExpression(
  source: string,
  functions: ReadonlyMap<string, FunctionDefinition>,
  contexts: readonly string[] = contextNames,
): ReturnType<InstanceType<ReturnType<typeof github>["Parser"]>["parse"]> {
  const { Lexer, Parser } = github();
  return new Parser(new Lexer(source).lex().tokens, [...contexts], [...functions.values()]).parse();
}

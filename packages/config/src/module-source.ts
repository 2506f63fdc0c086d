import { type Expression, type ObjectExpression, parseSync, type Program } from "oxc-parser";
import type { Path } from "./path.ts";
import { placeFinder, type Places } from "./places.ts";
import type { Unreadable } from "./source.ts";

/** What can be known of a configuration program without running it: where its values are written, or its faults. */
export type ModuleSource = { readonly readable: true; readonly places: Places } | Unreadable;

/** Parses a configuration program. */
export function readModule(file: string, text: string): ModuleSource {
  const { program, errors } = parseSync(file, text);
  const placeOf = placeFinder(text);
  if (errors.length > 0)
    return {
      readable: false,
      problems: errors.map(({ message, labels, helpMessage }) => {
        // One label is where the parser stumbled, the others say what was opened before.
        const { line, column } = placeOf(Math.max(0, ...labels.map(({ start }) => start)));
        return {
          line,
          column,
          code: "syntax",
          message: asSentence(message),
          ...(helpMessage ? { fix: helpMessage } : {}),
        };
      }),
    };
  return { readable: true, places: modulePlaces(program, text, placeOf) };
}

const asSentence = (message: string): string => `not valid TypeScript: ${message}`;

interface Spot {
  /** Offset of the key; null in lists and for the whole. */
  readonly key: number | null;
  readonly value: Expression;
}

function modulePlaces(program: Program, text: string, placeOf: ReturnType<typeof placeFinder>): Places {
  const constants = constantsOf(program);
  const root = exported(program);

  /** The expression behind types, parentheses, names of constants and the call of `defineProject`. */
  function follow(expression: Expression, hops = 0): Expression {
    if (hops > 20) return expression;
    switch (expression.type) {
      case "TSAsExpression":
      case "TSSatisfiesExpression":
      case "TSNonNullExpression":
      case "ParenthesizedExpression":
        return follow(expression.expression, hops + 1);
      case "Identifier": {
        const value = constants.get(expression.name);
        return value === undefined ? expression : follow(value, hops + 1);
      }
      case "CallExpression": {
        const [argument] = expression.arguments;
        const defines = expression.callee.type === "Identifier" && expression.callee.name === "defineProject";
        return defines && argument !== undefined && argument.type !== "SpreadElement"
          ? follow(argument, hops + 1)
          : expression;
      }
      default:
        return expression;
    }
  }

  /** Where an object says the key; of several, the last one counts, as when the program runs. */
  function spotIn(object: ObjectExpression, key: string, hops = 0): Spot | undefined {
    for (const property of object.properties.toReversed()) {
      if (property.type === "SpreadElement") {
        const spread = follow(property.argument);
        const found = spread.type === "ObjectExpression" && hops < 20 ? spotIn(spread, key, hops + 1) : undefined;
        if (found !== undefined) return found;
      } else if (keyOf(property) === key) return { key: property.key.start, value: property.value };
    }
    return undefined;
  }

  function locate(path: Path): { readonly spot: Spot | undefined; readonly exact: boolean } {
    let spot: Spot | undefined = root === undefined ? undefined : { key: null, value: root };
    for (const part of path) {
      if (spot === undefined) break;
      const container = follow(spot.value);
      let next: Spot | undefined;
      if (typeof part === "string") next = container.type === "ObjectExpression" ? spotIn(container, part) : undefined;
      else if (container.type === "ArrayExpression") {
        const item = container.elements.some((element) => element?.type === "SpreadElement")
          ? undefined
          : container.elements[part];
        next = item && item.type !== "SpreadElement" ? { key: null, value: item } : undefined;
      }
      if (next === undefined) return { spot, exact: false };
      spot = next;
    }
    return { spot, exact: spot !== undefined };
  }

  return {
    find(path, part) {
      const { spot, exact } = locate(path);
      if (spot === undefined) return { line: 1, column: 1 };
      const keyMeant = (part === "key" || !exact) && spot.key !== null;
      return placeOf(keyMeant ? (spot.key ?? 0) : spot.key === null ? follow(spot.value).start : spot.value.start);
    },
    textAt(path) {
      const { spot, exact } = locate(path);
      return spot !== undefined && exact && spot.value.type === "Literal"
        ? text.slice(spot.value.start, spot.value.end)
        : undefined;
    },
  };
}

function keyOf(
  property: Exclude<ObjectExpression["properties"][number], { type: "SpreadElement" }>,
): string | undefined {
  if (!property.computed && property.key.type === "Identifier") return property.key.name;
  return property.key.type === "Literal" ? String(property.key.value) : undefined;
}

/** The constants of the file's top level. */
function constantsOf(program: Program): ReadonlyMap<string, Expression> {
  const constants = new Map<string, Expression>();
  for (const statement of program.body) {
    const declaration = statement.type === "ExportNamedDeclaration" ? statement.declaration : statement;
    if (declaration?.type !== "VariableDeclaration") continue;
    for (const { id, init } of declaration.declarations)
      if (id.type === "Identifier" && init !== null) constants.set(id.name, init);
  }
  return constants;
}

function exported(program: Program): Expression | undefined {
  for (const statement of program.body) {
    if (statement.type !== "ExportDefaultDeclaration") continue;
    const { declaration } = statement;
    if (declaration.type.endsWith("Declaration")) return undefined;
    return declaration as Expression;
  }
  return undefined;
}

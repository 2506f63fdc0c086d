import { nameOfPath, type Path } from "./path.ts";
import type { Finding } from "./problems.ts";

/** A configuration of a real project has some hundreds of values; this only stops what would never end. */
const mostValues = 100_000;

/**
 * A copy of what a program exported that holds nothing but data, and a finding for each value that is none. An
 * `undefined` in an object is as if the key were not there, so that a key can be left out by a condition.
 */
export function plainData(exported: unknown): { readonly data: unknown; readonly findings: readonly Finding[] } {
  const findings: Finding[] = [];
  let values = 0;

  function refuse(path: Path, what: string, fix?: string): undefined {
    findings.push({
      path,
      part: "value",
      code: "not_data",
      message: `${nameOfPath(path)} is ${what}, and a configuration is plain data`,
      fix,
    });
  }

  function copy(value: unknown, path: Path, around: readonly unknown[]): unknown {
    if (++values > mostValues) {
      if (values === mostValues + 1)
        findings.push({
          path: [],
          part: "value",
          code: "too_large",
          message: `the configuration has more than ${mostValues} values`,
        });
      return undefined;
    }
    switch (typeof value) {
      case "string":
      case "boolean":
        return value;
      case "number":
        return Number.isFinite(value) ? value : refuse(path, String(value));
      case "bigint":
        return refuse(path, "a BigInt", `write ${value} without the n`);
      case "function":
        return refuse(path, "a function", "call it and give its result");
      case "symbol":
        return refuse(path, "a symbol");
      case "undefined":
        return refuse(path, "undefined", "leave it out");
      case "object":
        return value === null ? null : copyObject(value, path, around);
    }
  }

  function copyObject(value: object, path: Path, around: readonly unknown[]): unknown {
    if (around.includes(value)) return refuse(path, "a reference to something around it");
    const within = [...around, value];
    if (Array.isArray(value)) return Array.from(value, (item: unknown, index) => copy(item, [...path, index], within));
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null) return refuse(path, describe(value), fixOf(value));
    if (Object.getOwnPropertySymbols(value).length > 0) return refuse(path, "an object with symbols for keys");
    const kept: [string, unknown][] = [];
    for (const [key, held] of Object.entries(value))
      if (held !== undefined) kept.push([key, copy(held, [...path, key], within)]);
    return Object.fromEntries(kept);
  }

  return { data: copy(exported, [], []), findings };
}

function describe(value: object): string {
  const { constructor } = value;
  const name = typeof constructor === "function" ? constructor.name : "";
  return name === "" ? "an object with a prototype of its own" : `an instance of ${name}`;
}

function fixOf(value: object): string | undefined {
  if (value instanceof Promise) return "await it";
  if (value instanceof Map) return "make an object of it: Object.fromEntries(map)";
  if (value instanceof Set) return "make a list of it: [...set]";
  return undefined;
}

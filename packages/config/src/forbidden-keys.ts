import { unkeepable } from "@fairway/core";
import { nameOfPath, type Path } from "./path.ts";
import type { Finding } from "./problems.ts";

const forbidden = new Set(["__proto__", "constructor", "prototype"]);
const deepest = 64;

/**
 * The data without keys that would reach into the prototypes of objects, and a finding for each that was there, and for each
 * text that nothing can be done with. What is nested deeper than any configuration needs is taken off too.
 */
export function withoutForbiddenKeys(data: unknown): { readonly data: unknown; readonly findings: readonly Finding[] } {
  const findings: Finding[] = [];

  function refuseIn(text: string, path: Path, part: Finding["part"], name: string): boolean {
    const what = unkeepable(text);
    if (what !== undefined)
      findings.push({ path, part, code: "not_data", message: `${name} holds ${what}`, fix: "take it out" });
    return what !== undefined;
  }

  function clean(value: unknown, path: Path): unknown {
    if (typeof value === "string") return refuseIn(value, path, "value", nameOfPath(path)) ? "" : value;
    if (typeof value !== "object" || value === null) return value;
    if (path.length >= deepest) {
      findings.push({
        path,
        part: "value",
        code: "too_large",
        message: `the configuration is nested more than ${deepest} levels deep here`,
      });
      return null;
    }
    if (Array.isArray(value)) return value.map((item, index) => clean(item, [...path, index]));
    const kept: Record<string, unknown> = {};
    for (const [key, held] of Object.entries(value)) {
      if (forbidden.has(key))
        findings.push({
          path: [...path, key],
          part: "key",
          code: "forbidden_key",
          message: `the key "${key}" is not allowed anywhere`,
          fix: "choose another name",
        });
      else if (!refuseIn(key, [...path, key], "key", "a key")) kept[key] = clean(held, [...path, key]);
    }
    return kept;
  }

  return { data: clean(data, []), findings };
}

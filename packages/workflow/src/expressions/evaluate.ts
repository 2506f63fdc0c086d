import { FairwayError, messageOf } from "@fairway/core";
import type { Condition } from "../model/job.ts";
import type { JsonObject, JsonValue } from "../model/json.ts";
import type { Contexts } from "../model/plan.ts";
import type { Template } from "../model/template.ts";
import { github } from "../reading/github.ts";
import { contextData, type Data, fromData, toData } from "./data.ts";
import { contextNames, type ExpressionFunctions, functionTable, parseExpression } from "./functions.ts";

/**
 * Computes a value. An unknown property is null, never an error, as on GitHub; an expression that cannot be read, or a
 * function that refuses, throws `expression_failed`.
 */
export function evaluate(template: Template, contexts: Contexts, functions: ExpressionFunctions = {}): JsonValue {
  switch (template.kind) {
    case "literal":
      return template.value;
    case "expression":
      return evaluateExpression(template.source, contexts, functions);
    case "sequence":
      return template.items.map((item) => evaluate(item, contexts, functions));
    case "mapping":
      return evaluateMapping(template, contexts, functions);
  }
}

/** Computes a value that is used as a text: null is "", numbers and truth values are written out. */
export function evaluateText(template: Template, contexts: Contexts, functions: ExpressionFunctions = {}): string {
  if (template.kind === "literal") return template.text;
  return textOfJson(evaluate(template, contexts, functions));
}

/** Computes the variables of an `env` or the inputs of a `with`: texts by name, in the order of the file. */
export function evaluateTexts(
  template: Template | undefined,
  contexts: Contexts,
  functions: ExpressionFunctions = {},
): Readonly<Record<string, string>> {
  if (template === undefined) return {};
  if (template.kind === "mapping") {
    const texts = template.entries.flatMap(({ key, value }): readonly (readonly [string, string])[] =>
      isInsert(key)
        ? Object.entries(evaluateTexts(value, contexts, functions))
        : [[evaluateText(key, contexts, functions), evaluateText(value, contexts, functions)]],
    );
    return Object.fromEntries(texts);
  }
  const value = evaluate(template, contexts, functions);
  if (!isObject(value)) return {};
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, textOfJson(item)]));
}

/** Whether a job or step has its turn. */
export function evaluateCondition(
  condition: Pick<Condition, "effective">,
  contexts: Contexts,
  functions: ExpressionFunctions = {},
): boolean {
  return isTruthy(evaluateExpression(condition.effective, contexts, functions));
}

/** Computes an expression that stands without `${{ }}`. Throws `expression_failed`. */
export function evaluateExpression(source: string, contexts: Contexts, functions: ExpressionFunctions = {}): JsonValue {
  return fromData(evaluateData(source, contexts, functions));
}

/** What GitHub takes for true: anything but null, false, 0, NaN and "". */
export function isTruthy(value: JsonValue): boolean {
  return value !== null && value !== false && value !== 0 && value !== "" && !Number.isNaN(value);
}

/** A value as a text, as GitHub writes it where a text is wanted. */
export function textOfJson(value: JsonValue): string {
  return toData(value).coerceString();
}

function evaluateData(source: string, contexts: Contexts, given: ExpressionFunctions): Data {
  const functions = functionTable(given);
  const names = [...new Set([...contextNames, ...Object.keys(contexts)])];
  try {
    const tree = parseExpression(source, functions, names);
    // GitHub's evaluator stumbles over an expression without anything in it.
    if ((tree as unknown) === undefined) return toData(null);
    return new (github().Evaluator)(tree, contextData(contexts), new Map(functions)).evaluate();
  } catch (thrown) {
    throw new FairwayError(
      "expression_failed",
      `could not evaluate \${{ ${shortened(source)} }}: ${messageOf(thrown)}`,
      {
        cause: thrown,
      },
    );
  }
}

function evaluateMapping(
  template: Extract<Template, { kind: "mapping" }>,
  contexts: Contexts,
  functions: ExpressionFunctions,
): JsonObject {
  const entries = template.entries.flatMap(({ key, value }): readonly (readonly [string, JsonValue])[] => {
    const computed = evaluate(value, contexts, functions);
    if (!isInsert(key)) return [[evaluateText(key, contexts, functions), computed]];
    return isObject(computed) ? Object.entries(computed) : [];
  });
  return Object.fromEntries(entries);
}

function isInsert(key: Template): boolean {
  return key.kind === "expression" && key.source === "insert";
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function shortened(source: string): string {
  return source.length <= 200 ? source : `${source.slice(0, 200)}…`;
}

import type { Condition, Scalar } from "../model/job.ts";
import type { ExpressionTemplate, LiteralTemplate, MappingTemplate, Template } from "../model/template.ts";
import { type Field, isLiteral, isMapping, isSequence } from "./fields.ts";
import { type Findings, placeOf } from "./findings.ts";
import type { BasicExpressionToken, LiteralToken, TemplateToken } from "./github-entry.ts";
import { github } from "./github.ts";

/** A value of any form, with everything in it kept. */
export function templateOf(token: TemplateToken): Template {
  const place = placeOf(token);
  if (isMapping(token)) {
    const entries = [...token].map(({ key, value }) => ({
      key: key.isExpression ? expressionOf(key) : literalOf(key as LiteralToken),
      value: templateOf(value),
    }));
    return { kind: "mapping", place, entries };
  }
  if (isSequence(token)) return { kind: "sequence", place, items: [...token].map(templateOf) };
  if (isLiteral(token)) return literalOf(token);
  return expressionOf(token);
}

/** One text, number or truth value, written out or computed; a problem when it is a list or a mapping. */
export function scalarOf(field: Field | undefined, findings: Findings): Scalar | undefined {
  if (field === undefined) return undefined;
  const template = templateOf(field.value);
  if (template.kind === "literal" || template.kind === "expression") return template;
  findings.add(template.place, `'${field.key}' is one value, not a list or a mapping`);
  return undefined;
}

/** A mapping, or an expression that computes one. */
export function mappingOf(
  field: Field | undefined,
  findings: Findings,
): MappingTemplate | ExpressionTemplate | undefined {
  if (field === undefined) return undefined;
  const template = templateOf(field.value);
  if (template.kind === "mapping" || template.kind === "expression") return template;
  if (template.kind === "literal" && template.value === null) return undefined;
  findings.add(template.place, `'${field.key}' is a mapping of names to values`);
  return undefined;
}

/** An `if`, as GitHub completes it: `success() && (…)`, unless the syntax tree has a status function. */
export function conditionOf(field: Field | undefined): Condition | undefined {
  if (field === undefined) return undefined;
  const { value } = field;
  const source = (
    value.isExpression ? (value as BasicExpressionToken).expression : (value as LiteralToken).toString()
  ).trim();
  const effective = source === "" ? "success()" : github().ensureStatusFunction(source, value.definitionInfo);
  return { place: placeOf(value), source, effective };
}

function literalOf(token: LiteralToken): LiteralTemplate {
  const value = (token as { readonly value?: string | number | boolean }).value ?? null;
  return { kind: "literal", place: placeOf(token), value, text: value === null ? "" : token.toString() };
}

function expressionOf(token: TemplateToken): ExpressionTemplate {
  // `${{ insert }}` has no expression: it spreads the mapping that is its value into the one around it.
  const source = (token as Partial<BasicExpressionToken>).expression ?? "insert";
  return { kind: "expression", place: placeOf(token), source };
}

import type { SourcePlace } from "../model/place.ts";
import type { Findings } from "./findings.ts";
import { placeOf } from "./findings.ts";
import type { LiteralToken, MappingToken, SequenceToken, StringToken, TemplateToken } from "./github-entry.ts";
import { github } from "./github.ts";

/** One entry of a mapping whose key is written out. */
export interface Field {
  readonly key: string;
  readonly keyPlace: SourcePlace;
  readonly value: TemplateToken;
}

/**
 * The entries of a mapping, by key. Whoever reads a mapping says which keys it knows; any other becomes a problem, so
 * that nothing in a file can be overlooked in silence, not even a key that GitHub adds tomorrow.
 */
export function fieldsOf(
  token: TemplateToken,
  known: readonly string[] | "any",
  findings: Findings,
): ReadonlyMap<string, Field> {
  const fields = new Map<string, Field>();
  if (!isMapping(token)) return fields;
  for (const { key, value } of token) {
    const place = placeOf(key);
    if (key.isExpression) {
      findings.add(place, "this key must be written out", "An expression cannot stand for it here.");
    } else if (known !== "any" && !known.includes(key.toString())) {
      findings.add(place, `Fairway does not know '${key.toString()}' here`);
    } else {
      fields.set(key.toString(), { key: key.toString(), keyPlace: place, value });
    }
  }
  return fields;
}

export function isMapping(token: TemplateToken): token is MappingToken {
  return token.templateTokenType === github().TokenType.Mapping;
}

export function isSequence(token: TemplateToken): token is SequenceToken {
  return token.templateTokenType === github().TokenType.Sequence;
}

export function isString(token: TemplateToken): token is StringToken {
  return token.templateTokenType === github().TokenType.String;
}

export function isNull(token: TemplateToken): boolean {
  return token.templateTokenType === github().TokenType.Null;
}

export function isLiteral(token: TemplateToken): token is LiteralToken {
  return !isMapping(token) && !isSequence(token) && !token.isExpression;
}

/** The text of a value that must be written out; a problem when it is computed, a list or a mapping. */
export function textOf(field: Field | undefined, findings: Findings): string | undefined {
  if (field === undefined) return undefined;
  if (isLiteral(field.value)) return field.value.toString();
  findings.add(placeOf(field.value), `'${field.key}' must be a text that is written out`);
  return undefined;
}

/** Texts of a value that is one or a list of them. */
export function textsOf(field: Field | undefined, findings: Findings): readonly string[] | undefined {
  if (field === undefined) return undefined;
  if (!isSequence(field.value)) {
    const text = textOf(field, findings);
    return text === undefined ? undefined : [text];
  }
  return [...field.value].flatMap((item) => textOf({ ...field, value: item }, findings) ?? []);
}

/** Whether a value that must be written out is `true`. */
export function flagOf(field: Field | undefined, findings: Findings): boolean {
  const text = textOf(field, findings);
  if (field !== undefined && text !== undefined && text !== "true" && text !== "false" && text !== "") {
    findings.add(placeOf(field.value), `'${field.key}' is true or false`);
  }
  return text === "true";
}

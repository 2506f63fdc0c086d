import type { Route } from "@fairway/api";
import { z } from "zod";

/** What a field of this name holds, where its schema alone does not tell. */
const known: Readonly<Record<string, unknown>> = {
  run: "run-1",
  environment: "staging",
  person: "dana",
  name: "dana",
  digest: "sha256:0",
  definition: {},
  set: {},
  report: null,
  quarter: "2026-Q4",
  release: "r1",
};

type Schema = {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly minItems?: number;
  readonly minimum?: number;
  readonly format?: string;
};

/**
 * The least that a route takes, in its three places; made from its schemas, so that a new route needs no example. With
 * `allTexts` every text that may be left out is there too.
 */
export function exampleInput(
  { params, query, body }: Route,
  { allTexts = false }: { readonly allTexts?: boolean } = {},
): {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
} {
  const least = (schema: z.ZodType): Record<string, unknown> => {
    const described = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as Schema;
    const more = Object.entries(described.properties ?? {}).filter(([, { type }]) => allTexts && type === "string");
    return {
      ...Object.fromEntries(more.map(([name, field]) => [name, exampleOf(field)])),
      ...(exampleOf(described) as Record<string, unknown>),
    };
  };
  const texts = (schema: z.ZodType): Record<string, string> =>
    Object.fromEntries(Object.entries(least(schema)).map(([name, value]) => [name, String(value)]));
  return { params: texts(params), query: texts(query), body: body === null ? {} : least(body) };
}

function exampleOf(schema: Schema): unknown {
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return schema.enum[0];
  if (schema.anyOf?.[0] !== undefined) return exampleOf(schema.anyOf[0]);
  switch (schema.type) {
    case "object":
      return Object.fromEntries(
        (schema.required ?? []).map((key) => [
          key,
          Object.hasOwn(known, key) ? known[key] : exampleOf(schema.properties?.[key] ?? {}),
        ]),
      );
    case "array":
      return Array.from({ length: schema.minItems ?? 0 }, () => exampleOf(schema.items ?? {}));
    case "integer":
    case "number":
      return Math.max(schema.minimum ?? 0, 1);
    case "boolean":
      return true;
    case "null":
      return null;
    case "string":
      return schema.format === "email"
        ? "dana@example.com"
        : schema.format === "date-time"
          ? "2030-01-01T00:00:00Z"
          : "word";
    default:
      return {};
  }
}

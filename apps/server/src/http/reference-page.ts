import { createHash } from "node:crypto";
import type { FastifyInstance, FastifyReply } from "fastify";
import { escapedHtml } from "./escaped-html.ts";
import type { Doorkeeper } from "./doorkeeper.ts";
import { callerOfRequest } from "./policies.ts";

// The page is made of the same document that programs read, runs no script and loads nothing. The usual viewers bring some 14
// MB of scripts, and styles within tags, which a strict policy for contents does not let in.

/** A schema as the OpenAPI document holds it. */
interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly items?: Schema;
  readonly default?: unknown;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly required?: readonly string[];
}

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly "x-fairway-access": string;
  readonly "x-fairway-step-up"?: boolean;
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly schema: Schema;
    readonly description?: string;
  }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: Schema }>> }>
  >;
}

interface Document {
  readonly info: { readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components?: { readonly schemas?: Readonly<Record<string, Schema>> };
}

const own = { access: "self" } as const;
const style = `:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;margin:0 auto;max-width:64rem;padding:1rem}
code,pre{font:14px/1.5 ui-monospace,monospace;overflow-wrap:anywhere}pre{white-space:pre-wrap;border-left:3px solid;padding-left:.75rem}
nav ul{columns:16rem;padding-left:1.2rem}table{border-collapse:collapse;width:100%}td,th{border-bottom:1px solid #8886;padding:.25rem .5rem;text-align:left;vertical-align:top}
h2{margin-top:2.5rem;border-bottom:1px solid #8886}h3{margin-bottom:0}h3 code{font-weight:400}`;
const headers = {
  "content-type": "text/html; charset=utf-8",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "content-security-policy": `default-src 'none'; style-src 'sha256-${createHash("sha256").update(style).digest("base64")}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
};

/** Serves the page at `/reference`, to whoever is logged in. It is made when it is first asked for. */
export function referencePage(app: FastifyInstance, door: Doorkeeper, document: () => object): void {
  let page: string | undefined;
  app.get(
    "/reference",
    { config: { policy: own, operation: "reference" } },
    async (request, reply): Promise<FastifyReply> => {
      await door.admit(own, callerOfRequest(request), "reference", {});
      page ??= pageOf(JSON.parse(JSON.stringify(document())) as Document);
      return reply.headers(headers).send(page);
    },
  );
}

/** The whole page, of the document as it goes over the wire. */
export function pageOf({ info, paths, components }: Document): string {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), ...operation })),
  );
  const areas = groups(operations);
  const schemas = Object.entries(components?.schemas ?? {}).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Fairway HTTP interface</title><style>${style}</style>
<h1>Fairway HTTP interface</h1>
<p>Version ${escapedHtml(info.version)}; <a href="openapi.json">OpenAPI 3.1</a>. A change carries the header <code>x-fairway-request: 1</code>.
Show who asks by <code>Authorization: Bearer TOKEN</code>. What is refused is answered with a <a href="#Problem">Problem</a>.</p>
<nav aria-label="Operations"><ul>${operations.map(({ operationId }) => `<li><a href="#${escapedHtml(operationId)}">${escapedHtml(operationId)}</a></li>`).join("")}</ul></nav>
${[...areas].map(([area, its]) => `<h2>${escapedHtml(area)}</h2>${its.map(sectionOf).join("")}`).join("\n")}
<h2>Shapes</h2>${schemas.map(([name, schema]) => `<h3 id="${escapedHtml(name)}">${escapedHtml(name)}</h3><pre>${typeOf(schema)}</pre>`).join("\n")}
</html>`;
}

type Placed = Operation & { readonly path: string; readonly method: string };

/** By what the path begins with: `/api/v1/runs/{run}` is of `runs`. */
function groups(operations: readonly Placed[]): ReadonlyMap<string, readonly Placed[]> {
  const areas = new Map<string, Placed[]>();
  for (const operation of operations) {
    const area = operation.path.split("/")[3] ?? "";
    areas.set(area, [...(areas.get(area) ?? []), operation]);
  }
  return areas;
}

function sectionOf(operation: Placed): string {
  const { operationId, summary, method, path, parameters = [], requestBody, responses } = operation;
  const body = Object.values(requestBody?.content ?? {})[0]?.schema;
  const rows = [
    ...parameters
      .filter((one) => one.in !== "header")
      .map(({ name, in: where, required, schema, description }) =>
        rowOf(name, where, required === true, description === undefined ? schema : { description, ...schema }),
      ),
    ...Object.entries(body?.properties ?? {}).map(([name, schema]) =>
      rowOf(name, "body", body?.required?.includes(name) === true, schema),
    ),
  ];
  const [media = "", answer] = Object.entries(responses["200"]?.content ?? {})[0] ?? [];
  const proof = operation["x-fairway-step-up"] === true ? ", with a fresh proof" : "";
  return `<h3 id="${escapedHtml(operationId)}">${escapedHtml(operationId)} <code>${method} ${escapedHtml(path)}</code></h3>
<p>${escapedHtml(summary)} Needs <code>${escapedHtml(operation["x-fairway-access"])}</code>${proof}.</p>
${rows.length === 0 ? "" : `<table><tr><th>field<th>in<th>type<th></tr>${rows.join("")}</table>`}
<p>Answers${media === "application/json" ? "" : ` (${escapedHtml(media)})`}:</p><pre>${answer === undefined ? "nothing" : typeOf(answer.schema)}</pre>
`;
}

function rowOf(name: string, where: string, required: boolean, schema: Schema): string {
  const standard =
    schema.default === undefined || schema.default === null ? "" : `by default ${JSON.stringify(schema.default)}`;
  const says = [schema.description, required ? "required" : "", standard].filter(
    (one) => one !== undefined && one !== "",
  );
  return `<tr><td><code>${escapedHtml(name)}</code><td>${escapedHtml(where)}<td><code>${typeOf(schema, 1)}</code><td>${escapedHtml(says.join("; "))}</tr>`;
}

/** A schema as TypeScript would have it, as HTML. */
function typeOf(schema: Schema, depth = 0): string {
  if (schema.$ref !== undefined) {
    const name = escapedHtml(schema.$ref.slice(schema.$ref.lastIndexOf("/") + 1));
    return `<a href="#${name}">${name}</a>`;
  }
  if (schema.const !== undefined) return escapedHtml(JSON.stringify(schema.const));
  if (schema.enum !== undefined) return schema.enum.map((one) => escapedHtml(JSON.stringify(one))).join(" | ");
  const parts = schema.anyOf ?? schema.oneOf;
  if (parts !== undefined) return [...new Set(parts.map((part) => typeOf(part, depth)))].join(" | ");
  if (schema.allOf !== undefined) return schema.allOf.map((part) => typeOf(part, depth)).join(" &amp; ");
  if (schema.type === "array")
    return `(${typeOf(schema.items ?? {}, depth)})[]`.replace(/^\((<a [^|&]*<\/a>|\w+)\)/, "$1");
  if (schema.type === "object") return objectOf(schema, depth);
  const words = typeof schema.type === "string" ? [schema.type] : (schema.type ?? ["unknown"]);
  return escapedHtml(words.map((word) => (word === "integer" ? "number" : word)).join(" | "));
}

function objectOf({ properties = {}, required = [], additionalProperties }: Schema, depth: number): string {
  const names = Object.keys(properties);
  if (names.length === 0)
    return typeof additionalProperties === "object"
      ? `Record&lt;string, ${typeOf(additionalProperties, depth)}&gt;`
      : "{}";
  const indent = "  ".repeat(depth + 1);
  const lines = Object.entries(properties).map(([name, its]) => {
    const said = its.description === undefined ? "" : `  // ${escapedHtml(its.description)}`;
    return `${indent}${escapedHtml(name)}${required.includes(name) ? "" : "?"}: ${typeOf(its, depth + 1)};${said}\n`;
  });
  return `{\n${lines.join("")}${"  ".repeat(depth)}}`;
}

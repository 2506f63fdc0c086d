import { contract, openApiDocument, requestHeader } from "@fairway/api";

/** A schema as the OpenAPI document holds it. */
interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly default?: unknown;
  readonly description?: string | undefined;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
}

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly "x-fairway-access": string;
  readonly "x-fairway-step-up"?: boolean;
  readonly "x-fairway-machines"?: boolean;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: { readonly "application/json": { readonly schema: Schema } } };
  readonly responses: { readonly "200": { readonly content: Readonly<Record<string, { readonly schema: Schema }>> } };
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema: Schema;
  readonly description?: string | undefined;
}

/** The page that describes every operation of the HTTP interface, read off its OpenAPI document. */
export function httpReference(): string {
  const { paths } = JSON.parse(JSON.stringify(openApiDocument(""))) as {
    readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  };
  const operations = Object.values(paths).flatMap((methods) => Object.values(methods));
  const sections = Object.entries(contract).map(([name, { method, path }]) => {
    const operation = operations.find(({ operationId }) => operationId === name);
    return operation ? sectionOf(`${method} ${path}`, operation) : "";
  });
  return [introduction, ...sections].join("\n");
}

const introduction = `# HTTP interface

<!-- Written from packages/api/src/contract/ by tools/generate-reference.mjs; a test fails when it differs. -->

The command line uses this and nothing else. The same as OpenAPI 3.1: [openapi.json](openapi.json), and at
\`/openapi.json\` of every daemon; \`/reference\` shows it as a page.

- The daemon listens on loopback (by default \`http://127.0.0.1:7300\`), and elsewhere where it is told how people reach it:
  [let people in](../how-to/people-and-access.md).
- A change (\`POST\`) carries the header \`${requestHeader}: 1\`, so that no web page can make a browser send one.
- Bodies and answers are JSON. Times are ISO 8601 in UTC. Unknown fields are refused.
- Whatever is refused is answered with a \`Problem\`: its \`code\` is one of [errors.md](errors.md).
- A stream answers with server-sent events. One that fails ends with an event named \`problem\`.
- \`GET /livez\` says that the daemon lives, \`GET /readyz\` whether its database and its router answer (200 or
  503), and which part does not.
- \`GET /metrics\` has everything that is measured, in Prometheus' text format: [how-to](../how-to/watch-fairway.md#metrics).

Who asks is shown by \`Authorization: Bearer …\` with a token or a session, or by a browser's cookie; a daemon without people asks nobody.
Beside its place each operation says what a caller must be allowed to do, and whether that needs a fresh proof of who asks:
[access](access.md).
`;

function sectionOf(place: string, operation: Operation): string {
  const rows = inputRows(operation);
  return [
    `## ${operation.operationId}\n`,
    `\`${place}\` · ${operation["x-fairway-access"]}${operation["x-fairway-step-up"] === true ? ", with a fresh proof" : ""}${operation["x-fairway-machines"] === true ? " or a service token made for it" : ""}\n`,
    `${operation.summary}\n`,
    ...(rows.length > 0 ? ["| field | in | type | |", "| --- | --- | --- | --- |", ...rows, ""] : []),
    `Answers: ${answerOf(operation)}.\n`,
  ].join("\n");
}

function inputRows({ parameters = [], requestBody }: Operation): readonly string[] {
  const body = requestBody?.content["application/json"].schema;
  return [
    ...parameters
      .filter((parameter) => parameter.in !== "header")
      .map(({ name, in: where, required, schema, description }) =>
        rowOf(name, where, required ?? false, { description, ...schema }),
      ),
    ...Object.entries(body?.properties ?? {}).map(([name, schema]) =>
      rowOf(name, "body", body?.required?.includes(name) ?? false, schema),
    ),
  ];
}

function rowOf(name: string, where: string, required: boolean, schema: Schema): string {
  const standard =
    schema.default === undefined || schema.default === null ? "" : `by default \`${JSON.stringify(schema.default)}\``;
  const says = [schema.description, required ? "required" : "", standard].filter(Boolean).join("; ");
  return `| \`${name}\` | ${where} | ${kindOf(schema)} | ${says} |`;
}

function kindOf(schema: Schema): string {
  if (schema.enum) return schema.enum.map((one) => `\`${one}\``).join(" or ");
  if (schema.anyOf) return schema.anyOf.map(kindOf).join(" or ");
  const words: Readonly<Record<string, string>> = { string: "text", integer: "whole number", boolean: "true or false" };
  return words[schema.type ?? ""] ?? schema.type ?? "anything";
}

function answerOf({ responses }: Operation): string {
  return Object.entries(responses["200"].content)
    .map(([media, { schema }]) => (media === "text/event-stream" ? `a stream of ${nameOf(schema)}` : nameOf(schema)))
    .join(" or ");
}

/** The name of a shape in the OpenAPI document. */
function nameOf(schema: Schema): string {
  if (schema.$ref) return `\`${schema.$ref.slice(schema.$ref.lastIndexOf("/") + 1)}\``;
  if (schema.items) return `a list of ${nameOf(schema.items)}`;
  return `\`{ ${Object.keys(schema.properties ?? {}).join(", ")} }\``;
}

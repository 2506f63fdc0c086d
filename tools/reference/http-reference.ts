import type { Route } from "@fairway/api";
import { contract, requestHeader } from "@fairway/api";
import { z } from "zod";

/** The page that describes every operation of the HTTP interface. */
export function httpReference(): string {
  const routes = Object.entries(contract) as readonly (readonly [string, Route])[];
  return [introduction, ...routes.map(([name, route]) => sectionOf(name, route))].join("\n");
}

const introduction = `# HTTP interface

<!-- Written from packages/api/src/contract.ts by tools/generate-reference.mjs; a test fails when it differs. -->

The command line uses this and nothing else. The same as OpenAPI 3.1: [openapi.json](openapi.json), and at
\`/openapi.json\` of every daemon.

- The daemon listens on loopback only (by default \`http://127.0.0.1:7300\`) and has no login yet: who may use this machine
  may use it. From elsewhere, take an SSH tunnel.
- A change (\`POST\`) carries the header \`${requestHeader}: 1\`, so that no web page can make a browser send one.
- Bodies and answers are JSON. Times are ISO 8601 in UTC. Unknown fields are refused.
- Whatever is refused is answered with a \`Problem\`: its \`code\` is one of [errors.md](errors.md).
- A stream answers with server-sent events. One that fails ends with an event named \`problem\`.
- \`GET /livez\` says that the daemon lives, \`GET /readyz\` whether its database answers (200 or 503).

*Access* says what a caller must be allowed to do: *read*, *change* releases and environments, *operate* the daemon.
`;

function sectionOf(name: string, route: Route): string {
  const where = [
    ["path", route.params],
    ["query", route.query],
    ...(route.body ? [["body", route.body] as const] : []),
  ] as const;
  const rows = where.flatMap(([place, object]) => inputRows(place, object));
  const answer = route.kind === "stream" ? `a stream of ${typeName(route.answer)}` : typeName(route.answer);
  return [
    `## ${name}\n`,
    `\`${route.method} ${route.path}\` · ${route.access}\n`,
    `${route.summary}\n`,
    ...(rows.length > 0 ? ["| field | in | type | |", "| --- | --- | --- | --- |", ...rows, ""] : []),
    `Answers: ${answer}.\n`,
  ].join("\n");
}

interface Node {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly const?: unknown;
  readonly anyOf?: readonly Node[];
  readonly items?: Node;
  readonly default?: unknown;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly required?: readonly string[];
}

function inputRows(place: string, object: z.ZodObject): readonly string[] {
  const schema = z.toJSONSchema(object, { io: "input" }) as Node;
  return Object.entries(schema.properties ?? {}).map(([field, node]) => {
    const needed = schema.required?.includes(field) ? "required" : "";
    const standard =
      node.default === undefined || node.default === null ? "" : `by default \`${JSON.stringify(node.default)}\``;
    const says = [node.description, needed, standard].filter(Boolean).join("; ");
    return `| \`${field}\` | ${place} | ${kindOf(node)} | ${says} |`;
  });
}

function kindOf(node: Node): string {
  if (node.enum) return node.enum.map((one) => `\`${one}\``).join(" or ");
  if (node.anyOf) return node.anyOf.map(kindOf).join(" or ");
  const words: Readonly<Record<string, string>> = { string: "text", integer: "whole number", boolean: "true or false" };
  return words[node.type ?? ""] ?? node.type ?? "anything";
}

/** The name under which an answer stands in the OpenAPI document. */
function typeName(answer: z.ZodType): string {
  const id = answer.meta()?.id;
  if (typeof id === "string") return `\`${id}\``;
  if (answer instanceof z.ZodArray) return `a list of ${typeName(answer.element as z.ZodType)}`;
  if (answer instanceof z.ZodObject) return `\`{ ${Object.keys(answer.shape).join(", ")} }\``;
  return "a value";
}

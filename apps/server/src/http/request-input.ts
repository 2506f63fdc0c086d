import type { Route } from "@fairway/api";
import { FairwayError } from "@fairway/core";
import type { FastifyRequest } from "fastify";
import type { Caller } from "../people/callers.ts";
import { actorOf } from "../people/callers.ts";
import { issueWords } from "./issue-words.ts";
import { nameForRecord } from "./policies.ts";

/** What a browser sends when it connects again, in the words of a query. */
const after = ({ headers }: FastifyRequest): { readonly after?: string } => {
  const last = headers["last-event-id"];
  return typeof last === "string" && last !== "" ? { after: last } : {};
};

/** Parameters, query and body as one object, checked; every problem at once. */
export function inputOf(route: Route, request: FastifyRequest, caller: Caller | null): Record<string, unknown> {
  const parts = [
    [route.params, request.params],
    [route.query, route.kind === "stream" ? { ...after(request), ...(request.query as object) } : request.query],
    ...(route.body ? [[route.body, bodyOf(route, request, caller)] as const] : []),
  ] as const;
  const parsed = parts.map(([schema, value]) => schema.strict().safeParse(value));
  const problems = [
    ...[request.params, request.query].flatMap(withZero),
    ...parsed.flatMap((result) =>
      result.success
        ? []
        : result.error.issues.map((issue) => `${issue.path.join(".") || "request"} ${issueWords(issue)}`),
    ),
  ];
  if (problems.length > 0)
    throw new FairwayError("bad_request", `${route.method} ${route.path} cannot take this: ${problems.join("; ")}`, {
      problems,
    });
  return Object.assign({}, ...parsed.map((result) => result.data)) as Record<string, unknown>;
}

/** What is looked for has no zero character: PostgreSQL could not even be asked. */
const withZero = (given: unknown): readonly string[] =>
  Object.entries(given as Readonly<Record<string, unknown>>).flatMap(([name, value]) =>
    typeof value === "string" && value.includes("\0") ? [`${name} has a zero character, which nothing here has`] : [],
  );

/** Who asks is whoever logged in, not whoever the body names; only where nobody logs in is the body believed. */
function bodyOf(route: Route, { body }: FastifyRequest, caller: Caller | null): unknown {
  const given = body ?? {};
  if (caller === null || caller.by === "nothing" || !("by" in (route.body?.shape ?? {}))) return given;
  if (typeof given !== "object" || Array.isArray(given)) return given;
  return { ...given, by: nameForRecord(actorOf(caller)) };
}

import type { Route } from "@fairway/api";
import { FairwayError, unkeepable } from "@fairway/core";
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
  const unkept = parts.flatMap(([, value]) => notText(value));
  // Before the schemas: what is nested deeper than the stack is long ends them otherwise.
  if (unkept.length > 0) throw refused(route, unkept);
  const parsed = parts.map(([schema, value]) => schema.strict().safeParse(value));
  const problems = parsed.flatMap((result) =>
    result.success
      ? []
      : result.error.issues.map((issue) => `${issue.path.join(".") || "request"} ${issueWords(issue)}`),
  );
  if (problems.length > 0) throw refused(route, problems);
  return Object.assign({}, ...parsed.map((result) => result.data)) as Record<string, unknown>;
}

const refused = ({ method, path }: Route, problems: readonly string[]): FairwayError =>
  new FairwayError("bad_request", `${method} ${path} cannot take this: ${problems.join("; ")}`, { problems });

/** Deeper than anything that is asked for here. */
const deepest = 64;

/** Each text anywhere in what was given, or name of one, that nothing here could keep or look for. */
function notText(given: unknown, path: readonly string[] = []): readonly string[] {
  const name = path.join(".") || "request";
  if (typeof given === "string") {
    const what = unkeepable(given);
    return what === undefined ? [] : [`${name} has ${what}, which no text has: write bytes as base64`];
  }
  if (typeof given !== "object" || given === null) return [];
  if (path.length >= deepest) return [`${path[0] ?? "request"} is nested more than ${deepest} deep`];
  return Object.entries(given).flatMap(([key, value]) =>
    unkeepable(key) === undefined ? notText(value, [...path, key]) : notText(key, [`a name in ${name}`]),
  );
}

/** Who asks is whoever logged in, not whoever the body names; only where nobody logs in is the body believed. */
function bodyOf(route: Route, { body }: FastifyRequest, caller: Caller | null): unknown {
  const given = body ?? {};
  if (caller === null || caller.by === "nothing" || !("by" in (route.body?.shape ?? {}))) return given;
  if (typeof given !== "object" || Array.isArray(given)) return given;
  return { ...given, by: nameForRecord(actorOf(caller)) };
}

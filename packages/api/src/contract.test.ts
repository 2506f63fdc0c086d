import { errorCodes, permissionNames, states } from "@fairway/core";
import { describe, expect, test } from "vitest";
import type { OperationName } from "./contract.ts";
import { contract } from "./contract.ts";
import { openApiDocument } from "./open-api.ts";
import type { Route } from "./route.ts";
import { problem } from "./shapes/problem.ts";
import { state } from "./shapes/run.ts";

const routes = Object.entries(contract) as [OperationName, Route][];
const parametersOf = (path: string): readonly string[] =>
  [...path.matchAll(/:([a-z]+)/gi)].map(([, name = ""]) => name).sort();

describe.each(routes)("the operation %s", (_name, route) => {
  test("says who may use it and what it does", () => {
    expect(["open", "self", ...permissionNames]).toContain(route.access);
    expect(route.summary).toMatch(/^[A-Z].*\.$/);
  });

  test("looks with GET and without a body, changes with POST and a body", () => {
    expect(route.body !== null).toBe(route.method === "POST");
    const methods: Readonly<Record<string, string>> = { read: "GET", change: "POST", approve: "POST" };
    expect(route.method).toBe(methods[route.access] ?? route.method);
  });

  test("asks for a fresh proof of who asks only of somebody who is known", () => {
    expect(route.stepUp === true && route.access === "open").toBe(false);
  });

  test("is open to a role in any environment only when it names none itself", () => {
    const named = [route.params, route.query, ...(route.body ? [route.body] : [])].flatMap(({ shape }) =>
      Object.keys(shape),
    );
    const places = named.filter((name) => ["environment", "environments"].includes(name));
    expect(route.anywhere ? places : []).toEqual([]);
  });

  test("takes the parameters of its path, and gives no name two places", () => {
    expect(Object.keys(route.params.shape).sort()).toEqual(parametersOf(route.path));
    const names = [route.params, route.query, ...(route.body ? [route.body] : [])].flatMap(({ shape }) =>
      Object.keys(shape),
    );
    expect(names).toEqual([...new Set(names)]);
  });

  test("asks who asks, when it changes something", () => {
    expect(!["change", "approve"].includes(route.access) || "by" in (route.body?.shape ?? {})).toBe(true);
  });
});

test("no two operations have the same place", () => {
  const places = routes.map(([, { method, path }]) => `${method} ${path}`);
  expect(places).toEqual([...new Set(places)]);
});

test("errors and states are those of the language, all of them", () => {
  expect([...problem.shape.code.options].sort()).toEqual(Object.keys(errorCodes).sort());
  expect(state.options).toEqual(states);
});

describe("the OpenAPI document", () => {
  interface Operation {
    readonly operationId: string;
    readonly summary: string;
    readonly parameters?: readonly {
      readonly name: string;
      readonly in: string;
      readonly required?: boolean;
      readonly schema: object;
    }[];
    readonly requestBody?: object;
    readonly responses: Readonly<
      Record<string, { readonly content: Readonly<Record<string, { readonly schema: object }>> }>
    >;
  }
  const document = JSON.parse(JSON.stringify(openApiDocument("1.2.3"))) as {
    readonly openapi: string;
    readonly info: { readonly version: string };
    readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
    readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
  };
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );

  test("is of version 3.1 and holds every operation once", () => {
    expect(document).toMatchObject({ openapi: "3.1.0", info: { version: "1.2.3" } });
    const held = operations.map(
      ({ path, method, operation }) => `${operation.operationId} ${method.toUpperCase()} ${path}`,
    );
    const wanted = routes.map(
      ([name, { method, path }]) => `${name} ${method} ${path.replaceAll(/:([a-z]+)/gi, "{$1}")}`,
    );
    expect(held.sort()).toEqual(wanted.sort());
  });

  test("declares each parameter of each path as required", () => {
    for (const { path, operation } of operations) {
      const inPath = (operation.parameters ?? []).filter((parameter) => parameter.in === "path");
      expect(inPath.map(({ name }) => name)).toEqual([...path.matchAll(/\{([a-z]+)\}/gi)].map(([, name]) => name));
      expect(inPath.every(({ required }) => required === true)).toBe(true);
    }
  });

  test("tells the header that every change must carry", () => {
    for (const { method, operation } of operations) {
      const headers = (operation.parameters ?? []).filter((parameter) => parameter.in === "header");
      expect(headers.map(({ name, required }) => ({ name, required }))).toEqual(
        method === "post" ? [{ name: "x-fairway-request", required: true }] : [],
      );
    }
  });

  test("has an answer and a refusal for every operation, and every reference leads somewhere", () => {
    for (const { operation } of operations) expect(Object.keys(operation.responses)).toEqual(["200", "default"]);
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map(
      ([, name = ""]) => name,
    );
    expect([...new Set(references)].filter((name) => !(name in document.components.schemas))).toEqual([]);
    expect(references).toContain("Problem");
  });
});

import type { IncomingMessage } from "node:http";
import fc from "fast-check";
import { expect, test } from "vitest";
import { contextOf, keyOf } from "./ofrep-request.ts";

test("whatever is sent, it is a context or a refusal in OpenFeature's words", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json(),
        fc.jsonValue().map((context) => JSON.stringify({ context })),
      ),
      (body) => {
        const found = contextOf(body);
        const fields = found.ok ? found.context : { errorCode: found.errorCode };
        expect(Array.isArray(fields)).toBe(false);
        expect([typeof fields, found.ok || found.errorCode]).toEqual(["object", found.ok || "INVALID_CONTEXT"]);
      },
    ),
    { numRuns: 300 },
  );
  expect(contextOf("")).toEqual({ ok: true, context: {} });
  expect(contextOf('{"context":{"targetingKey":"ana"}}')).toEqual({ ok: true, context: { targetingKey: "ana" } });
});

test("a key is taken from where it may stand, and the headers come first", () => {
  const of = (headers: Record<string, string>, path = "/"): unknown =>
    keyOf({ headers } as unknown as IncomingMessage, new URL(path, "http://localhost"));
  expect(of({ authorization: "Bearer abc" })).toEqual({ key: "abc", inUrl: false });
  expect(of({ authorization: "bearer  abc", "x-api-key": "def" })).toEqual({ key: "abc", inUrl: false });
  expect(of({ "x-api-key": "def" }, "/?key=ghi")).toEqual({ key: "def", inUrl: false });
  expect(of({ authorization: "Basic abc" }, "/?key=ghi")).toEqual({ key: "ghi", inUrl: true });
  expect(of({})).toBeNull();
});

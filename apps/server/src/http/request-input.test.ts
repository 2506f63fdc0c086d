import type { OperationName } from "@fairway/api";
import { contract } from "@fairway/api";
import { expect, test } from "vitest";
import { appUnderTest } from "./testing/app-under-test.ts";

const under = appUnderTest({ login: false });
const asked = (Object.keys(contract) as OperationName[]).flatMap((name) => {
  const { method, path, query, kind } = contract[name];
  if (kind === "stream") return [];
  const places = [
    ...[...path.matchAll(/:([a-z]+)/gi)].map(([, part]) =>
      path.replace(`:${part}`, "a%00b").replaceAll(/:[a-z]+/gi, "a"),
    ),
    ...Object.keys(query.shape).map((key) => `${path.replaceAll(/:[a-z]+/gi, "a")}?${key}=a%00b`),
  ];
  return places.map((url) => [name, method, url] as const);
});

test("a NUL character in a path or a query is refused wherever there may be one, before anything is asked", async () => {
  for (const [name, method, url] of asked) {
    const headers = { host: "localhost", "x-fairway-request": "1" };
    const answer = await under.app.inject({ method, url, headers, ...(method === "POST" ? { payload: {} } : {}) });
    expect([name, url, answer.statusCode, under.reached()]).toEqual([name, url, 400, []]);
    expect(answer.json<{ message: string }>().message).toContain("NUL character");
  }
  expect(asked.length).toBeGreaterThan(50);
});

test.each([
  ["a NUL character", "a\u0000b"],
  ["half of a character", "\ud83d<b>"],
])("%s in a body is refused, with the name of what holds it, before anything is asked", async (what, text) => {
  const headers = { host: "localhost", "x-fairway-request": "1" };
  const tell = (url: string, payload: object) => under.app.inject({ method: "POST", url, headers, payload });
  const whys = await Promise.all([
    tell("/api/v1/incidents", { by: "ada", title: text, impact: "minor" }),
    tell("/api/v1/duties/evidence", { by: "ada", duty: "d", facts: { deep: text } }),
    tell("/api/v1/duties/evidence", { by: "ada", duty: "d", facts: { [text]: 1 } }),
  ]);
  expect(whys.map(({ statusCode }) => statusCode)).toEqual([400, 400, 400]);
  expect(whys.map((answer) => answer.json<{ message: string }>().message)).toEqual([
    expect.stringContaining(`title has ${what}`),
    expect.stringContaining(`facts.deep has ${what}`),
    expect.stringContaining(`a name in facts has ${what}`),
  ]);
  expect(under.reached()).toEqual([]);
});

test("a body that is nested deeper than any stack is refused", async () => {
  const headers = { host: "localhost", "x-fairway-request": "1", "content-type": "application/json" };
  const payload = `{"by":"ada","inputs":{"deep":${"[".repeat(200_000)}${"]".repeat(200_000)}}}`;
  const answer = await under.app.inject({ method: "POST", url: "/api/v1/triggers/t/fire", headers, payload });
  expect([answer.statusCode, answer.json<{ message: string }>().message]).toEqual([
    400,
    expect.stringContaining("inputs is nested more than 64 deep"),
  ]);
});

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

test("a zero character in a path or a query is refused wherever there may be one, before anything is asked", async () => {
  for (const [name, method, url] of asked) {
    const headers = { host: "localhost", "x-fairway-request": "1" };
    const answer = await under.app.inject({ method, url, headers, ...(method === "POST" ? { payload: {} } : {}) });
    expect([name, url, answer.statusCode, under.reached()]).toEqual([name, url, 400, []]);
    expect(answer.json<{ message: string }>().message).toContain("zero character");
  }
  expect(asked.length).toBeGreaterThan(50);
});

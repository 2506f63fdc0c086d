import { beforeAll, expect, test } from "vitest";
import type { AppUnderTest } from "./testing/app-under-test.ts";
import { appUnderTest, callerFor } from "./testing/app-under-test.ts";

let under: AppUnderTest;
beforeAll(() => {
  under = appUnderTest();
  under.known.set("admin", callerFor({ grants: [{ role: "admin", project: null, environment: null }] }));
});

const ask = (url: string, payload: object): Promise<{ readonly statusCode: number; json(): unknown }> =>
  under.app.inject({
    method: "POST",
    url,
    headers: { host: "localhost", authorization: "Bearer admin", "x-fairway-request": "1" },
    payload,
  });

const values = (count: number, value: string): Readonly<Record<string, string>> =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`A_KEY_OF_SOME_SERVICE_${at}`, value]));

test("ten thousand secrets of a kilobyte come in at once", async () => {
  const body = { environment: "staging", values: values(10_000, "x".repeat(1_000)), by: "ada" };
  expect((await ask("/api/v1/secret-imports", body)).statusCode).toBe(200);
  expect(under.reached().map(({ operation }) => operation)).toEqual(["importSecrets"]);
});

test("what is longer is refused, with how much may come at once and what to do", async () => {
  const body = { environment: "staging", values: values(17, "x".repeat(1024 * 1024)), by: "ada" };
  const answer = await ask("/api/v1/secret-imports", body);
  expect([answer.statusCode, answer.json()]).toMatchObject([
    400,
    {
      code: "bad_request",
      message: "a body may have 16 MiB at most here, and this one has 17 MiB",
      hint: "ask it in parts",
    },
  ]);
  const other = await ask("/api/v1/secrets/TOKEN", { environment: null, value: "x".repeat(1024 * 1024), by: "ada" });
  expect(other.json()).toMatchObject({ message: "a body may have 1 MiB at most here, and this one has 1 MiB" });
});

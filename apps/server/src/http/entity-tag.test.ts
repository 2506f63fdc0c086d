import { afterAll, expect, test } from "vitest";
import { appUnderTest, callerFor } from "./testing/app-under-test.ts";

const under = appUnderTest();
afterAll(() => under.app.close());
under.known.set("admin", callerFor({ grants: [{ role: "admin", project: null, environment: null }] }));

const ask = (headers: Readonly<Record<string, string>> = {}, url = "/api/v1/environments") =>
  under.app.inject({ method: "GET", url, headers: { host: "localhost", authorization: "Bearer admin", ...headers } });

test("an answer has a tag, and who brings it again is told that nothing has changed", async () => {
  const first = await ask();
  const tag = String(first.headers["etag"]);
  expect(first.statusCode).toBe(200);
  expect(first.headers["cache-control"]).toBe("private, no-cache");
  for (const brought of [tag, tag.slice(2), `"other", ${tag}`]) {
    const again = await ask({ "if-none-match": brought });
    expect([again.statusCode, again.body]).toEqual([304, ""]);
  }
  expect((await ask({ "if-none-match": '"other"' })).json()).toEqual(first.json());
  expect((await ask({}, "/api/v1/releases")).headers["etag"]).not.toBe(tag);
});

test("who may not see it is refused, whatever tag they bring", async () => {
  const tag = String((await ask()).headers["etag"]);
  const { statusCode, headers } = await ask({ "if-none-match": tag, authorization: "Bearer nobody" });
  expect([statusCode, headers["etag"]]).toEqual([401, undefined]);
});

import { contract, openApiDocument } from "@fairway/api";
import { expect, test } from "vitest";
import { pageOf } from "./reference-page.ts";
import { appUnderTest, callerFor } from "./testing/app-under-test.ts";

const headers = { host: "localhost", authorization: "Bearer it" };

test("every operation and every shape that one names has its place on the page", () => {
  const page = pageOf(JSON.parse(JSON.stringify(openApiDocument("1.2.3"))) as Parameters<typeof pageOf>[0]);
  const ids = new Set([...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
  for (const name of Object.keys(contract)) expect([name, ids.has(name)]).toEqual([name, true]);
  const links = [...page.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id);
  expect(links.filter((id) => !ids.has(id))).toEqual([]);
  expect(page).toContain("1.2.3");
  expect(page).not.toMatch(/undefined|\[object/);
});

test("it runs nothing and loads nothing, and is for whoever is logged in", async () => {
  const { app, known } = appUnderTest();
  const refused = await app.inject({ url: "/reference", headers: { host: "localhost" } });
  expect(refused.statusCode).toBe(401);
  known.set("it", callerFor({ grants: [] }));
  const { statusCode, headers: got, body } = await app.inject({ url: "/reference", headers });
  expect([statusCode, got["content-type"]]).toEqual([200, "text/html; charset=utf-8"]);
  expect(got["content-security-policy"]).toMatch(/^default-src 'none'; style-src 'sha256-[^']+'; base-uri 'none'/);
  expect(body).not.toMatch(/<script|<link|<img| style=| on[a-z]+=|javascript:/i);
});

test("what a description says is text", () => {
  const page = pageOf({
    info: { version: "<b>" },
    paths: {},
    components: {
      schemas: { "A<b>": { type: "object", properties: { '"x"': { type: "string", description: "</pre><b>" } } } },
    },
  });
  expect(page).not.toContain("<b>");
});

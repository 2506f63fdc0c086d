import { FairwayError } from "@fairway/core";
import type { ApprovalLinks, LinkQuestion } from "@fairway/engine";
import type { FastifyInstance } from "fastify";
import { afterEach, expect, test } from "vitest";
import { approvalPages } from "./approval-pages.ts";
import { buildApp } from "./build-app.ts";
import { appParts } from "./testing/app-under-test.ts";

const evil = `"><script>alert(1)</script>'&\u202e`;
const question = {
  person: evil,
  run: { id: "run-7", title: `promote r3 to ${evil}`, requestedBy: evil },
  plan: {
    environment: evil,
    release: "r3",
    from: "r2",
    rollouts: [{ service: evil }],
    retired: [],
    secrets: [{ name: evil, version: "v2", from: "v1" }],
  },
  digest: "sha256:1",
  release: { revision: { short: "3f2a1bc", subject: evil, author: evil } },
  needed: 2,
  given: [evil],
  expires: 0,
} as unknown as LinkQuestion;

let app: FastifyInstance | undefined;
afterEach(() => app?.close());

/** A server whose links all ask the same; the answers that it took. */
function served(over: Partial<ApprovalLinks> = {}): { readonly app: FastifyInstance; readonly answers: string[] } {
  const answers: string[] = [];
  const links: ApprovalLinks = {
    show: async () => question,
    answer: async (token, answer) => {
      answers.push(`${token} ${answer}`);
      return question;
    },
    ...over,
  };
  const parts = appParts({ names: { publicUrl: "https://fairway.example.com" } });
  app = buildApp(parts.handlers, { ...parts.options, pages: (pages) => approvalPages(pages, links) });
  return { app, answers };
}

const long = "t".repeat(400);
const host = "fairway.example.com";
const form = { "content-type": "application/x-www-form-urlencoded", host, origin: `https://${host}` };
const post = (payload: string, headers: Readonly<Record<string, string>> = form) =>
  ({ method: "POST", url: `/approve/${long}`, headers, payload }) as const;

test("a look, by whatever previews links, answers nothing, and what people wrote is text", async () => {
  const { app: pages, answers } = served();
  for (const method of ["GET", "HEAD", "GET"] as const) {
    const { statusCode, body, headers } = await pages.inject({ method, url: `/approve/${long}`, headers: { host } });
    expect(statusCode).toBe(200);
    expect(body).not.toContain("<script");
    expect(
      body.replaceAll(/<(?!\/?(?:html|meta|title|body|h1|p|dl|dt|dd|bdi|strong|form|button|!doctype)\b)/g, "!"),
    ).toBe(body);
    expect(headers["content-security-policy"]).toContain("default-src 'none'");
    expect(headers["cache-control"]).toBe("no-store");
    expect(headers["referrer-policy"]).toBe("same-origin");
  }
  expect(answers).toEqual([]);
});

test("the form's answer counts; nothing else does, nor another page's form", async () => {
  const { app: pages, answers } = served();
  expect((await pages.inject(post("answer=maybe"))).statusCode).toBe(400);
  expect((await pages.inject(post("answer=yes", { ...form, origin: "https://evil.example" }))).statusCode).toBe(403);
  expect((await pages.inject(post("answer=yes", { ...form, host: "evil.example" }))).statusCode).toBe(400);
  expect(
    (await pages.inject(post('{"answer":"yes"}', { ...form, "content-type": "application/json" }))).statusCode,
  ).toBe(400);
  expect((await pages.inject(post(`answer=yes&x=${"x".repeat(2000)}`))).statusCode).toBe(400);
  expect(answers).toEqual([]);
  const { statusCode, body } = await pages.inject(post("answer=yes"));
  expect(statusCode).toBe(200);
  expect(body).toContain("Approved");
  expect(answers).toEqual([`${long} yes`]);
});

test("no other route takes a form", async () => {
  const { app: pages } = served();
  const sent = { method: "POST", url: "/api/v1/releases", headers: form, payload: "ref=main" } as const;
  expect((await pages.inject(sent)).statusCode).toBe(400);
});

test("a refusal is a page as well, and says which fields differ, as text", async () => {
  const { app: pages } = served({
    answer: async () => {
      throw new FairwayError("stale_approval", `it is not ${evil}`, { problems: [`secrets: ${evil}`], hint: evil });
    },
  });
  const { statusCode, body } = await pages.inject(post("answer=yes"));
  expect(statusCode).toBe(409);
  expect(body).toContain("secrets: ");
  expect(body).not.toContain("<script");
});

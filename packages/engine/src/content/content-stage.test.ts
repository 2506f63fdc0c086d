import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ContentRun } from "@fairway/core";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { dataDirectory } from "../data-directory.ts";
import type { Attempt, Outcome } from "../runs/stage.ts";
import { eventsAfter, latestEvent } from "../store/events.ts";
import type { Store } from "../store/store.ts";
import { storeForTests } from "../store/testing/store-for-tests.ts";
import type { ContentStageParts } from "./content-stage.ts";
import { contentStage } from "./content-stage.ts";
import { operationsWriting } from "./operations-writing.ts";

let store: Store;
let folder: string;
let at: string;
storeForTests((opened) => void (store = opened));
const server = createServer((request, response) => {
  const isKnown = request.headers.authorization === "Bearer of-a-test";
  response.writeHead(isKnown ? 200 : 401).end(JSON.stringify({ data: { rate: 0.5, word: "n/a" } }));
});
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  at = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  folder = mkdtempSync(join(tmpdir(), "fairway-content-"));
});
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
});
beforeEach(async () => {
  await store.rows("truncate fairway.incidents, fairway.links restart identity cascade");
});

function show(run: ContentRun, environment = "staging"): Promise<Outcome> {
  const repository: ContentStageParts["repository"] = {
    checkout: async (_sha, directory) => {
      mkdirSync(directory, { recursive: true });
      writeFileSync(
        join(directory, "a.md"),
        "# A\n\n[gone](https://example.com/gone) [busy](https://example.org/busy)\n",
      );
    },
  };
  const stage = contentStage({
    ...{ store, repository },
    data: dataDirectory(folder),
    secrets: { lookUp: async () => ({ METRICS: "of-a-test" }) },
    writing: operationsWriting({
      ...{ store, scratch: folder, now: () => Date.parse("2026-11-16T12:00:00.000Z") },
      repository: { ...repository, authors: async () => [] },
      duties: {} as never,
    }),
    askLink: async (url) => ({ status: url.endsWith("gone") ? 404 : 429, after: null }),
  });
  const attempt = {
    ...{ run: "run-1", signal: new AbortController().signal, progress: () => undefined },
    input: { duty: "x", sha: "one", environment, run },
    step: (_name: string, work: () => Promise<unknown>) => work(),
  };
  return stage.run(attempt as unknown as Attempt);
}

test("a figure is met, missed, or unmeasured, and what is unmeasured fails", async () => {
  const kpi = {
    ...{ name: "activation", url: at, headers: { authorization: "Bearer {{secret}}" }, secret: "METRICS" },
    kind: "kpi",
    ...{ value: "/data/rate", atLeast: 0.4, atMost: null, timeout: 20_000 },
  } as const;
  expect(await show(kpi)).toMatchObject({ outcome: "succeeded", result: { value: 0.5, state: "met" } });
  expect(await show({ ...kpi, atLeast: 0.6 })).toMatchObject({ outcome: "failed", result: { state: "missed" } });
  for (const unmeasured of [{ value: "/data/word" }, { value: "/none" }, { headers: {} }])
    expect(await show({ ...kpi, ...unmeasured })).toMatchObject({
      outcome: "failed",
      result: { value: null, state: "unmeasured" },
    });
});

test("an audit of documents tells what is gone, and not what is only busy", async () => {
  const docs = { kind: "docs", paths: ["*.md"], external: true } as const;
  const found = await show(docs);
  expect(found).toMatchObject({ outcome: "failed", result: { files: 1, findings: 1, links: 2, unknown_links: 1 } });
  expect(JSON.stringify(found)).toContain("a.md:3 broken-link https://example.com/gone: it answers 404");
  expect(await show({ ...docs, external: false })).toMatchObject({ outcome: "succeeded" });
  expect(await show({ ...docs, paths: ["none/*"] })).toMatchObject({ outcome: "failed" });
});

test("a summary is written of two weeks in which nothing was, and is told", async () => {
  const before = await latestEvent(store);
  expect(await show({ kind: "summary" })).toMatchObject({
    outcome: "succeeded",
    result: { from: "2026-11-02", until: "2026-11-16", incidents: 0 },
  });
  expect((await eventsAfter(store, before)).map(({ kind }) => kind)).toContain("operations.summary");
});

test("webhooks are never replayed against production", async () => {
  const effects = { url: at, value: "/count" };
  const replay = { kind: "replay", url: at, secret: "METRICS", events: ["*.json"], effects, timeout: 1000 } as const;
  expect(await show(replay, "production")).toMatchObject({ outcome: "failed" });
});

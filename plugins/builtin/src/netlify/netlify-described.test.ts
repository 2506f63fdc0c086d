import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { NetlifyPlacement } from "@fairway/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { needs } from "../../../../tools/skips.ts";
import type { PlatformServer } from "../../fixtures/platform-doubles.ts";
import { prism } from "../../fixtures/platform-doubles.ts";
import { guardedFetch } from "../outgoing/guarded-fetch.ts";
import { netlifyApi } from "./netlify-api.ts";
import { deployById, lookAtNetlify, makeDeploy, uploadRequired } from "./netlify-deploys.ts";

// Prism answers by Netlify's own OpenAPI and refuses what that does not have. It keeps nothing, so it says of calls whether
// they are Netlify's, and of answers whether we can read them; what comes of them says our double.
describe.skipIf(!needs("platform-doubles"))("Netlify by its own description", () => {
  let server: PlatformServer;
  let folder: string;
  const outgoing = guardedFetch({ allowPrivate: ["127.0.0.1/32"] });
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "fairway-prism-"));
    writeFileSync(join(folder, "index.html"), "r1");
    server = await prism(fileURLToPath(import.meta.resolve("@netlify/open-api/dist/swagger.json")));
  }, 60_000);
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    await outgoing.close();
    await server?.close();
  });
  const placement = (branch: string | null = null): NetlifyPlacement => ({
    ...{ platform: "netlify", api: server.url, token: "NETLIFY_TOKEN", poll: 0, url: null, pages: [] },
    ...{ site: "blockbuilders.netlify.app", branch },
  });
  const api = () => netlifyApi(placement(), { outgoing, secret: async () => "a token" });

  test("a site, its deploys and one of them are read", async () => {
    expect(await lookAtNetlify(api(), placement())).toMatchObject({ siteId: "string", deploys: [{ id: "string" }] });
    expect(await deployById(api(), "a-site", "a-deploy")).toMatchObject({ id: "string", required: ["string"] });
  });

  test("a deploy is asked for as Netlify has it, of the site and of a branch", async () => {
    for (const branch of [null, "pr-12"])
      expect(
        await makeDeploy(api(), "a-site", placement(branch), "fairway production/web r1 run-1", {
          directory: folder,
          env: {},
          variables: "v1",
        }),
      ).toEqual({
        id: "string",
      });
  });

  test("a file is sent as Netlify takes it", async () => {
    const deploy = {
      id: "a-deploy",
      state: "uploading",
      error: "",
      title: "",
      variables: null,
      branch: "main",
      isLocked: false,
      createdAt: 0,
      requiredFunctions: [],
    };
    // The SHA-1 of the one file.
    const required = ["5573e39b6600496d40f493d00ec7658479a19607"];
    expect(await uploadRequired(api(), { ...deploy, required }, folder, undefined)).toBeNull();
  });

  test("functions are asked for and sent as Netlify takes them", async () => {
    const directory = join(folder, "with-functions");
    const path = join(directory, ".netlify/functions");
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, "hello.zip"), "an archive");
    const routes = [{ pattern: "/hello/:name", expression: "^/hello/(.+)$", methods: ["GET"], preferStatic: true }];
    const manifest = {
      ...{ name: "hello", runtime: "js", runtimeVersion: "nodejs22.x", schedule: "@daily", priority: 10, routes },
      ...{ invocationMode: "background", timeout: 30, displayName: "Hello", generator: "a framework", buildData: {} },
      trafficRules: { action: { type: "rate_limit", config: { rateLimitConfig: { windowSize: 60, windowLimit: 5 } } } },
    };
    writeFileSync(join(path, "manifest.json"), JSON.stringify({ version: 1, functions: [manifest] }));
    const gift = { directory, env: { GIT_SHA: "c0ffee", KEY: "value" }, variables: "v1" };
    expect(await makeDeploy(api(), "a-site", placement(), "a title", gift)).toEqual({ id: "string" });
    const requiredFunctions = [createHash("sha256").update("an archive").digest("hex")];
    const deploy = { id: "a-deploy", required: [], requiredFunctions };
    expect(await uploadRequired(api(), deploy, directory, undefined)).toBeNull();
  });

  test("what is not Netlify's is refused", async () => {
    const headers = { authorization: "Bearer a token", "content-type": "application/json" };
    const wrong = await fetch(`${server.url}/sites/a-site/deploys`, {
      method: "POST",
      headers,
      body: '{"files":"all"}',
    });
    expect(wrong.status).toBe(422);
    const anonymous = await fetch(`${server.url}/sites/a-site`);
    expect(anonymous.status).toBe(401);
  });
});

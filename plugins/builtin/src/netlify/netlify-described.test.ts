import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
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

// Prism answers by Netlify's own OpenAPI and refuses what that does not have. It keeps nothing, so it says of calls whether they
// are Netlify's, and of answers whether we can read them; what comes of them says our double.
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
      expect(await makeDeploy(api(), "a-site", placement(branch), "fairway production/web r1 run-1", folder)).toEqual({
        id: "string",
      });
  });

  test("a file is sent as Netlify takes it", async () => {
    const deploy = {
      id: "a-deploy",
      state: "uploading",
      error: "",
      title: "",
      branch: "main",
      isLocked: false,
      createdAt: 0,
    };
    // The SHA-1 of the one file.
    const required = ["5573e39b6600496d40f493d00ec7658479a19607"];
    expect(await uploadRequired(api(), { ...deploy, required }, folder, undefined)).toBeNull();
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

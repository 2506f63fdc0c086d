import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { buffer } from "node:stream/consumers";
import { promisify } from "node:util";
import { rolloutOf } from "@fairway/conformance";
import type { ReleaseId, RollingOptions, VercelPlacement } from "@fairway/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { needs } from "../../../../tools/skips.ts";
import { emulatedVercel, emulatedVercelToken } from "../../fixtures/emulated-vercel.ts";
import { vercelProgram } from "../../fixtures/platform-doubles.ts";
import { VercelDouble } from "../../fixtures/vercel/double.ts";
import { outputs, vercelPlacement } from "../../fixtures/vercel/world.ts";
import { guardedFetch } from "../outgoing/guarded-fetch.ts";
import { vercelApi } from "./vercel-api.ts";
import { deploymentById, makeDeployment } from "./vercel-deployments.ts";
import { lookAtVercel } from "./vercel-look.ts";

const rolling: RollingOptions = { name: "rolling", minimumHealthyPercent: 100, maximumPercent: 200 };

interface Asked {
  readonly query: readonly string[];
  readonly body: Readonly<Record<string, unknown>> & { readonly files?: readonly object[] };
}

// So that what we ask Vercel for is what Vercel's own program asks for, as it is installed today.
describe.skipIf(!needs("platform-doubles"))("Vercel's own program", () => {
  let emulator: Awaited<ReturnType<typeof emulatedVercel>>;
  let bundles: ReturnType<typeof outputs>;
  let place: string;
  let url: string;
  /** Every deployment that was asked for. */
  const asked: Asked[] = [];
  const outgoing = guardedFetch({ allowPrivate: ["127.0.0.1/32", "::1/128"] });
  const between = createServer((request, response) => {
    void (async () => {
      const body = await buffer(request);
      // The emulator has teams at the newest path only.
      const at = new URL((request.url ?? "/").replace(/^(?:\/v1)?\/teams/u, "/v2/teams"), emulator.url);
      if (request.method === "POST" && at.pathname === "/v13/deployments")
        asked.push({ query: [...at.searchParams.keys()], body: JSON.parse(body.toString()) as Asked["body"] });
      const headers = Object.entries(request.headers).filter(
        ([name]) => !/^(?:host|connection|content-length|accept-encoding)$/u.test(name),
      );
      const answer = await fetch(at, {
        method: request.method ?? "GET",
        headers: headers.map(([name, value]) => [name, String(value)] as [string, string]),
        ...(body.length === 0 ? {} : { body }),
      });
      response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "application/json" });
      response.end(Buffer.from(await answer.arrayBuffer()));
    })().catch(() => response.writeHead(502).end());
  });
  beforeAll(async () => {
    emulator = await emulatedVercel();
    bundles = outputs();
    place = mkdtempSync(join(tmpdir(), "fairway-vercel-program-"));
    await new Promise<void>((resolve) => between.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(between.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    between.closeAllConnections();
    between.close();
    await outgoing.close();
    bundles.remove();
    rmSync(place, { recursive: true, force: true });
    await emulator.close();
  });

  test("a release is asked for in the form in which it asks for what is built already", async () => {
    const placement: VercelPlacement = vercelPlacement(new VercelDouble(), { api: url, team: "blocks" });
    const api = vercelApi(placement, { outgoing, secret: async () => emulatedVercelToken });
    const look = await lookAtVercel(api, { ...placement, domains: ["blockbuilders.app"] });
    if ("refused" in look) throw new Error(look.refused);
    const shop = join(place, "shop");
    const output = join(shop, ".vercel/output");
    cpSync(bundles.folderOf("r1"), output, { recursive: true, verbatimSymlinks: true });
    // As a build of Next.js leaves them: of most of what a function needs it only says where it is.
    for (const file of ["node_modules/.pnpm/next/server.js", "app/page.js"]) {
      mkdirSync(dirname(join(shop, file)), { recursive: true });
      writeFileSync(join(shop, file), `// ${file}`);
    }
    symlinkSync(".pnpm/next", join(shop, "node_modules/next"));
    const filePathMap = {
      "node_modules/.pnpm/next/server.js": "node_modules/.pnpm/next/server.js",
      "node_modules/next": "node_modules/next",
      "page.js": "app/page.js",
      "index.html": ".vercel/output/static/index.html",
      "elsewhere.js": "../elsewhere.js",
    };
    writeFileSync(
      join(output, "functions/index.func/.vc-config.json"),
      JSON.stringify({ runtime: "nodejs22.x", handler: "i.js", filePathMap }),
    );
    const bundle = { directory: shop, sha: "c0ffee", env: {}, variables: "v1" };
    const rollout = rolloutOf({ from: null, to: "r1" as ReleaseId, desired: 1, strategy: rolling });
    const made = await makeDeployment(api, placement, rollout, bundle);
    const ours = asked.splice(0).at(-1);

    const headers = { authorization: `Bearer ${emulatedVercelToken}` };
    const { teams } = (await (await fetch(`${url}/v2/teams`, { headers })).json()) as {
      readonly teams: readonly { readonly id: string }[];
    };
    mkdirSync(join(place, "home"));
    const project = { projectId: look.projectId, orgId: teams[0]?.id, settings: { nodeVersion: "24.x" } };
    writeFileSync(join(shop, ".vercel/project.json"), JSON.stringify(project));
    const words = [
      "deploy",
      "--prebuilt",
      "--prod",
      "--skip-domain",
      "--yes",
      "--token",
      emulatedVercelToken,
      "--api",
      url,
    ];
    await promisify(execFile)(process.execPath, [vercelProgram, ...words], {
      cwd: shop,
      timeout: 60_000,
      env: {
        PATH: process.env["PATH"],
        HOME: join(place, "home"),
        CI: "1",
        VERCEL_TELEMETRY_DISABLED: "1",
        NO_UPDATE_NOTIFIER: "1",
      },
    });
    const theirs = asked.at(-1);
    if (ours === undefined || theirs === undefined) throw new Error("nobody asked for a deployment");

    // It names the team by its id, and says more of the machine that it runs on; of what is deployed it says the same.
    expect(ours.query.filter((key) => key !== "slug" && !theirs.query.includes(key))).toEqual([]);
    const form = ({ body }: Asked): object => ({
      ...{ version: body["version"], target: body["target"], projectSettings: body["projectSettings"] },
      domains: body["autoAssignCustomDomains"],
      files: body.files
        ?.map((file) =>
          JSON.stringify(Object.fromEntries(Object.entries(file).toSorted(([a], [b]) => a.localeCompare(b)))),
        )
        .toSorted(),
    });
    expect(form(ours)).toEqual(form(theirs));
    const sent = (ours.body.files ?? []).map((file) => ("file" in file ? file.file : ""));
    expect(sent).toEqual(expect.arrayContaining(["app/page.js", "node_modules/next"]));
    expect("id" in made && (await deploymentById(api, made.id))).toMatchObject({ meta: { GIT_SHA: "c0ffee" } });
  }, 120_000);
});

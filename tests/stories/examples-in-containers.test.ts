import { once } from "node:events";
import { cp, readFile } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { request } from "node:http";
import type { Socket } from "node:net";
import { join } from "node:path";
import { text as readText } from "node:stream/consumers";
import type { ReleaseShape } from "@fairway/api";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { containerBase } from "../../tools/container-base.mjs";
import { needs } from "../../tools/skips.ts";
import type { Fairway } from "./support/fairway-under-test.ts";
import { openFairway } from "./support/fairway-under-test.ts";
import { removeImagesOf } from "./support/images-of.ts";
import { assertEnded } from "./support/watch-run.ts";

const repository = join(import.meta.dirname, "../..");
const examples = join(repository, "examples");

/** Nothing of an example that somebody built where it is. */
const copied = (source: string): boolean => !/[/](?:\.demo|node_modules|dist|\.next|\.turbo|\.venv)$/u.test(source);

/** A daemon over a copy of an example, in which its configuration for containers is `fairway.containers.ts`. */
async function openExample(name: string, files: Readonly<Record<string, string>>): Promise<Fairway> {
  const fairway = await openFairway({}, { containerEngine: "podman" });
  await cp(join(examples, name), fairway.project.path, { recursive: true, filter: copied });
  const containers = await readFile(join(examples, name, ".demo/containers/files/fairway.config.ts"), "utf8");
  const based = containers.replace(
    /^const base.*$/mu,
    `const base: string | null = ${JSON.stringify(containerBase())};`,
  );
  await fairway.project.commit(`Open ${name}`, { "fairway.containers.ts": based, ...files });
  return fairway;
}

async function endExample(fairway: Fairway | undefined): Promise<void> {
  const commit = await fairway?.project.git("rev-parse", "HEAD");
  await fairway?.end();
  if (commit !== undefined) removeImagesOf(commit);
}

const imagesIn = (release: ReleaseShape): readonly string[] =>
  release.parts.flatMap(({ service, image }) => (image === null ? [] : service)).toSorted();

/** Asks a host as the public does, with a body if there is one. */
async function call(fairway: Fairway, host: string, path: string, body?: unknown): Promise<Reply> {
  const headers = { host, "content-type": "application/json" };
  const asking = request({
    ...fairway.router,
    agent: false,
    path,
    headers,
    method: body === undefined ? "GET" : "POST",
  });
  asking.end(body === undefined ? undefined : JSON.stringify(body));
  const [answer] = (await once(asking, "response")) as [IncomingMessage];
  const text = await readText(answer);
  const isJson = answer.headers["content-type"]?.startsWith("application/json") === true;
  return { status: answer.statusCode ?? 0, body: isJson ? JSON.parse(text) : text };
}

interface Reply {
  readonly status: number;
  readonly body: unknown;
}

describe.skipIf(!needs("podman", "python3"))("the market in containers", () => {
  const host = "shop.staging.localhost";
  let fairway: Fairway;
  beforeAll(async () => {
    const base = await readFile(join(examples, "marketplace/fairway.config.ts"), "utf8");
    fairway = await openExample("marketplace", {
      "fairway.base.ts": base,
      // What npm would install is on this machine already, and the checks are for other stories.
      "services/catalog/install.mjs": `import { cpSync, readFileSync } from "node:fs";
const { packages } = JSON.parse(readFileSync("package-lock.json", "utf8"));
for (const path of Object.keys(packages).filter(Boolean)) cpSync(${JSON.stringify(`${repository}/`)} + path, path, { recursive: true });
`,
      "fairway.config.ts": `import market from "./fairway.containers.ts";
const { catalog, ...others } = market.services;
const build = { ...catalog.build, commands: ["node install.mjs", catalog.build.commands[1]] };
const services = Object.entries({ ...others, catalog: { ...catalog, build } });
export default {
  ...market,
  services: Object.fromEntries(services.map(([name, service]) => [name, { ...service, checks: {} }])),
  environments: { staging: { ...market.environments.staging, variables: { JOB_SECONDS: "0.2" } } },
};
`,
    });
  }, 180_000);
  afterAll(() => endExample(fairway));

  test("is built and run by its Dockerfiles, and sells", { timeout: 180_000 }, async () => {
    assertEnded(await fairway.release(), "succeeded");
    const release = await fairway.client.call("release", { release: "r1" });
    expect(imagesIn(release)).toEqual(["api-gateway", "catalog", "frontend", "inference", "websocket"]);
    expect(await call(fairway, host, "/")).toMatchObject({ status: 200, body: expect.stringMatching(/<html/u) });
    // The catalog's listings and orders are in its database, behind the api.
    const listings = await call(fairway, host, "/api/listings");
    expect(listings).toMatchObject({ status: 200, body: { listings: expect.arrayContaining([]) } });
    const order = await call(fairway, host, "/api/orders", { listingId: "moon-jar", quantity: 2, buyer: "Noor" });
    expect(order.status).toBe(201);
    const { id } = order.body as { readonly id: string };
    expect(await call(fairway, host, `/api/orders/${id}`)).toMatchObject({ status: 200, body: { id, quantity: 2 } });
  });

  test("appraises through the queue in the folder that its replicas share", async () => {
    const asked = await call(fairway, host, "/api/appraisals", { listingId: "moon-jar", category: "jars" });
    expect(asked.status).toBe(202);
    const { id } = asked.body as { readonly id: string };
    const state = async (): Promise<unknown> =>
      ((await call(fairway, host, `/api/appraisals/${id}`)).body as { readonly state: string }).state;
    await expect.poll(state, { timeout: 30_000, interval: 50 }).toBe("succeeded");
  });

  test("shows live prices", async () => {
    const headers = {
      host,
      connection: "Upgrade",
      upgrade: "websocket",
      "sec-websocket-version": "13",
      "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
    };
    const asking = request({ ...fairway.router, agent: false, path: "/live", headers }).end();
    const [answer, socket] = (await once(asking, "upgrade")) as [IncomingMessage, Socket];
    expect(answer.statusCode).toBe(101);
    await once(socket, "data");
    socket.destroy();
  });
});

import { execFile } from "node:child_process";
import { once } from "node:events";
import { cp, readFile } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { request } from "node:http";
import type { Socket } from "node:net";
import { join } from "node:path";
import { text as readText } from "node:stream/consumers";
import { promisify } from "node:util";
import type { ReleaseShape } from "@fairway/api";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { containerBase } from "../../tools/container-base.mjs";
import { needs } from "../../tools/skips.ts";
import type { Fairway } from "./support/fairway-under-test.ts";
import { by, openFairway } from "./support/fairway-under-test.ts";
import { removeImagesOf } from "./support/images-of.ts";
import { assertEnded } from "./support/watch-run.ts";

const repository = join(import.meta.dirname, "../..");
const examples = join(repository, "examples");

/** Nothing of an example that somebody built where it is. */
const copied = (source: string): boolean => !/[/](?:\.demo|node_modules|dist|\.next|\.turbo|\.venv)$/u.test(source);

/** A daemon over a copy of an example, in which its configuration for containers is `fairway.containers.ts`. */
async function openExample(
  name: string,
  files: Readonly<Record<string, string>>,
  prepare: (project: string) => Promise<unknown> = async () => undefined,
): Promise<Fairway> {
  const fairway = await openFairway({}, { containerEngine: "podman" });
  await cp(join(examples, name), fairway.project.path, { recursive: true, filter: copied, verbatimSymlinks: true });
  await prepare(fairway.project.path);
  const containers = await readFile(join(examples, name, ".demo/containers/files/fairway.config.ts"), "utf8");
  const based = containers.replace(
    /^const base.*$/mu,
    `const base: string | null = ${JSON.stringify(containerBase())};`,
  );
  await fairway.project.commit(`Open ${name}`, { "fairway.containers.ts": based, ...files });
  return fairway;
}

async function endExample(fairway: Fairway | undefined): Promise<void> {
  const commits = await fairway?.project.git("rev-list", "HEAD");
  await fairway?.end();
  for (const commit of commits?.split("\n") ?? []) removeImagesOf(commit);
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

describe.skipIf(!needs("podman", "python3", "time"))("the market in containers", () => {
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

/** The API only: to install and build the page takes minutes. */
describe.skipIf(!needs("package-registries", "podman"))("the API of blockbuilders in containers", () => {
  const host = "api.blocks.staging.localhost";
  const longest = 10 * 60_000;
  const main = "apps/api/blockbuilders_api/main.py";
  let fairway: Fairway;
  beforeAll(async () => {
    const files = {
      "fairway.config.ts": `import blocks from "./fairway.containers.ts";
const { api } = blocks.services;
const { staging } = blocks.environments;
export default {
  ...blocks,
  services: { api },
  environments: { staging: { ...staging, services: { api: staging.services.api } } },
};
`,
    };
    fairway = await openExample("blockbuilders", files, (project) =>
      promisify(execFile)("python3.11", [
        join(import.meta.dirname, "support/use-simple-index.py"),
        join(project, "apps/api"),
      ]),
    );
  }, 180_000);
  afterAll(() => endExample(fairway));

  const title = async (): Promise<unknown> => {
    const { status, body } = await call(fairway, host, "/openapi.json");
    return status === 200 ? (body as { readonly info: { readonly title: string } }).info.title : status;
  };

  test("is built by its Dockerfile, and takes backtests", { timeout: longest }, async () => {
    assertEnded(await fairway.release(), "succeeded");
    expect(imagesIn(await fairway.client.call("release", { release: "r1" }))).toEqual(["api"]);
    const sha = await fairway.project.git("rev-parse", "HEAD");
    expect(await call(fairway, host, "/healthz")).toEqual({ status: 200, body: { status: "ok", sha } });
    const block = { indicator: "rsi", crosses: "below", level: 30, action: "buy" };
    const blocks = [block, { ...block, crosses: "above", level: 70, action: "sell" }];
    const asked = await call(fairway, host, "/backtests", { name: "Dip", market: "BTC-USD", blocks });
    expect(asked.status).toBe(202);
    const { id } = asked.body as { readonly id: string };
    expect(await call(fairway, host, `/backtests/${id}`)).toMatchObject({ status: 200, body: { id, state: "queued" } });
  });

  test("is what it was after a rollback", { timeout: longest }, async () => {
    const source = await readFile(join(fairway.project.path, main), "utf8");
    assertEnded(
      await fairway.ship("Rename it", { [main]: source.replace('title="Blockbuilders"', 'title="Blocks"') }),
      "succeeded",
    );
    expect(await title()).toBe("Blocks");
    const back = await fairway.client.call("rollback", { environment: "staging", by });
    assertEnded(await fairway.settled(back), "succeeded");
    expect(await title()).toBe("Blockbuilders");
  });
});

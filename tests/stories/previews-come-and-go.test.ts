import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { PreviewShape } from "@fairway/api";
import type { ProjectConfig } from "@fairway/config";
import { Client } from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { commandLine } from "./support/command-line.ts";
import type { Fairway } from "./support/fairway-under-test.ts";
import { by, openFairway } from "./support/fairway-under-test.ts";
import type { Files } from "./support/git-project.ts";
import { configFile } from "./support/git-project.ts";
import { hostileBranches } from "./support/hostile-words.ts";
import { isAlive, until } from "./support/leak-guard.ts";
import { fetchFrom } from "./support/requests.ts";
import { stagingOnly, tinyConfig } from "./support/tiny-service.ts";

const driver = JSON.stringify(import.meta.url);

/** Tells what its own database holds, and what it was given. */
const service = (says: string): string => `import { createServer } from "node:http";
import { createRequire } from "node:module";

const { Pool } = createRequire(${driver})("pg");
const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 2 });
pool.on("error", () => undefined);
const { PORT, HOST, GIT_SHA, FAIRWAY_ENVIRONMENT, TOKEN, SHARED } = process.env;
const server = createServer(async (request, response) => {
  try {
    const { rows } = await pool.query("select name from orders order by name");
    const about = { pid: process.pid, says: ${JSON.stringify(says)}, sha: GIT_SHA, environment: FAIRWAY_ENVIRONMENT, token: TOKEN, shared: SHARED };
    response.writeHead(200).end(JSON.stringify({ ...about, orders: rows.map(({ name }) => name) }));
  } catch (thrown) {
    response.writeHead(500).end(String(thrown));
  }
});
server.listen(Number(PORT), HOST);
process.on("SIGTERM", () => { server.close(() => pool.end()); server.closeIdleConnections(); });
`;

const seed = `import { createRequire } from "node:module";
const { Client } = createRequire(${driver})("pg");
const client = new Client({ connectionString: process.env.DATABASE_URL });
await client.connect();
await client.query("insert into orders (name) values ($1)", [process.env.FAIRWAY_ENVIRONMENT]);
await client.end();
`;

const config: ProjectConfig = {
  name: "story",
  services: {
    web: tinyConfig({ database: true, migrations: "db", env: { TOKEN: { secret: "TOKEN" } }, health: "/" }),
  },
  environments: stagingOnly({ deploys: "on-request" }),
  previews: { sleepAfter: "1h", most: 2, database: { seed: { web: "node seed.mjs" } } },
};
const files = (says: string): Files => ({
  "web/server.mjs": service(says),
  "web/seed.mjs": seed,
  "web/db/001_orders.sql": "create table orders (name text primary key);\n",
  ...configFile(config),
});

let fairway: Fairway;
beforeAll(async () => {
  fairway = await openFairway(files("main"));
  await fairway.client.call("setSecret", { name: "TOKEN", environment: "previews", value: "for-previews-only", by });
});
afterAll(() => fairway?.end());

interface Shown {
  readonly pid: number;
  readonly says: string;
  readonly sha: string;
  readonly environment: string;
  readonly token: string;
  readonly orders: readonly string[];
}
const shown = async (host: string): Promise<Shown> => {
  const { status, body } = await fetchFrom(fairway, host);
  if (status !== 200) throw new Error(`${host}: ${status} ${body}`);
  return JSON.parse(body) as Shown;
};
const stands = async (name: string, standing: PreviewShape["standing"]): Promise<PreviewShape> => {
  let last: PreviewShape | undefined;
  await until(
    async () => (last = await fairway.client.call("preview", { preview: name })).standing === standing,
    `${name} is ${standing}`,
    120_000,
  ).catch((thrown: unknown) => {
    throw new Error(JSON.stringify(last), { cause: thrown });
  });
  if (last === undefined) throw new Error(`${name} was never looked at`);
  return last;
};
const run = (...words: string[]) => commandLine(fairway.project.path, fairway.data, ...words);

test("a branch gets a preview with a database of its own, which follows a push through a killed daemon", async () => {
  await fairway.project.git("checkout", "-q", "-b", "feature");
  await fairway.project.commit("Say feature", { "web/server.mjs": service("feature") });
  const opened = await run("preview", "open", "feature", "--json");
  expect(opened).toMatchObject({ code: 0 });
  expect(JSON.parse(opened.out)).toMatchObject({ name: "feature", standing: "ready", pull: null });
  const host = "feature.fairway.localhost";
  expect(await shown(host)).toMatchObject({
    says: "feature",
    environment: "feature",
    token: "for-previews-only",
    orders: ["feature"],
  });
  // It is an environment of its own, and no release of it goes anywhere else.
  expect((await fairway.client.call("environments", {})).map(({ name }) => name)).toEqual(["staging"]);

  const sha = await fairway.project.commit("Say more", { "web/server.mjs": service("more") });
  await until(
    async () => (await fairway.client.call("preview", { preview: "feature" })).sha === sha,
    "the push is seen",
    30_000,
  );
  await fairway.kill("SIGKILL");
  await fairway.start();
  await until(async () => (await shown(host).catch(() => null))?.says === "more", "the new commit answers", 150_000);
  // Filled once, and kept.
  expect((await shown(host)).orders).toEqual(["feature"]);
});

test("what nobody asks for sleeps, and the next request wakes it", async () => {
  const { pid } = await shown("feature.fairway.localhost");
  // Two hours pass; what was asked a moment ago may be counted only now.
  await until(
    async () => {
      await rows(
        "update fairway.runs set ended_at = now() - interval '2 hours' where kind = 'deployment' and ended_at is not null",
      );
      await rows("update fairway.previews set used_at = now() - interval '2 hours' where asleep_since is null");
      return (await fairway.client.call("preview", { preview: "feature" })).standing === "asleep";
    },
    "it sleeps",
    60_000,
  );
  await until(() => !isAlive(pid), "its replica is stopped", 30_000);
  const first = await fetchFrom(fairway, "feature.fairway.localhost");
  // Held until somebody answers, or told to come again.
  expect([200, 307, 503]).toContain(first.status);
  await until(async () => (await shown("feature.fairway.localhost").catch(() => null)) !== null, "it is awake", 30_000);
  expect((await stands("feature", "ready")).standing).toBe("ready");
});

test("whatever a branch is called, its preview's host is letters, digits and dashes; and there are no more than the limit", async () => {
  const [branch = ""] = hostileBranches;
  await fairway.project.git("branch", branch, "feature");
  const opened = await fairway.client.call("openPreview", { ref: branch, name: null, by });
  expect(opened.name).toMatch(/^[a-z][a-z0-9-]*$/u);
  await expect(fairway.client.call("openPreview", { ref: "feature", name: "third", by })).rejects.toMatchObject({
    code: "not_allowed_now",
  });
  await expect(fairway.client.call("openPreview", { ref: "feature", name: "pr-1", by })).rejects.toMatchObject({
    code: "not_allowed_now",
  });
  const closed = await run("preview", "close", opened.name);
  expect(closed).toMatchObject({ code: 0 });
  await expect(fairway.client.call("openPreview", { ref: "feature", name: "staging", by })).rejects.toMatchObject({
    code: "not_allowed_now",
  });
});

test("it ends with its branch, and nothing of it is left", async () => {
  const { pid } = await shown("feature.fairway.localhost");
  await fairway.project.git("checkout", "-q", "main");
  await fairway.project.git("branch", "-D", "feature");
  await stands("feature", "ended");
  expect(isAlive(pid)).toBe(false);
  expect((await fetchFrom(fairway, "feature.fairway.localhost")).status).toBe(404);
  expect(await rows("select datname from pg_database where datname like 'fw_pv_%'")).toEqual([]);
  expect(await rows("select rolname from pg_roles where rolname like 'fw_pv_%'")).toEqual([]);
  expect(await rows("select environment from fairway.environment_locks")).toEqual([]);
  expect(await rows("select environment from fairway.deployments")).toEqual([]);
});

/** Asks the daemon's own database. */
async function rows(sql: string): Promise<readonly unknown[]> {
  const [, , , port = "", host = ""] = (
    await readFile(join(fairway.data, "database", "postgres", "postmaster.pid"), "utf8")
  ).split("\n");
  const client = new Client({ host, port: Number(port), user: "fairway", database: "postgres" });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

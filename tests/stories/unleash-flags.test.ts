import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { unleashFlags } from "@fairway/builtin";
import type { FlagWorld } from "@fairway/conformance";
import { flagSourceSuite } from "@fairway/conformance";
import { openEmbeddedPostgres } from "@fairway/engine";
import { describe } from "vitest";
import { needs } from "../../tools/skips.ts";

const main = join(
  import.meta.dirname,
  "../../.cache/unleash-server/node_modules/unleash-server/dist/lib/server-impl.js",
);
const admin = "*:*.story-admin";
const tokens: Readonly<Record<string, string>> = {
  development: "default:development.story-development",
  production: "default:production.story-production",
};

/** A real Unleash on a real PostgreSQL, turned by its own administration. */
async function openUnleash(): Promise<FlagWorld> {
  const place = await realpath(await mkdtemp(join(tmpdir(), "fairway-unleash-")));
  const database = await openEmbeddedPostgres({ directory: join(place, "database"), settings: { fsync: "off" } });
  const child = fork(join(import.meta.dirname, "support/unleash-process.mjs"), [main], {
    env: {
      ...process.env,
      DATABASE_URL: database.connectionString,
      DATABASE_SSL: "false",
      CHECK_VERSION: "false",
      INIT_ADMIN_API_TOKENS: admin,
      INIT_BACKEND_API_TOKENS: Object.values(tokens).join(","),
    },
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const exited = once(child, "exit");
  const started = await Promise.race([once(child, "message"), exited.then(() => null)]);
  if (started === null) throw new Error("Unleash did not start");
  const [{ port }] = started as [{ readonly port: number }];
  const url = `http://127.0.0.1:${port}`;
  const source = unleashFlags({ url, keyOf: async (environment) => tokens[environment] ?? null });
  const post = async (path: string, body: object = {}): Promise<void> => {
    const headers = { authorization: admin, "content-type": "application/json" };
    const answer = await fetch(`${url}/api/admin/projects/default/features${path}`, {
      method: "POST",
      headers,
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${path} was answered ${answer.status}: ${await answer.text()}`);
  };
  return {
    environments: ["development", "production"],
    source,
    withWrongKey: unleashFlags({ url, keyOf: async () => "default:development.wrong-key" }),
    async make(name) {
      await post("", { name, type: "release" });
      for (const environment of Object.keys(tokens))
        await post(`/${name}/environments/${environment}/strategies`, {
          name: "flexibleRollout",
          parameters: { rollout: "25", stickiness: "default", groupId: name },
        });
    },
    turn: (environment, key, on) => post(`/${key}/environments/${environment}/${on ? "on" : "off"}`),
    async settled(environment, key, on) {
      // Unleash tells its clients of a change within about a second.
      while ((await source.snapshot(environment)).flags[key]?.on !== on) await wait(50);
    },
    async close() {
      child.disconnect();
      await exited;
      await database.stop({ fast: 5_000 });
      await rm(place, { recursive: true, force: true });
    },
  };
}

describe.skipIf(!needs("unleash-server"))("with its own server", () => {
  flagSourceSuite("Unleash", openUnleash, 120_000);
});

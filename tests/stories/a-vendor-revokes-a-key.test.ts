import type { IncomingMessage, Server } from "node:http";
import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { needs } from "../../tools/skips.ts";
import type { Said } from "./support/command-line.ts";
import { commandLineWith } from "./support/command-line.ts";
import type { Fairway } from "./support/fairway-under-test.ts";
import { openFairway } from "./support/fairway-under-test.ts";
import { configFile } from "./support/git-project.ts";
import { until } from "./support/leak-guard.ts";
import { tinyConfig, tinyService } from "./support/tiny-service.ts";

// The tests of this file tell one story, in their order: vendors of the seed know keys, one of them is revoked, and is
// exchanged. The probes are those of the example, word by word, but for where they ask.

const example = join(import.meta.dirname, "../../examples/blockbuilders/ops");
const first = {
  supabase: "sb-first-Kq7vX2",
  stripe: "rk-first-Zp4wN8",
  kaiko: "ka-first-Lm3tR6",
  coins: "cm-first/+=&Yd9",
};
const vendors = ["supabase-service", "stripe-restricted", "kaiko", "coin-metrics"];
const duty = (name: string): string => `credential/${name}@production:health`;

/** Stands in for the four vendors, each with its own way to be told a key. */
function vendorServer(keys: Set<string>): Server {
  const keyOf = ({ url = "", headers }: IncomingMessage): string => {
    const { pathname, searchParams } = new URL(url, "http://vendor.local");
    if (pathname === "/rest/v1/")
      return headers["authorization"] === `Bearer ${String(headers["apikey"])}` ? String(headers["apikey"]) : "";
    if (pathname === "/v1/balance")
      return Buffer.from(headers["authorization"]?.slice("Basic ".length) ?? "", "base64")
        .toString()
        .replace(/:$/, "");
    return searchParams.get("api_key") ?? String(headers["x-api-key"] ?? "");
  };
  return createServer((request, response) => {
    if (request.method === "POST") {
      const made = `cm-made-${request.url?.slice(1)}`;
      keys.add(made);
      response.end(made);
      return;
    }
    if (request.method === "DELETE") keys.delete(keyOf(request));
    response.statusCode = keys.has(keyOf(request)) || request.method === "DELETE" ? 200 : 401;
    response.end("an answer that nobody keeps");
  });
}

const keys = new Set<string>(Object.values(first));
const said: string[] = [];
let server: Server;
let fairway: Fairway;
const say = async (input: string, ...words: readonly string[]): Promise<Said> => {
  const heard = await commandLineWith(
    { input, env: { FAIRWAY_USER: "Priya" } },
    fairway.project.path,
    fairway.data,
    ...words,
  );
  said.push(heard.out, heard.err);
  return heard;
};
const state = async (name: string): Promise<{ readonly state: string; readonly why: string }> =>
  JSON.parse((await say("", "duties", "show", name, "--json")).out) as { readonly state: string; readonly why: string };

describe.skipIf(!needs("time"))("a vendor revokes a key", () => {
  beforeAll(async () => {
    server = vendorServer(keys).listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const credentials = (await readFile(join(example, "credentials.yaml"), "utf8"))
      .replaceAll(/https:\/\/(?:us\.market-api\.kaiko\.io|api\.coinmetrics\.io|api\.stripe\.com)/g, address)
      .concat(
        `    rotate: { every: P180D, from: 2027-02-28, run: { rotation: { driver: command, create: [node, ops/coins.mjs, create], verify: [node, ops/coins.mjs, verify], revoke: [node, ops/coins.mjs, revoke] } } }\n`,
      );
    fairway = await openFairway({
      "web/server.mjs": tinyService(),
      "ops/people.yaml": await readFile(join(example, "people.yaml"), "utf8"),
      "ops/credentials.yaml": credentials,
      "ops/gates.yaml":
        'gates:\n  - { environment: production, require: ["credential/*@production:health"], owner: data-engineering }\n',
      "ops/coins.mjs": `const [, , what] = process.argv;
const key = encodeURIComponent(process.env.FAIRWAY_KEY ?? "");
if (what === "create") console.log(await (await fetch("${address}/" + process.env.FAIRWAY_ROTATION, { method: "POST" })).text());
else {
  const { status } = await fetch("${address}/?api_key=" + key, { method: what === "revoke" ? "DELETE" : "GET" });
  process.exitCode = status === 200 ? 0 : status === 401 ? 1 : 2;
}
`,
      ...configFile({
        name: "story",
        services: { web: tinyConfig() },
        environments: { production: { deploys: "automatically", services: {} } },
      }),
    });
    await fairway.release();
    const read = await say("", "duties", "read");
    if (read.code !== 0) throw new Error(`${read.out}${read.err}`);
    const stored = {
      ...{ SUPABASE_URL: `${address}/`, SUPABASE_SERVICE_KEY: first.supabase, STRIPE_RESTRICTED_KEY: first.stripe },
      ...{ KAIKO_API_KEY: first.kaiko, COIN_METRICS_API_KEY: first.coins },
    };
    for (const [name, value] of Object.entries(stored)) {
      const kept = await say(value, "secrets", "set", name, "--env", "production");
      if (kept.code !== 0) throw new Error(kept.err);
    }
  });
  afterAll(async () => {
    await fairway?.end();
    server?.closeAllConnections();
    server?.close();
  });

  test("each vendor is told its key in its own way, and says that it works", async () => {
    for (const name of vendors) {
      expect(await say("", "duties", "run", duty(name))).toMatchObject({ code: 0, err: "" });
      expect(await state(duty(name))).toMatchObject({ state: "ok" });
    }
  });

  test("a key that its vendor has revoked is failing, with the reason, and the vendor that stands in for it is enough", async () => {
    keys.delete(first.coins);
    expect((await say("", "duties", "run", duty("coin-metrics"))).code).toBe(1);
    const { state: now, why } = await state(duty("coin-metrics"));
    expect([now, why]).toEqual(["failing", expect.stringContaining("answered 401 and not 200")]);
    keys.add(first.coins);
    const ready = await say("", "readiness", "production");
    expect([ready.code, ready.out]).toEqual([
      0,
      expect.stringMatching(/kaiko@production:health stands\s+in\s+for\s+it/u),
    ]);
  });

  test("where the vendor that stands in for it fails too, there is an incident of severity 2, once", async () => {
    keys.delete(first.kaiko);
    expect((await say("", "duties", "run", duty("kaiko"))).code).toBe(1);
    keys.add(first.kaiko);
    const opened = async (): Promise<readonly unknown[]> =>
      (await fairway.client.call("incidents", {})).map(({ title, proposed }) => [title, proposed]);
    await until(async () => (await opened()).length > 0, "the incident is there", 150_000);
    const title = expect.stringMatching(
      /kaiko@production:health and .*coin-metrics@production:health, which stands in for it, both/,
    );
    expect(await opened()).toEqual([[title, 2]]);
    expect((await say("", "duties", "run", duty("kaiko"))).code).toBe(0);
  });

  test("it is exchanged, and that passes when the new one works and the old one is refused", async () => {
    const run = await say("", "duties", "run", "credential/coin-metrics@production:rotate");
    expect(run).toMatchObject({ code: 0 });
    expect([keys.has(first.coins), [...keys].filter((key) => key.startsWith("cm-made-")).length]).toEqual([false, 1]);
    expect((await say("", "duties", "run", duty("coin-metrics"))).code).toBe(0);
    expect(await state(duty("coin-metrics"))).toMatchObject({ state: "ok" });
  });

  test("a key that the store has no more is failing on the board, with what mends it, and no word shows it", async () => {
    const kaiko = "credential/kaiko@production:store";
    expect((await say("", "secrets", "remove", "KAIKO_API_KEY", "--env", "production", "--yes")).code).toBe(0);
    const shown = await say("", "duties", "show", kaiko);
    expect(shown.out).toContain(`${kaiko}: failing, the store has no KAIKO_API_KEY for production`);
    expect(shown.out).toMatch(/mend it +fairway secrets set KAIKO_API_KEY --env production/u);
    expect((await say("", "duties", "attest", kaiko)).err).toContain("no word shows");
    const { duties } = await fairway.client.call("duties", { env: "production" });
    expect(duties.filter(({ id }) => id === kaiko)).toMatchObject([{ state: "failing", owner: "data-engineering" }]);
  });

  test("no key is in what was said or kept of all that", async () => {
    // Also in the database's own files, where the store has them sealed.
    const secret = [...Object.values(first), ...keys].flatMap((key) => [key, encodeURIComponent(key)]);
    const kept = (await readdir(fairway.data, { recursive: true, withFileTypes: true })).filter((one) => one.isFile());
    const holding: string[] = secret.filter((key) => said.join("\n").includes(key));
    for (const one of kept) {
      const file = join(one.parentPath, one.name);
      const bytes = await readFile(file).catch(ifGone);
      if (secret.some((key) => bytes.includes(key))) holding.push(file);
    }
    expect(kept.length).toBeGreaterThan(10);
    expect(holding).toEqual([]);
  });
});

function ifGone(thrown: NodeJS.ErrnoException): Buffer {
  if (thrown.code === "ENOENT") return Buffer.alloc(0);
  throw thrown;
}

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ReleaseShape } from "@fairway/api";
import { OFREPProvider } from "@openfeature/ofrep-provider";
import { OFREPWebProvider } from "@openfeature/ofrep-web-provider";
import { OpenFeature } from "@openfeature/server-sdk";
import type { Provider } from "@openfeature/web-sdk";
import { OpenFeature as WebOpenFeature, ProviderEvents } from "@openfeature/web-sdk";
import { EventSource } from "eventsource";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { Said } from "./support/command-line.ts";
import { commandLine } from "./support/command-line.ts";
import type { Fairway } from "./support/fairway-under-test.ts";
import { by, openFairway } from "./support/fairway-under-test.ts";
import { fetchFrom } from "./support/requests.ts";
import { webProject } from "./support/tiny-service.ts";
import { assertEnded } from "./support/watch-run.ts";

let fairway: Fairway;
const host = "web.staging.localhost";
/** A service that asks for the flag as OpenFeature's variables tell it, and has `false` in its code. */
const asking = `
import { createServer } from "node:http";
const { PORT, HOST, OFREP_ENDPOINT, OFREP_HEADERS = "" } = process.env;
const headers = Object.fromEntries(OFREP_HEADERS.split(",").filter(Boolean).map((pair) => pair.split(/=(.*)/s).slice(0, 2)));
const flag = async () => {
  const answer = await fetch(OFREP_ENDPOINT + "/ofrep/v1/evaluate/flags/new-checkout", {
    method: "POST", headers, body: JSON.stringify({ context: { targetingKey: "ana" } }) });
  return answer.ok ? ((await answer.json()).value ?? false) : answer.status;
};
createServer(async (request, response) => {
  if (request.url === "/healthz") return void response.end("well");
  response.end(JSON.stringify({ told: OFREP_ENDPOINT !== undefined, flag: OFREP_ENDPOINT ? await flag() : null }));
}).listen(Number(PORT), HOST);
`;

beforeAll(async () => {
  vi.stubGlobal("EventSource", EventSource);
  fairway = await openFairway({ ...webProject(), "web/server.mjs": asking });
});
afterAll(async () => {
  await Promise.all([OpenFeature.close(), WebOpenFeature.close()]);
  vi.unstubAllGlobals();
  await fairway?.end();
});

const flags = (...words: readonly string[]): Promise<Said> =>
  commandLine(fairway.project.path, fairway.data, "flags", ...words);
const asked = async (): Promise<unknown> => JSON.parse((await fetchFrom(fairway, host)).body);
const access = (
  kind: "server" | "client",
  more: { replace?: boolean; origins?: string[] } = {},
): Promise<{ key: string; url: string }> => fairway.client.call("flagKey", { environment: "staging", kind, ...more });

test("a flag is made, rolled out and looked back at from the command line", async () => {
  expect(await flags("set", "staging", "new-checkout", "--reason", "the new pages")).toMatchObject({
    code: 0,
    out: "new-checkout in staging gives off: the default in the code (version 1)\n",
  });
  expect((await flags("rollout", "staging", "new-checkout", "10%")).out).toBe(
    "new-checkout in staging gives on to 10 %, off to 90 % (version 2)\n",
  );
  const history = await flags("history", "staging", "new-checkout");
  expect(history.out).toMatch(/^2 .*rollout +new-checkout +off: the default in the code → on to 10 %, off to 90 %/m);
  expect(history.out).toMatch(/^1 .*create .*the new pages$/m);
  const late = await flags("off", "staging", "new-checkout", "--if-version", "1");
  expect([late.code, late.err]).toEqual([1, expect.stringContaining("it is at version 2, not 1 [version_conflict]")]);
});

test("a file with a bad rule is refused with the place and the fix, and nothing was changed", async () => {
  const file = join(fairway.place, "flags.json");
  const flag = { state: "ENABLED", variants: { on: true, off: false }, defaultVariant: "off" };
  const rule = { if: [{ $ref: "staff" }, "beta"] };
  await writeFile(
    file,
    JSON.stringify({
      flags: { sound: flag, wrong: { ...flag, targeting: rule } },
      $evaluators: { staff: { "!": { $ref: "staff" } } },
    }),
  );
  const refused = await flags("import", "staging", file);
  expect([refused.code, refused.err]).toEqual([1, expect.stringContaining("[flags_invalid]")]);
  expect(refused.err.replaceAll(/\n +/g, " ")).toContain("/$evaluators/staff/!/$ref: goes in a circle: staff → staff");
  expect(Object.keys((await fairway.client.call("exportFlags", { environment: "staging" })).flags)).toEqual([
    "new-checkout",
  ]);
  await writeFile(file, "{");
  expect((await flags("import", "staging", file)).err).toContain("flags.json");
});

test("a service is told where its flags are, and gets what the flag gives", async () => {
  assertEnded(await fairway.release(), "succeeded");
  await fairway.client.call("rollOutFlag", { environment: "staging", flag: "new-checkout", percent: 100, by });
  expect(await asked()).toEqual({ told: true, flag: true });
  await fairway.client.call("switchFlag", { environment: "staging", flag: "new-checkout", on: false, by });
  expect(await asked()).toEqual({ told: true, flag: false });
});

test("a release records how the flags stood: the same flags, the same release; other flags, another", async () => {
  const made = async (): Promise<ReleaseShape> => {
    const { id } = await fairway.client.call("makeRelease", { by, deploy: false });
    assertEnded(await fairway.settled({ id }), "succeeded");
    const [newest] = await fairway.client.call("releases", { limit: 1 });
    if (newest === undefined) throw new Error("there is no release");
    return newest;
  };
  const first = await made();
  expect(first.flags).toMatch(/^sha256:/);
  await fairway.client.call("rollOutFlag", { environment: "staging", flag: "new-checkout", percent: 5, by });
  const other = await made();
  expect([other.flags === first.flags, other.digest === first.digest]).toEqual([false, false]);
  const { flags: changed } = await fairway.client.call("releaseDiff", { from: first.id, release: other.id });
  expect(changed).toMatchObject([{ environment: "staging", key: "new-checkout", change: "changed", to: { on: true } }]);
  expect((await commandLine(fairway.project.path, fairway.data, "release", "diff", first.id, other.id)).out).toContain(
    "Feature flags:\n  staging/new-checkout changed",
  );
  await fairway.client.call("rollOutFlag", { environment: "staging", flag: "new-checkout", percent: 50, by });
  await fairway.client.call("rollOutFlag", { environment: "staging", flag: "new-checkout", percent: 5, by });
  expect((await made()).digest).toBe(other.digest);
  // What is in quarantine does not come back by the turn of a flag.
  await fairway.client.call("quarantine", { release: other.id, by, reason: "it is bad" });
  await fairway.client.call("rollOutFlag", { environment: "staging", flag: "new-checkout", percent: 6, by });
  const { id } = await fairway.client.call("makeRelease", { by, deploy: false });
  assertEnded(await fairway.settled({ id }), "failed");
  await fairway.client.call("liftQuarantine", { release: other.id, by, reason: "it was not" });
});

test("OpenFeature's own provider for servers reads the flags", async () => {
  const { key, url } = await access("server");
  await OpenFeature.setProviderAndWait(
    new OFREPProvider({ baseUrl: url, headers: { authorization: `Bearer ${key}` } }),
  );
  const client = OpenFeature.getClient();
  await fairway.client.call("rollOutFlag", { environment: "staging", flag: "new-checkout", percent: 100, by });
  expect(await client.getBooleanDetails("new-checkout", false, { targetingKey: "ana" })).toMatchObject({
    value: true,
    variant: "on",
    reason: "TARGETING_MATCH",
  });
  expect(await client.getBooleanDetails("nothing", false)).toMatchObject({ value: false, errorCode: "FLAG_NOT_FOUND" });
  expect(await client.getStringDetails("new-checkout", "no")).toMatchObject({
    value: "no",
    errorCode: "TYPE_MISMATCH",
  });
});

test("a page hears of a kill switch and gets the default in its code, without asking again by itself", async () => {
  const { key, url } = await access("client");
  const provider = new OFREPWebProvider({
    baseUrl: url,
    headers: [["authorization", `Bearer ${key}`]],
    cacheMode: "disabled",
  });
  await WebOpenFeature.setContext({ targetingKey: "ana" });
  // The provider's own types are looser than ours.
  await WebOpenFeature.setProviderAndWait(provider as Provider);
  const client = WebOpenFeature.getClient();
  expect(client.getBooleanValue("new-checkout", false)).toBe(true);
  const changed = new Promise<void>((resolve) =>
    client.addHandler(ProviderEvents.ConfigurationChanged, () => {
      if (!client.getBooleanValue("new-checkout", false)) resolve();
    }),
  );
  const killed = await flags("kill", "new-checkout", "--reason", "it burns");
  expect(killed.out).toBe("new-checkout in staging gives off: the default in the code (version 10)\n");
  await changed;
  expect(await asked()).toEqual({ told: true, flag: false });
});

test("a page of elsewhere gets nothing, and one that was named gets values but no rules", async () => {
  const { key, url } = await access("client", { origins: ["https://shop.example"] });
  const ask = (origin: string, path = "/ofrep/v1/evaluate/flags", method = "POST"): Promise<Response> =>
    fetch(url + path, { method, headers: { origin, authorization: `Bearer ${key}` } });
  const preflight = (origin: string): Promise<Response> =>
    fetch(`${url}/ofrep/v1/evaluate/flags`, { method: "OPTIONS", headers: { origin } });
  const allowed = async (answer: Promise<Response>): Promise<readonly [number, string | null]> => {
    const { status, headers } = await answer;
    return [status, headers.get("access-control-allow-origin")];
  };
  expect(await allowed(ask("https://shop.example"))).toEqual([200, "https://shop.example"]);
  expect(await allowed(preflight("https://shop.example"))).toEqual([204, "https://shop.example"]);
  expect(await allowed(ask("https://evil.example"))).toEqual([403, null]);
  expect(await allowed(preflight("https://evil.example"))).toEqual([204, null]);
  expect(await allowed(ask(`http://${host}:8080`))).toEqual([200, `http://${host}:8080`]);
  expect((await ask("https://shop.example", "/flagd/v1/flags.json", "GET")).status).toBe(403);
  expect((await ask("https://shop.example", "/ofrep/v1/evaluate/flags/new-checkout")).status).toBe(403);
});

test("flagd's way of reading them gets all of them, once, with the key of a server alone", async () => {
  const { key, url } = await access("server");
  const read = (headers: Record<string, string>): Promise<Response> => fetch(`${url}/flagd/v1/flags.json`, { headers });
  const first = await read({ authorization: `Bearer ${key}` });
  expect(await first.json()).toMatchObject({ flags: { "new-checkout": { variants: { on: true } } } });
  const again = await read({ authorization: `Bearer ${key}`, "if-none-match": first.headers.get("etag") ?? "" });
  expect([again.status, await again.text()]).toEqual([304, ""]);
  expect((await read({})).status).toBe(401);
  // A secret does not go into a URL.
  expect((await fetch(`${url}/flagd/v1/flags.json?key=${key}`)).status).toBe(401);
  const replaced = await access("server", { replace: true });
  expect((await read({ authorization: `Bearer ${key}` })).status).toBe(401);
  expect((await read({ "x-api-key": replaced.key })).status).toBe(200);
});

test("what cannot be asked is answered in OpenFeature's words", async () => {
  const { key, url } = await access("server");
  const ask = async (path: string, body: string): Promise<readonly [number, unknown]> => {
    const answer = await fetch(`${url}/ofrep/v1/evaluate/flags${path}`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}` },
      body,
    });
    return [answer.status, await answer.json()];
  };
  expect(await ask("", "{")).toEqual([400, { errorCode: "INVALID_CONTEXT", errorDetails: "the request is no JSON" }]);
  expect(await ask("/x", '{"context":7}')).toMatchObject([400, { key: "x", errorCode: "INVALID_CONTEXT" }]);
  expect(await ask("", '{"context":{"targetingKey":7}}')).toMatchObject([400, { errorCode: "INVALID_CONTEXT" }]);
  expect(await ask("", "x".repeat(70_000))).toMatchObject([413, { errorCode: "INVALID_CONTEXT" }]);
  expect(await ask("/%E0%A4%A", "")).toMatchObject([404, { errorCode: "FLAG_NOT_FOUND" }]);
  expect(await ask("/__proto__", "")).toMatchObject([404, { errorCode: "FLAG_NOT_FOUND" }]);
});

test("a canary's step gives the flag to a part of everybody, and it is put back when the release is refused", async () => {
  const gives = async (): Promise<string> =>
    (await fairway.client.call("flag", { environment: "staging", flag: "new-checkout" })).gives;
  await fairway.client.call("rollOutFlag", { environment: "staging", flag: "new-checkout", percent: 3, by });
  const steps = [{ weight: 50, pause: "approval" as const, flags: { "new-checkout": 7 } }];
  const asked = await fairway.ship("Step by step", {
    ...webProject({}, { service: { strategy: { canary: { steps } } } }),
    "web/server.mjs": `${asking}// once more\n`,
  });
  expect(asked.approval?.step).toMatchObject({ service: "web", weight: 50 });
  expect(await gives()).toBe("on to 7 %, off to 93 %");
  const { id: run, approval } = asked;
  await fairway.client.call("approve", { run, by, answer: "no", digest: approval?.digest ?? "" });
  assertEnded(await fairway.settled(asked), "failed");
  expect(await gives()).toBe("on to 3 %, off to 97 %");
});

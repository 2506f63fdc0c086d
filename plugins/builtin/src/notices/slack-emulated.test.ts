import { once } from "node:events";
import type { Server } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { Notice, NoticeAnswer, NoticeChannel, NoticeHistory, NoticePlace, ReleaseId, RunId } from "@fairway/core";
import type { Emulator } from "emulate";
import { createEmulator } from "emulate";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { openNotifier } from "./open-notifier.ts";

const secrets = { KEY: "xoxb-test" };

/** At a port that was free a moment ago; another when somebody was faster. */
async function emulatedSlack(): Promise<Emulator> {
  for (let tries = 0; ; tries++) {
    const probe = createServer();
    await new Promise<void>((resolve) => probe.listen(0, resolve));
    const { port } = probe.address() as AddressInfo;
    await new Promise((resolve) => probe.close(resolve));
    const emulator = await createEmulator({
      service: "slack",
      port,
      seed: {
        tokens: { [secrets.KEY]: { login: "U000000001", scopes: [] } },
        slack: { channels: [{ name: "deploys" }] },
      },
    });
    const answers = await fetch(`http://127.0.0.1:${port}/api/api.test`, { method: "POST" }).then(
      () => true,
      () => false,
    );
    if (answers || tries > 5) return emulator;
    await emulator.close();
  }
}

let slack: Emulator;
let proxy: Server;
/** How many of the next requests arrive, and their answers do not. */
let lost = 0;
let refusals = 0;

const own = (): string => slack.url.replace("localhost", "127.0.0.1");
const api = (): string => `http://127.0.0.1:${(proxy.address() as AddressInfo).port}/api`;

beforeAll(async () => {
  slack = await emulatedSlack();
  // Between the two, as bad as the way to Slack can be.
  proxy = createServer((request, response) => {
    void (async () => {
      const body = await text(request);
      if (refusals > 0) {
        refusals -= 1;
        return response.writeHead(429, { "retry-after": "7" }).end();
      }
      const { authorization = "", "content-type": type = "application/json" } = request.headers;
      const headers = { authorization, "content-type": type };
      const answer = await fetch(`${own()}${request.url}`, { method: "POST", headers, body });
      const said = await answer.text();
      if (lost > 0) {
        lost -= 1;
        return request.socket.destroy();
      }
      return response.writeHead(answer.status, { "content-type": "application/json" }).end(said);
    })();
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
});
afterAll(async () => {
  proxy.closeAllConnections();
  proxy.close();
  await slack.close();
});

async function asked(method: string, body: object): Promise<Readonly<Record<string, unknown>>> {
  const headers = { authorization: `Bearer ${secrets.KEY}`, "content-type": "application/json" };
  const answer = await fetch(`${own()}/api/${method}`, { method: "POST", headers, body: JSON.stringify(body) });
  return (await answer.json()) as Readonly<Record<string, unknown>>;
}

interface Said {
  readonly ts: string;
  readonly text: string;
  readonly metadata?: { readonly event_payload: Readonly<Record<string, unknown>> };
}

async function channelId(name: string): Promise<string> {
  const { channels } = await asked("conversations.list", {});
  const found = (channels as readonly { readonly id: string; readonly name: string }[]).find(
    (one) => one.name === name,
  );
  return found?.id ?? "";
}
const saidIn = async (method: string, about: object): Promise<readonly Said[]> =>
  (await asked(method, { ...about, include_all_metadata: true, limit: 100 }))["messages"] as readonly Said[];

const notice = (id: string, title: string): Notice => ({
  ...({ kind: "deployment.succeeded", level: "success", text: "", at: "2026-01-02T03:04:05.000Z" } as const),
  ...({ environment: "production", run: "run-17" as RunId, release: "r7" as ReleaseId, thread: "run-17" } as const),
  facts: [],
  url: "https://fairway.example.com/runs/run-17",
  id,
  title,
});

async function told(
  place: NoticePlace,
  one: Notice,
  history: NoticeHistory,
  known: Readonly<Record<string, string>> = secrets,
): Promise<NoticeAnswer> {
  const channel: NoticeChannel = {
    ...{ name: "team", place, about: ["deployment.succeeded"], environments: null, allowPrivate: [] },
  };
  const opened = openNotifier(channel, known, ["127.0.0.0/8"]);
  onTestFinished(() => opened.close());
  return opened.notify(one, history);
}

test("nineteen tries whose answers are lost, and one more, are one message, and the next of its deployment is in its thread", async () => {
  const channel = await channelId("deploys");
  const place: NoticePlace = { kind: "slack", token: { secret: "KEY" }, channel, api: api() };
  const one = notice("fairway-1", "r7 runs in production");
  lost = 19;
  let answer: NoticeAnswer = { told: false, again: true, uncertain: false, why: "", after: null };
  let tries = 0;
  while (!answer.told && tries < 20) {
    answer = await told(place, one, { thread: null, uncertain: !answer.told && answer.uncertain });
    tries += 1;
  }
  const [only, ...more] = await saidIn("conversations.history", { channel });
  expect([answer.told, more]).toEqual([true, []]);
  expect(only?.metadata?.event_payload).toMatchObject({ id: "fairway-1", run: "run-17", release: "r7" });
  lost = 0;
  const next = notice("fairway-2", "r7 is verified in production");
  await told(place, next, { thread: only?.ts ?? null, uncertain: false });
  const thread = await saidIn("conversations.replies", { channel, ts: only?.ts });
  expect(thread.map(({ metadata }) => metadata?.event_payload["id"])).toEqual(["fairway-1", "fairway-2"]);
});

test("a pause that Slack asks for is told, and nothing is said meanwhile", async () => {
  const channel = await channelId("random");
  const place: NoticePlace = { kind: "slack", token: { secret: "KEY" }, channel, api: api() };
  refusals = 1;
  const history = { thread: null, uncertain: false };
  expect(await told(place, notice("fairway-3", "r8 runs"), history)).toMatchObject({ told: false, after: 7_000 });
  expect(await saidIn("conversations.history", { channel })).toEqual([]);
  expect(await told(place, notice("fairway-3", "r8 runs"), history)).toMatchObject({ told: true });
});

test("an incoming webhook takes the same message, with the way to the dashboard", async () => {
  const hook = { HOOK: `${api().replace(/\/api$/, "")}/services/T000000001/B000000001/X1` };
  const place: NoticePlace = { kind: "slack-webhook", url: { secret: "HOOK" } };
  const answer = await told(place, notice("fairway-4", "r9 runs <!channel>"), { thread: null, uncertain: false }, hook);
  expect(answer).toEqual({ told: true, reference: null });
  const said = JSON.stringify(await saidIn("conversations.history", { channel: await channelId("general") }));
  expect(said).toContain("r9 runs &lt;!channel&gt;");
  expect(said).toContain("https://fairway.example.com/runs/run-17");
});

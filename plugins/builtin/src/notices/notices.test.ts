import type { Notice, NoticeAnswer, NoticeChannel, NoticeHistory, NoticePlace } from "@fairway/core";
import { Webhook } from "standardwebhooks";
import { afterEach, describe, expect, onTestFinished, test } from "vitest";
import type { Heard, NoticePlaceDouble, Reply } from "../../fixtures/notice-place.ts";
import { noticePlaceDouble } from "../../fixtures/notice-place.ts";
import { openNotifier } from "./open-notifier.ts";
import { retryAfter } from "./http-answer.ts";

const notice: Notice = {
  id: "fairway-1",
  kind: "deployment.failed",
  level: "error",
  title: "r7 to production: rolled-back; r6 is back <!channel>",
  text: "web: 3 of 3 replicas failed & nobody knows why",
  at: "2026-01-02T03:04:05.000Z",
  environment: "production",
  run: "run-17",
  release: "r7",
  url: null,
  facts: [{ name: "Commit", value: "3f2a1bc Add <script>" }],
  thread: "run-17",
} as unknown as Notice;
const first: NoticeHistory = { thread: null, uncertain: false };
const secrets = { KEY: "xoxb-very-secret", HOOK: `whsec_${Buffer.alloc(24, 7).toString("base64")}` };

let place: NoticePlaceDouble;
afterEach(() => place.close());
const placeThat = async (reply: (heard: Heard, before: number) => Reply): Promise<string> =>
  (place = await noticePlaceDouble(reply)).url;

async function told(at: NoticePlace, history: NoticeHistory = first, one: Notice = notice): Promise<NoticeAnswer> {
  const channel: NoticeChannel = {
    name: "team",
    place: at,
    about: ["deployment.failed"],
    environments: null,
    allowPrivate: [],
  };
  const opened = openNotifier(channel, secrets, ["127.0.0.0/8"]);
  onTestFinished(() => opened.close());
  return opened.notify(one, history);
}
const bodies = (): readonly Readonly<Record<string, unknown>>[] =>
  place.heard.map(({ body }) => (body === "" ? {} : (JSON.parse(body) as Readonly<Record<string, unknown>>)));

describe("Slack, by a bot", () => {
  const slack = (url: string): NoticePlace => ({ kind: "slack", token: { secret: "KEY" }, channel: "C1", api: url });

  test("says it with what people wrote as text, with metadata, and answers by what the thread goes on", async () => {
    const url = await placeThat(() => ({ status: 200, body: { ok: true, ts: "1.2" } }));
    expect(await told(slack(url))).toEqual({ told: true, reference: "1.2" });
    expect(place.heard[0]).toMatchObject({
      path: "/chat.postMessage",
      headers: { authorization: "Bearer xoxb-very-secret" },
    });
    expect(JSON.stringify(bodies()[0])).toContain("&lt;!channel&gt;");
    expect(place.heard[0]?.body).not.toContain("<script>");
    expect(bodies()[0]).toMatchObject({
      channel: "C1",
      metadata: { event_payload: { id: "fairway-1", run: "run-17" } },
    });
    await told(slack(url), { thread: "1.2", uncertain: false });
    expect(bodies()[1]).toMatchObject({ thread_ts: "1.2" });
  });

  test("whoever is asked alone is found by their address and hears it where nobody else reads; who is not there is left out", async () => {
    const knows = await placeThat(({ path }) => ({
      status: 200,
      body: path === "/users.lookupByEmail" ? { ok: true, user: { id: "U7" } } : { ok: true, ts: "1.2" },
    }));
    const personal = { person: "u1", name: "ann", address: "ann@example.com" } as unknown as Notice["personal"];
    const alone = { ...notice, url: "https://fairway.example.com/approve/sealed", personal };
    expect(await told(slack(knows), first, alone)).toEqual({ told: true, reference: null });
    expect(place.heard.map(({ path }) => path)).toEqual(["/users.lookupByEmail", "/chat.postMessage"]);
    expect(place.heard[0]?.body).toBe("email=ann%40example.com");
    const said = JSON.parse(place.heard[1]?.body ?? "") as object;
    expect(said).toMatchObject({ channel: "U7", unfurl_links: false });
    expect(JSON.stringify(said)).toContain("<https://fairway.example.com/approve/sealed|Look at it, and answer>");
    await place.close();
    const stranger = await placeThat(() => ({ status: 200, body: { ok: false, error: "users_not_found" } }));
    expect(await told(slack(stranger), first, alone)).toEqual({ told: true, reference: null });
    expect(place.heard).toHaveLength(1);
    await place.close();
    const mayNot = await placeThat(() => ({ status: 200, body: { ok: false, error: "missing_scope" } }));
    expect(await told(slack(mayNot), first, alone)).toMatchObject({ told: false, again: false });
  });

  test("after a try whose outcome nobody knows it looks before it says it again", async () => {
    const there = { ts: "3.4", metadata: { event_type: "fairway_notice", event_payload: { id: "fairway-1" } } };
    const url = await placeThat(() => ({ status: 200, body: { ok: true, messages: [there] } }));
    expect(await told(slack(url), { thread: null, uncertain: true })).toEqual({ told: true, reference: "3.4" });
    expect(place.heard.map(({ path }) => path)).toEqual(["/conversations.history"]);
  });

  test.each<[string, Reply, Partial<Extract<NoticeAnswer, { told: false }>>]>([
    [
      "is left alone as long as it asks",
      { status: 429, headers: { "retry-after": "30" } },
      { again: true, after: 30_000 },
    ],
    ["is tried again after a fault of its own", { status: 503 }, { again: true, uncertain: true }],
    ["is tried again when it hung up", "drop", { again: true, uncertain: true }],
    [
      "is not asked again when it knows no such channel",
      { status: 200, body: { ok: false, error: "channel_not_found" } },
      { again: false },
    ],
    [
      "is asked again when it is only slow",
      { status: 200, body: { ok: false, error: "ratelimited" } },
      { again: true },
    ],
  ])("%s", async (_what, reply, answer) => {
    const url = await placeThat(() => reply);
    const said = await told(slack(url));
    expect(said).toMatchObject({ told: false, ...answer });
    expect(JSON.stringify(said)).not.toContain("very-secret");
  });
});

test("a webhook is signed so that the receiver's library accepts it, with the same id each time", async () => {
  const url = await placeThat((_heard, before) => ({ status: before === 0 ? 500 : 204 }));
  const hook: NoticePlace = { kind: "webhook", url: `${url}/hook`, secret: { secret: "HOOK" } };
  expect(await told(hook)).toMatchObject({ told: false, again: true });
  expect(await told(hook, { thread: null, uncertain: true })).toEqual({ told: true, reference: null });
  for (const { headers, body } of place.heard) {
    expect(headers["webhook-id"]).toBe("fairway-1");
    expect(new Webhook(secrets.HOOK).verify(body, headers as Record<string, string>)).toMatchObject({
      type: "deployment.failed",
      data: { environment: "production", run: "run-17" },
    });
  }
});

test("PagerDuty has one incident for an environment, and it ends when that is well again", async () => {
  const url = await placeThat(() => ({ status: 202, body: { status: "success" } }));
  const pager: NoticePlace = { kind: "pagerduty", routingKey: { secret: "KEY" }, api: url };
  await told(pager);
  await told(pager, first, { ...notice, kind: "deployment.succeeded", level: "success" });
  expect(bodies()).toMatchObject([
    { event_action: "trigger", dedup_key: "fairway environment production", payload: { severity: "critical" } },
    { event_action: "resolve", dedup_key: "fairway environment production" },
  ]);
});

test("Datadog gets an event with tags, all of one deployment together", async () => {
  const url = await placeThat(() => ({ status: 202, body: { status: "ok" } }));
  expect(await told({ kind: "datadog", apiKey: { secret: "KEY" }, api: url })).toMatchObject({ told: true });
  expect(place.heard[0]).toMatchObject({ path: "/api/v1/events", headers: { "dd-api-key": "xoxb-very-secret" } });
  expect(bodies()[0]).toMatchObject({
    alert_type: "error",
    aggregation_key: "run-17",
    tags: expect.arrayContaining(["env:production"]),
  });
});

test("Alertmanager has one alert of a severity for an environment, which stays until that is well again", async () => {
  const url = await placeThat(() => ({ status: 200 }));
  const manager: NoticePlace = { kind: "alertmanager", url, user: "fairway", password: { secret: "KEY" } };
  expect(await told(manager)).toEqual({ told: true, reference: null });
  const basic = `Basic ${Buffer.from("fairway:xoxb-very-secret").toString("base64")}`;
  expect(place.heard[0]).toMatchObject({ path: "/api/v2/alerts", headers: { authorization: basic } });
  await told({ ...manager, user: null }, first, { ...notice, kind: "deployment.succeeded", level: "success" });
  expect(place.heard[1]).toMatchObject({ headers: { authorization: "Bearer xoxb-very-secret" } });
  const [raised, ended] = place.heard.map(({ body }) => JSON.parse(body) as readonly Record<string, unknown>[]);
  const labels = { alertname: "Fairway", about: "environment production", environment: "production" };
  expect(raised).toMatchObject([
    { labels: { ...labels, severity: "critical" }, startsAt: notice.at, endsAt: "2026-02-01T03:04:05.000Z" },
  ]);
  expect(ended).toMatchObject(
    ["info", "warning", "critical"].map((severity) => ({ labels: { ...labels, severity }, endsAt: notice.at })),
  );
});

test("a dead man's switch is called and told nothing, and its address is in no answer", async () => {
  const url = await placeThat((_heard, before) => ({ status: before === 0 ? 200 : 404 }));
  const channel: NoticeChannel = {
    ...{ name: "outside", about: [], environments: null, allowPrivate: [] },
    place: { kind: "dead-mans-switch", url: { secret: "SWITCH" } },
  };
  const opened = openNotifier(channel, { SWITCH: `${url}/ping/very-secret` }, ["127.0.0.0/8"]);
  onTestFinished(() => opened.close());
  expect(await opened.notify(notice, first)).toEqual({ told: true, reference: null });
  expect(place.heard).toMatchObject([{ method: "GET", path: "/ping/very-secret", body: "" }]);
  const refusal = await opened.notify(notice, first);
  expect(refusal).toMatchObject({ told: false, why: "it answered 404" });
  expect(JSON.stringify(refusal)).not.toContain("very-secret");
});

describe("Jira", () => {
  const jira = (url: string): NoticePlace => ({
    kind: "jira",
    url,
    project: "OPS",
    issueType: "Task",
    user: "bot@example.com",
    token: { secret: "KEY" },
  });

  test("makes an issue where there is none", async () => {
    const url = await placeThat(({ method }) => ({
      status: 200,
      body: method === "GET" ? { issues: [] } : { key: "OPS-4" },
    }));
    expect(await told(jira(url))).toEqual({ told: true, reference: "OPS-4" });
    expect(place.heard.map(({ method, path }) => `${method} ${path.split("?")[0]}`)).toEqual([
      "GET /rest/api/3/search/jql",
      "POST /rest/api/3/issue",
    ]);
  });

  test("finds the one that is there and comments on it", async () => {
    const url = await placeThat(() => ({ status: 200, body: { issues: [{ key: "OPS-3" }] } }));
    expect(await told(jira(url))).toEqual({ told: true, reference: "OPS-3" });
    expect(place.heard[1]?.path).toBe("/rest/api/3/issue/OPS-3/comment");
  });

  test("says once what it does not know to have said, in a comment as in an issue", async () => {
    const comments: object[] = [];
    let [issue, made]: [object | null, number] = [null, 0];
    let lost = 0;
    const url = await placeThat(({ method, path, body }) => {
      if (path.includes("/search/")) return { status: 200, body: { issues: issue === null ? [] : [{ key: "OPS-7" }] } };
      if (method === "GET" && path.includes("/comment"))
        return { status: 200, body: { comments: comments.toReversed() } };
      if (method === "GET") return { status: 200, body: { fields: issue } };
      const said = JSON.parse(body) as { readonly fields?: object; readonly body?: object };
      if (said.fields !== undefined) [issue, made] = [said.fields, made + 1];
      else comments.push({ id: String(comments.length), body: said.body });
      return (lost -= 1) >= 0 ? "drop" : { status: 201, body: { key: "OPS-7" } };
    });
    const until = async (one: Notice, history: NoticeHistory): Promise<number> => {
      for (let tries = 1; ; tries++) {
        const answer = await told(jira(url), tries === 1 ? history : { ...history, uncertain: true }, one);
        if (answer.told) return tries;
        expect(answer).toMatchObject({ again: true, uncertain: true });
      }
    };
    lost = 1;
    expect(await until(notice, { thread: null, uncertain: false })).toBe(2);
    expect([issue === null, comments.length]).toEqual([false, 0]);
    // Whatever is lost how often, and found again by its label, it is one issue.
    lost = 20;
    const other = { thread: null, uncertain: true };
    for (let tries = 1; tries <= 20; tries++) await told(jira(url), other);
    expect([made, comments.length]).toEqual([1, 0]);
    lost = 0;
    const later = { ...notice, id: "fairway-2", title: "It is well again" };
    lost = 1;
    expect(await until(later, { thread: "OPS-7", uncertain: false })).toBe(2);
    expect(comments.length).toBe(1);
    // Another one that is certain is not held back by what looks like it.
    expect(await until({ ...later, id: "fairway-3" }, { thread: "OPS-7", uncertain: false })).toBe(1);
    expect(comments.length).toBe(2);
  });
});

test("a private address is asked only where the operator lets it in, whatever the configuration says of it", async () => {
  const url = await placeThat(() => ({ status: 200 }));
  const asked = (allowPrivate: readonly string[], operator: readonly string[]): Promise<NoticeAnswer> => {
    const place: NoticePlace = { kind: "webhook", url, secret: { secret: "HOOK" } };
    const opened = openNotifier(
      { name: "team", place, about: [], environments: null, allowPrivate },
      secrets,
      operator,
    );
    onTestFinished(() => opened.close());
    return opened.notify(notice, first);
  };
  for (const expected of [[], ["127.0.0.0/8"], ["0.0.0.0/0", "::/0"]])
    expect(await asked(expected, [])).toMatchObject({
      ...{ told: false, again: false },
      why: expect.stringMatching(/refused.*a private address.*fairway up --allow-private 127\.0\.0\.1/u),
    });
  expect(await asked(["10.0.0.0/8"], ["127.0.0.1"])).toMatchObject({
    ...{ told: false, again: false },
    why: expect.stringContaining("the configuration's allowPrivate names other ranges"),
  });
  expect(place.heard).toEqual([]);
  expect(await asked(["127.0.0.0/16"], ["127.0.0.1"])).toMatchObject({ told: true });
});

test("a secret without a value is named, with what to do", async () => {
  await placeThat(() => ({ status: 200 }));
  const channel: NoticeChannel = {
    name: "team",
    place: { kind: "slack-webhook", url: { secret: "NONE" } },
    about: [],
    environments: null,
    allowPrivate: [],
  };
  expect(() => openNotifier(channel, secrets)).toThrow("the channel team needs the secret NONE");
});

test("how long to wait is read in seconds and as a date, and at most a day is believed", () => {
  const now = Date.parse("2026-01-01T00:00:00Z");
  const after = (written: string): number | null => retryAfter({ headers: { "retry-after": written } }, now);
  expect(after("120")).toBe(120_000);
  expect(after("Thu, 01 Jan 2026 00:00:30 GMT")).toBe(30_000);
  expect(after("99999999")).toBe(86_400_000);
  for (const nonsense of ["soon", "-3", "", "0"]) expect(after(nonsense)).toBeNull();
});

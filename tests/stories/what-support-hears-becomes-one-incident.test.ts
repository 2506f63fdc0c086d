import { createHmac, randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Fairway } from "./support/fairway-under-test.ts";
import { by, openFairway } from "./support/fairway-under-test.ts";
import { configFile } from "./support/git-project.ts";
import { until } from "./support/leak-guard.ts";
import { stagingOnly, tinyConfig, tinyService } from "./support/tiny-service.ts";
import { assertEnded } from "./support/watch-run.ts";

// A user writes to support. From there on it is one incident: in Fairway, in Jira and in Slack, whatever is lost on the way,
// until somebody closes it with its cause. Jira and Slack are servers of this story that keep what they are told.

const secret = "of the story's Intercom";

interface Issue {
  readonly key: string;
  readonly labels: readonly string[];
  readonly description: unknown;
  readonly comments: unknown[];
}

/** Jira, as far as it is asked here, and Slack; both lose answers after they have done what they were asked. */
async function officeServer() {
  const issues: Issue[] = [];
  const messages: string[] = [];
  let calls = 0;
  let losing = 0;
  const answerTo = async (request: IncomingMessage): Promise<object> => {
    const { pathname, searchParams } = new URL(request.url ?? "", "http://office");
    const body = request.method === "POST" ? (JSON.parse(await text(request)) as Record<string, never>) : {};
    if (pathname.endsWith("/chat.postMessage")) {
      messages.push(JSON.stringify(body));
      return { ok: true, ts: `${messages.length}.0` };
    }
    if (pathname === "/there/of-the-story") return { calls: (calls += 1) };
    if (pathname.startsWith("/slack/")) return { ok: true, messages: [] };
    const [, key, isComment] = /\/issue\/([A-Z]+-\d+)(\/comment)?$/.exec(pathname) ?? [];
    const issue = issues.find((one) => one.key === key);
    if (pathname.endsWith("/search/jql")) {
      const label = /labels = "([^"]+)"/.exec(searchParams.get("jql") ?? "")?.[1] ?? "";
      return { issues: issues.filter(({ labels }) => labels.includes(label)) };
    }
    if (issue === undefined) {
      const { labels, description } = body["fields"] as unknown as Pick<Issue, "labels" | "description">;
      issues.push({ key: `OPS-${issues.length + 1}`, labels, description, comments: [] });
      return { key: `OPS-${issues.length}` };
    }
    if (request.method === "POST") issue.comments.push({ body: body["body"] });
    return isComment === undefined
      ? { fields: { description: issue.description } }
      : { comments: issue.comments.toReversed() };
  };
  const server: Server = createServer((request, reply) => {
    void answerTo(request).then((answer) => {
      if (request.method === "POST" && losing > 0) return void (losing--, reply.destroy());
      reply.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    issues,
    messages,
    calls: () => calls,
    lose: (times: number) => void (losing = times),
    isLosing: () => losing > 0,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

let office: Awaited<ReturnType<typeof officeServer>>;
let fairway: Fairway;

/** What Intercom sends of a conversation. */
async function intercom(topic: string, words: string, id: string = randomUUID()): Promise<number> {
  const item = {
    id: "42",
    source: { subject: "", body: `<p>${words}</p>` },
    conversation_parts: { conversation_parts: [{ body: words }] },
  };
  const body = JSON.stringify({ type: "notification_event", id, topic, data: { item } });
  const signature = `sha1=${createHmac("sha1", secret).update(body).digest("hex")}`;
  const answer = await fetch(`${fairway.client.url}/hooks/intercom`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-hub-signature": signature },
    body,
  });
  return answer.status;
}

/** Until everybody has been told everything. */
const allTold = (): Promise<void> =>
  until(
    async () => {
      return (await fairway.client.call("notices", {})).every(({ state }) => state === "told");
    },
    "all notices are told",
    60_000,
  );

beforeAll(async () => {
  office = await officeServer();
  const incidents = ["incident.opened", "incident.confirmed", "incident.closed"] as const;
  fairway = await openFairway(
    {
      "web/server.mjs": tinyService(),
      "ops/people.yaml": `roles:\n  lead:\n    people: [{ name: ${by} }]\n`,
      "ops/severity.yaml": `table:
  outage: { all: 1, some: 2, one: 3 }
  degraded: { all: 2, some: 3, one: 4 }
  minor: { all: 3, some: 4, one: 4 }
words:
  - { any: [charged twice], impact: outage, scope: some }
intercom: { secret: INTERCOM_CLIENT_SECRET, environment: staging }
`,
      ...configFile({
        name: "story",
        services: { web: tinyConfig() },
        environments: stagingOnly(),
        notices: {
          outside: { deadMansSwitch: { url: { secret: "SWITCH_URL" } }, allowPrivate: ["127.0.0.1/32"] },
          tickets: {
            jira: {
              url: `${office.url}/jira`,
              project: "OPS",
              user: "bot@example.com",
              token: { secret: "JIRA_TOKEN" },
            },
            about: incidents,
            allowPrivate: ["127.0.0.1/32"],
          },
          team: {
            slack: { token: { secret: "SLACK_TOKEN" }, channel: "C1", api: `${office.url}/slack` },
            about: incidents,
            allowPrivate: ["127.0.0.1/32"],
          },
        },
      }),
    },
    { allowPrivate: "127.0.0.1" },
  );
  const kept = {
    INTERCOM_CLIENT_SECRET: secret,
    JIRA_TOKEN: "of the story's Jira",
    SLACK_TOKEN: "of the story's Slack",
    SWITCH_URL: `${office.url}/there/of-the-story`,
  };
  for (const [name, value] of Object.entries(kept))
    await fairway.client.call("setSecret", { name, value, environment: null, by });
  const { problems } = await fairway.client.call("readDuties", { by });
  if (problems.length > 0) throw new Error(problems.join("\n"));
  assertEnded(await fairway.ship("First"), "succeeded");
});

afterAll(async () => {
  await fairway?.end();
  await office?.close();
});

test("a conversation in support is one incident, one issue and one message, however often anything is sent or lost", async () => {
  expect(await intercom("conversation.user.created", "Somebody said hello")).toBe(202);
  office.lose(3);
  expect(await intercom("conversation.user.created", "I was charged twice!", "n1")).toBe(202);
  expect(await intercom("conversation.user.created", "I was charged twice!", "n1")).toBe(202);
  await until(async () => !office.isLosing(), "three answers were lost", 60_000);
  await allTold();
  const open = await fairway.client.call("incidents", {});
  expect(open).toMatchObject([{ environment: "staging", closedAt: null, confirmed: null }]);
  expect(office.issues.map(({ key }) => key)).toEqual(["OPS-1"]);
  expect(JSON.stringify(office.issues)).toContain("charged twice");
  const lost = await fairway.client.call("notices", {});
  expect(Math.max(...lost.map(({ tries }) => tries))).toBeGreaterThan(1);
});

test("what follows is noted, a person confirms how severe it is and closes it, and all of it stands in the same issue", async () => {
  const [incident] = await fairway.client.call("incidents", {});
  const number = incident?.number ?? 0;
  expect(await intercom("conversation.user.replied", "It is in my statement")).toBe(202);
  await fairway.kill("SIGKILL");
  await fairway.start();
  await fairway.client.call("confirmIncident", { number, severity: 1, by });
  await fairway.client.call("followUpIncident", { number, what: "pay it back", owner: by, due: "2099-01-01", by });
  await fairway.client.call("closeIncident", { number, rootCause: "a worker was started twice", by });
  const cause = "a worker was started twice";
  const heard = (): boolean =>
    [office.issues[0]?.comments, office.messages].every((all) => JSON.stringify(all).includes(cause));
  await until(async () => heard(), "both have heard how it ended", 60_000);
  await allTold();
  expect(office.issues).toHaveLength(1);
  const found = await fairway.client.call("incident", { number });
  expect(JSON.stringify(found)).toContain("It is in my statement");
});

test("who watches from outside is called by a daemon that is there, and says so when it does not arrive", async () => {
  await until(async () => office.calls() > 0, "the switch is called", 90_000);
  expect((await fairway.client.call("status", {})).problems).toEqual([]);
  await fairway.client.call("setSecret", { name: "SWITCH_URL", value: "not-an-address", environment: null, by });
  const unheard = async (): Promise<string> => (await fairway.client.call("status", {})).problems.join("\n");
  await until(async () => (await unheard()).includes("the dead man's switch outside"), "it is told", 90_000);
  expect(await unheard()).toContain("the address is no URL");
});

import { plainEnvironment, plainPlacement, plainService } from "@fairway/conformance";
import type {
  EcsPlacement,
  Notice,
  NoticeAnswer,
  NoticeChannel,
  NoticeHistory,
  NoticeKind,
  Project,
} from "@fairway/core";
import { localActor, mostTries, noticeKindNames } from "@fairway/core";
import { expect, test } from "vitest";
import { actingAs } from "../audit/acting.ts";
import { listAlerts, settleAlerts } from "../store/alerts.ts";
import { historyIn } from "../store/history-for-tests.ts";
import { handOn, listNotices, noticeRefused, putNotice, takeDue } from "../store/notices.ts";
import type { Store } from "../store/store.ts";
import { storeForTests } from "../store/testing/store-for-tests.ts";
import type { NoticeControl } from "./notice-control.ts";
import { noticeControl } from "./notice-control.ts";

let store: Store;
storeForTests((opened) => void (store = opened));

const toldOk: NoticeAnswer = { told: true, reference: "ts-1" };
const no = (again: boolean): NoticeAnswer => ({
  told: false,
  why: "it answered 503",
  again,
  after: null,
  uncertain: again,
});

interface Telling {
  readonly notice: Notice;
  readonly history: NoticeHistory;
}

/** Notices to one channel that answers as it is told; `now` makes everything that waits due. */
function channelThat(
  answer: (tries: number) => NoticeAnswer,
  about: readonly NoticeKind[] = noticeKindNames,
): { readonly control: NoticeControl; readonly tried: Telling[]; now(): Promise<void> } {
  const channel: NoticeChannel = {
    name: "team",
    place: { kind: "slack-webhook", url: { secret: "URL" } },
    about,
    environments: null,
    allowPrivate: [],
  };
  const tried: Telling[] = [];
  const control = noticeControl({
    store,
    project: async () => ({ name: "shop", services: [], environments: [], notices: [channel] }) satisfies Project,
    secrets: { lookUp: async () => ({ URL: "https://example.com" }) },
    open: () => ({
      notify: async (notice, history) => {
        tried.push({ notice, history });
        return answer(tried.length);
      },
      close: async () => undefined,
    }),
  });
  return {
    control,
    tried,
    async now() {
      await store.rows("update fairway.notices set look_at = now()");
      await control.send();
    },
  };
}

test("a release and its deployments are told once each, in their order, in one thread", async () => {
  const { control, tried, now } = channelThat(() => toldOk);
  await control.collect();
  const history = historyIn(store);
  const release = await history.release("sha256:a");
  const run = await history.deploy("production", release);
  await control.collect();
  await control.collect();
  for (let look = 0; look < 4; look++) await now();
  expect(tried.map(({ notice }) => notice.kind)).toEqual(["release.made", "deployment.began", "deployment.succeeded"]);
  expect(tried.at(-1)).toMatchObject({ notice: { run, thread: run }, history: { thread: "ts-1", uncertain: false } });
  expect(new Set(tried.map(({ notice }) => notice.id)).size).toBe(3);
});

test("what is told of a deployment leads to the dashboard of each service that has one", async () => {
  const { control, tried, now } = channelThat(() => toldOk);
  await control.collect();
  const access = { region: "eu-central-1", account: null, profile: null, role: null };
  const ecs: EcsPlacement = {
    ...{ ...access, cluster: "shop", service: "shop-api", family: null, container: null },
    ...{ alarms: [], codeDeploy: null, poll: 15_000 },
  };
  const project: Project = {
    name: "shop",
    services: [plainService("api"), plainService("web")],
    environments: [
      plainEnvironment("cloud", [plainPlacement("api", { ecs }), plainPlacement("web")], {
        aws: { access, dashboards: true, archive: null },
      }),
    ],
  };
  const history = historyIn(store);
  await history.deploy("cloud", await history.release("sha256:dashboards", { project }));
  await control.collect();
  for (let look = 0; look < 4; look++) await now();
  const told = tried.find(({ notice }) => notice.kind === "deployment.succeeded");
  expect(told?.notice.facts.filter(({ name }) => name.startsWith("Dashboard"))).toEqual([
    {
      name: "Dashboard of api",
      value:
        "https://eu-central-1.console.aws.amazon.com/cloudwatch/home?region=eu-central-1#dashboards/dashboard/fairway-cloud-api",
    },
  ]);
});

test("what happened before anybody wanted to hear is not told afterwards", async () => {
  await historyIn(store).release("sha256:before");
  await store.rows("delete from fairway.settings where name = 'notices.seen'");
  const { control, tried, now } = channelThat(() => toldOk);
  await control.collect();
  await now();
  expect(tried).toEqual([]);
});

test("nineteen refusals and an answer make one message, and each try knows that the one before may have arrived", async () => {
  const { control, tried, now } = channelThat((tries) => (tries < mostTries ? no(true) : toldOk));
  await control.test("team", "ana");
  for (let look = 0; look < mostTries + 2; look++) await now();
  expect(tried).toHaveLength(mostTries);
  expect(new Set(tried.map(({ notice }) => notice.id)).size).toBe(1);
  expect(tried.map(({ history }) => history.uncertain)).toEqual(tried.map((_one, index) => index > 0));
  const [kept] = await control.list({ limit: 1 });
  expect(kept).toMatchObject({ state: "told", tries: mostTries, why: null });
});

test("an alert that does not arrive goes to the next channel, which hears also when it is over, and each hears it once", async () => {
  const channel = (name: string, about: readonly NoticeKind[], environments: readonly string[] | null = null) =>
    ({
      ...{ name, about, environments, allowPrivate: [] },
      place: { kind: "slack-webhook", url: { secret: "URL" } },
    }) satisfies NoticeChannel;
  const notices = [
    channel("ops", ["alert.raised", "alert.resolved"]),
    channel("staging", noticeKindNames, ["staging"]),
    channel("broken", ["release.made"]),
    channel("team", ["release.made"]),
  ];
  const arrived: string[] = [];
  const tries = new Map<string, number>();
  const control = noticeControl({
    store,
    project: async () => ({ name: "shop", services: [], environments: [], notices }) satisfies Project,
    secrets: { lookUp: async () => ({ URL: "https://example.com" }) },
    open: ({ name }) => ({
      notify: async ({ kind }) => {
        tries.set(name, (tries.get(name) ?? 0) + 1);
        if (name !== "team") return no(true);
        arrived.push(kind);
        return toldOk;
      },
      close: async () => undefined,
    }),
  });
  const looks = async (many: number): Promise<void> => {
    await control.collect();
    for (let look = 0; look < many; look++) {
      await store.rows("update fairway.notices set look_at = now()");
      await control.send();
    }
  };
  await looks(0);
  const alert = { key: "server/db/archive", level: "error", title: "db", note: "", environment: "production" } as const;
  await settleAlerts(store, "server/", [alert]);
  await looks(2);
  expect([...tries]).toEqual([["ops", 2]]);
  const undelivered = async (): Promise<string | null | undefined> => (await listAlerts(store, 1))[0]?.undelivered;
  expect(await undelivered()).toBeNull();
  await looks(1);
  // Until somebody has it, whoever looks at the board is told.
  expect(await undelivered()).toBe("ops: it answered 503");
  await looks(8);
  expect(await undelivered()).toBeNull();
  // The one that has not arrived anywhere went on and on; of another environment nobody hears.
  expect(tries.get("staging")).toBeUndefined();
  expect(tries.get("broken")).toBeGreaterThanOrEqual(3);
  expect(arrived).toEqual(["alert.raised"]);
  await settleAlerts(store, "server/", []);
  await looks(4);
  expect(arrived).toEqual(["alert.raised", "alert.resolved"]);
  await store.rows("delete from fairway.notices");
});

test("an alert that two channels refuse for good at the same moment goes to the next, once", async () => {
  const notice: Notice = {
    ...{ id: "one", kind: "alert.raised", level: "error", title: "db", text: "", at: new Date().toISOString() },
    ...{ environment: null, run: null, release: null, url: null, facts: [], thread: "alert db" },
  };
  await store.transaction(async (tx) => {
    for (const channel of ["ops", "pager"]) await putNotice(tx, channel, "alert db 1 raised", notice);
  });
  const due = await takeDue(store, 8, 60_000);
  expect(due.map(({ channel }) => channel)).toEqual(["ops", "pager"]);
  let given = 0;
  let bothHaveGivenUp: () => void = () => undefined;
  const together = new Promise<void>((resolve) => (bothHaveGivenUp = resolve));
  await Promise.all(
    due.map((one) =>
      store.transaction(async (tx) => {
        await noticeRefused(tx, one, { why: "it answered 404", uncertain: false, after: null });
        given += 1;
        if (given === due.length) bothHaveGivenUp();
        await together;
        await handOn(tx, one.number, ["team", "last"], 3);
      }),
    ),
  );
  const kept = await listNotices(store, { limit: 9 });
  expect(kept.map(({ channel, state }) => [channel, state])).toEqual([
    ["team", "waiting"],
    ["pager", "dead"],
    ["ops", "dead"],
  ]);
  await store.rows("delete from fairway.notices");
});

test("what is refused for good is given up and shown, and a person has it tried again", async () => {
  let answer = no(false);
  const { control, tried, now } = channelThat(() => answer);
  await control.test("team", "ana");
  await now();
  await now();
  expect(tried).toHaveLength(1);
  expect(await control.problems()).toEqual([
    "1 notice did not arrive at team: it answered 503; see them: fairway notices --dead",
  ]);
  answer = toldOk;
  expect(await control.retry(null)).toBe(1);
  await now();
  expect(await control.problems()).toEqual([]);
});

test("a daemon that was killed while it told goes on, and says that it may have arrived", async () => {
  const { control, tried, now } = channelThat(() => toldOk);
  await control.test("team", "ana");
  // What a kill between the telling and its record leaves.
  await store.rows("update fairway.notices set tries = 1, uncertain = true where state = 'waiting'");
  await now();
  expect(tried[0]?.history.uncertain).toBe(true);
  await now();
  expect(tried).toHaveLength(1);
});

test("two processes that look at once tell it once", async () => {
  const { control, tried } = channelThat(() => toldOk);
  await control.test("team", "ana");
  await Promise.all([control.send(), control.send(), control.send()]);
  expect(tried).toHaveLength(1);
});

test("a channel that is not there is refused with those that are", async () => {
  const { control } = channelThat(() => toldOk);
  await expect(control.test("tema", "ana")).rejects.toMatchObject({ code: "not_found", hint: "there are team" });
});

test("who has a channel tried, or what was given up told again, is on record; what changes nothing is not", async () => {
  await store.rows("delete from fairway.notices");
  const [last] = await store.rows<{ number: string }>("select coalesce(max(number), 0) as number from fairway.audit");
  const recorded = (): Promise<readonly unknown[]> =>
    store.rows(
      "select actor, action, subject, entry::json->'detail' as detail from fairway.audit where action like 'notices.%' and number > $1 order by number",
      [last?.number],
    );
  const { control, now } = channelThat(() => no(false));
  await actingAs(localActor("ana"), () => control.test("team", "ana"));
  await expect(control.test("tema", "ana")).rejects.toMatchObject({ code: "not_found" });
  expect(await control.retry(null)).toBe(0);
  await now();
  const [dead] = await control.list({ state: "dead", limit: 1 });
  await actingAs(localActor("bob"), () => control.retry(dead?.number ?? 0));
  await now();
  await actingAs(localActor("eve"), () => control.retry(null));
  expect(await recorded()).toEqual([
    { actor: "ana", action: "notices.tested", subject: "team", detail: {} },
    { actor: "bob", action: "notices.retried", subject: `notice ${dead?.number}`, detail: { retried: 1 } },
    { actor: "eve", action: "notices.retried", subject: "notices", detail: { retried: 1 } },
  ]);
});

import type { NoticeAnswer, NoticeChannel, Project } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import { beforeEach, expect, test } from "vitest";
import type { Store } from "../store/store.ts";
import { storeForTests } from "../store/testing/store-for-tests.ts";
import { callSwitches, silentSwitches } from "./call-switches.ts";

let store: Store;
storeForTests((opened) => void (store = opened));

const place = { kind: "dead-mans-switch", url: { secret: "SWITCH" } } as const;
const outside: NoticeChannel = { name: "outside", place, about: [], environments: null, allowPrivate: [] };
const team: NoticeChannel = { ...outside, name: "team", place: { kind: "slack-webhook", url: { secret: "TEAM" } } };
const no: NoticeAnswer = { told: false, why: "it answered 404", again: false, after: null, uncertain: false };

let called: string[];
let answer: () => NoticeAnswer;
let minute: number;
beforeEach(() => {
  called = [];
  answer = () => ({ told: true, reference: null });
  minute = 0;
});

const call = (notices: readonly NoticeChannel[] = [team, outside], asked: Store = store): Promise<void> =>
  callSwitches({
    store: asked,
    project: async () => ({ name: "shop", services: [], environments: [], notices }) satisfies Project,
    secrets: { lookUp: async () => ({ SWITCH: "https://example.com/ping" }) },
    open: ({ name }, secrets) => ({
      notify: async () => {
        called.push(`${name} ${secrets["SWITCH"] ?? ""}`);
        return answer();
      },
      close: async () => undefined,
    }),
    now: () => Date.parse("2026-01-20T12:00:00.000Z") + 60_000 * minute++,
  });

test("a switch is called each time, and nobody else is", async () => {
  await call();
  await call();
  expect(called).toEqual(["outside https://example.com/ping", "outside https://example.com/ping"]);
  expect(await silentSwitches(store)).toEqual([]);
});

test("that it does not hear us is told with the reason and since when, until it does or nobody has it any more", async () => {
  const told = async (): Promise<string> => (await silentSwitches(store)).join();
  answer = () => no;
  await call();
  await call();
  expect(await told()).toMatch(
    /switch outside has not heard of Fairway since 2026-01-20T12:00:00.000Z: it answered 404;/,
  );
  answer = () => {
    throw new FairwayError("secret_missing", "the channel outside needs the secret SWITCH, which has no value");
  };
  await call();
  expect(await told()).toMatch(/since 2026-01-20T12:00:00.000Z: the channel outside needs the secret SWITCH/);
  answer = () => ({ told: true, reference: null });
  await call();
  expect(await told()).toBe("");
  answer = () => no;
  await call();
  await call([team]);
  expect(await told()).toBe("");
});

test("a daemon whose database does not answer calls nobody, though it remembers what is configured", async () => {
  const gone = new FairwayError("database_unavailable", "the database does not answer");
  await expect(call([outside], { ...store, rows: () => Promise.reject(gone) })).rejects.toBe(gone);
  expect(called).toEqual([]);
});

import type { FlagDefinition, FlagSet } from "@fairway/core";
import { booleanFlag, switched, withFlag, withRollout, withoutFlag } from "@fairway/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Store } from "../store/store.ts";
import { storeForTests } from "../store/testing/store-for-tests.ts";
import type { FlagEdit } from "./edit-flags.ts";
import type { FlagControl } from "./flag-control.ts";
import { builtInFlags, openFlags } from "./flag-control.ts";
import { flagEvaluator } from "./flag-evaluation.ts";

let store: Store;
let flags: FlagControl;
const nameSecret = (...words: readonly string[]): string => Buffer.from(words.join("|")).toString("hex");
storeForTests(async (opened) => {
  store = opened;
  flags = await openFlags(store, nameSecret, (problem) => {
    throw new Error(problem);
  });
  return () => flags.close();
});

const edit = (environment: string, change: (set: FlagSet) => FlagSet, more: Partial<FlagEdit> = {}): FlagEdit => ({
  environment,
  action: "change",
  by: "ana",
  reason: null,
  change,
  ...more,
});
const put = (environment: string, key: string, flag: FlagDefinition, more: Partial<FlagEdit> = {}): FlagEdit =>
  edit(environment, (set) => withFlag(set, key, flag), more);
interface Refused {
  readonly code: string;
  readonly message: string;
  readonly problems: readonly string[];
}
const refusal = (work: Promise<unknown>): Promise<Refused> =>
  work.then(
    () => Promise.reject(new Error("it was not refused")),
    (thrown: unknown) => thrown as Refused,
  );

const served = async (environment: string, key: string): Promise<unknown> =>
  (await flags.live.of(environment)?.evaluator())?.one(key, {});

test("an edit is served when it has answered, and its record says who, when and why", async () => {
  await flags.edit([put("one", "search", booleanFlag)]);
  expect(await served("one", "search")).toEqual({
    key: "search",
    reason: "DISABLED",
    metadata: {},
  });
  const heard: number[] = [];
  const off = flags.live.onChange(({ environment, version }) => environment === "one" && heard.push(version));
  await flags.edit([
    put("one", "search", switched(booleanFlag, true), { action: "on", by: "bob \0", reason: "it is \0 time" }),
  ]);
  off();
  expect(heard).toEqual([2]);
  expect(await served("one", "search")).toMatchObject({
    value: true,
    variant: "on",
    reason: "STATIC",
  });
  const [last, first] = await flags.history("one", { key: "search", limit: 10 });
  expect(last).toMatchObject({
    action: "on",
    by: "bob \u2400",
    reason: "it is \u2400 time",
    version: 2,
    before: booleanFlag,
  });
  expect(first).toMatchObject({
    action: "create",
    by: "ana",
    reason: null,
    version: 1,
    before: null,
    after: booleanFlag,
  });
  expect(Date.parse(last?.at ?? "")).toBeGreaterThanOrEqual(Date.parse(first?.at ?? ""));
});

test("an edit that changes nothing leaves no version and no record", async () => {
  await flags.edit([put("same", "search", booleanFlag)]);
  const [done] = await flags.edit([put("same", "search", { ...booleanFlag })]);
  expect(done).toMatchObject({ version: 1, diffs: [] });
  expect(await flags.history("same", { limit: 10 })).toHaveLength(1);
});

test("of many who edit at once each makes a version of its own, and nothing is lost", async () => {
  const names = Array.from({ length: 20 }, (_, index) => `f${index}`);
  await Promise.all(names.map((name) => flags.edit([put("many", name, booleanFlag)])));
  const { version, flags: found } = await flags.stored("many");
  expect([version, found.map(({ key }) => key)]).toEqual([20, names.toSorted()]);
  expect(new Set(found.map((flag) => flag.version)).size).toBe(20);
  expect(flags.live.of("many")?.version).toBe(20);
});

test("who saw another version is refused, and only one of those who make the same flag does", async () => {
  const expected = { key: "pay", version: 0 };
  const made = await Promise.allSettled(
    [1, 2, 3].map((percent) => {
      const flag = withRollout(booleanFlag, { variant: "on", percent });
      return flags.edit([put("races", "pay", flag.possible ? flag.flag : booleanFlag, { expected })]);
    }),
  );
  expect(made.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  const later = await refusal(flags.edit([put("races", "pay", booleanFlag, { expected: { key: "pay", version: 9 } })]));
  expect([later.code, later.message]).toEqual([
    "version_conflict",
    "pay was changed in races: it is at version 1, not 9",
  ]);
  await flags.edit([
    edit("races", (set) => withoutFlag(set, "pay"), { action: "remove", expected: { key: "pay", version: 1 } }),
  ]);
  expect((await flags.stored("races")).set).toEqual({ flags: {} });
  expect(await flags.history("races", { key: "pay", limit: 1 })).toMatchObject([{ action: "remove", after: null }]);
});

test("what is wrong is refused with every place, and nothing was changed, in no environment", async () => {
  await flags.edit([put("sound", "search", booleanFlag)]);
  const wrong = { ...booleanFlag, targeting: { if: [true, "beta"] }, defaultVariant: "none" };
  const found = await refusal(flags.edit([put("sound", "other", booleanFlag), put("wrong", "search", wrong)]));
  expect([found.code, found.problems]).toEqual([
    "flags_invalid",
    [
      '/flags/search/defaultVariant: "none" is no variant; name one of: on, off',
      '/flags/search/targeting/if/1: "beta" is no variant; name one of: on, off',
    ],
  ]);
  expect((await flags.stored("sound")).flags).toHaveLength(1);
  expect((await flags.stored("wrong")).version).toBe(0);
  expect(flags.live.of("wrong")).toBeNull();
});

test("what only flagd's own schema finds is told with its place", async () => {
  const odd = { ...booleanFlag, targeting: { if: [{ sem_ver: [{ var: "v" }, "^", 2] }, "on"] } };
  const found = await refusal(flags.edit([put("schema", "search", odd)]));
  expect(found.code).toBe("flags_invalid");
  expect(found.problems[0]).toMatch(/^\/flags\/search\/targeting.*: flagd's schema refuses it: /);
});

test("a definition comes back as the JSON that was given", async () => {
  const flag: FlagDefinition = {
    state: "ENABLED",
    variants: {
      a: { text: "\0 \uD83D\uDE00 \u2028", big: Number.MAX_SAFE_INTEGER, small: 1e-300, none: null, list: [1.5, -1] },
      b: {},
    },
    defaultVariant: "a",
    metadata: { "": "", "a~/b": 0.1 },
  };
  await flags.edit([edit("exact", () => ({ flags: { odd: flag }, metadata: { team: "\0" } }), { action: "import" })]);
  const { set } = await flags.stored("exact");
  expect(JSON.stringify(set)).toBe(JSON.stringify({ flags: { odd: flag }, metadata: { team: "\0" } }));
  expect(await served("exact", "odd")).toMatchObject({ value: flag.variants["a"] });
});

test("who has a variant at some percentage keeps it at every greater one", async () => {
  const people = Array.from({ length: 300 }, (_, index) => index);
  const at = async (percent: number): Promise<ReadonlySet<number>> => {
    const result = withRollout(booleanFlag, { variant: "on", percent });
    const evaluator = await flagEvaluator({ flags: { pay: result.possible ? result.flag : booleanFlag } });
    return new Set(
      people.filter((index) => {
        const found = evaluator.one("pay", { targetingKey: `person-${index}` });
        return "value" in found && found.value === true;
      }),
    );
  };
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 100 }), async (one, other) => {
      const [few, more] = [await at(Math.min(one, other)), await at(Math.max(one, other))];
      expect([...few].every((index) => more.has(index))).toBe(true);
    }),
    { numRuns: 15 },
  );
  expect((await at(0)).size).toBe(0);
  expect((await at(100)).size).toBe(300);
  expect((await at(50)).size).toBeGreaterThan(100);
  expect((await at(50)).size).toBeLessThan(200);
});

test("the same flags give the same snapshot, whatever was done to them in between", async () => {
  const source = builtInFlags(store);
  await flags.edit([put("snap", "search", switched(booleanFlag, true))]);
  const before = await source.snapshot("snap");
  await flags.edit([put("snap", "search", booleanFlag)]);
  expect(await source.snapshot("snap")).not.toEqual(before);
  await flags.edit([put("snap", "search", switched(booleanFlag, true))]);
  expect(await source.snapshot("snap")).toEqual(before);
  expect(await source.snapshot("nowhere")).toEqual({ flags: {} });
});

test("a key opens its own environment until it is replaced", async () => {
  await flags.changeAccess("doors", { replace: null, origins: ["https://shop.example"] });
  const [server, client] = await Promise.all([flags.keyOf("doors", "server"), flags.keyOf("doors", "client")]);
  expect(flags.holderOf(server)).toMatchObject({ kind: "server", access: { environment: "doors" } });
  await flags.changeAccess("doors", { replace: "server", origins: null });
  expect(flags.holderOf(server)).toBeNull();
  expect(flags.holderOf(client)).toMatchObject({ kind: "client", access: { origins: ["https://shop.example"] } });
  expect(await flags.keyOf("doors", "server")).not.toBe(server);
  expect(flags.holderOf("")).toBeNull();
  const wrong = ["*", "null", "shop.example", "https://shop.example/", "https://shop.example/x", "ftp://shop.example"];
  for (const origin of wrong)
    expect((await refusal(flags.changeAccess("doors", { replace: null, origins: [origin] }))).code).toBe("bad_request");
});

test("flags that are stale are found by their record", async () => {
  await flags.edit([put("stale", "old", switched(booleanFlag, true))]);
  const now = Date.now();
  expect(await flags.stale("stale", 30, now)).toEqual([]);
  const [found] = await flags.stale("stale", 30, now + 31 * 24 * 60 * 60 * 1000);
  expect(found).toMatchObject({ environment: "stale", key: "old", variant: "on", days: 31 });
});

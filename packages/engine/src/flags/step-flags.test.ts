import type { Progress, RunId } from "@fairway/core";
import { booleanFlag, codeOf, defaultCanary, servingText, switched, withFlag } from "@fairway/core";
import { expect, test } from "vitest";
import { insertRun } from "../store/runs.ts";
import type { Store } from "../store/store.ts";
import { storeForTests } from "../store/testing/store-for-tests.ts";
import type { FlagControl } from "./flag-control.ts";
import { openFlags } from "./flag-control.ts";
import type { FlagSteps } from "./step-flags.ts";
import { flagSteps, movesWithFlags } from "./step-flags.ts";

let store: Store;
let flags: FlagControl;
let steps: FlagSteps;
storeForTests(async (opened) => {
  store = opened;
  flags = await openFlags(
    store,
    (...words) => words.join("|"),
    () => undefined,
  );
  steps = flagSteps(Promise.resolve(flags));
  return () => flags.close();
});

/** An environment with two flags that are off, held by a new run. */
async function held(environment: string): Promise<RunId> {
  const made = await store.transaction((tx) =>
    insertRun(tx, { kind: "deployment", title: "t", subject: null, requestedBy: "ana", jobs: [] }, null),
  );
  const run = made?.id ?? ("" as RunId);
  await store.rows(
    "insert into fairway.environment_locks (environment, fence, holder_run, held_since) values ($1, 1, $2, now()) on conflict (environment) do update set holder_run = excluded.holder_run",
    [environment, run],
  );
  await flags.edit([
    {
      environment,
      action: "change",
      by: "ana",
      reason: null,
      change: (set) => withFlag(withFlag(set, "pay", booleanFlag), "search", booleanFlag),
    },
  ]);
  return run;
}
const giving = async (environment: string): Promise<readonly string[]> =>
  (await flags.stored(environment)).flags.map(({ key, definition }) => `${key} ${servingText(definition)}`);
const off = "off: the default in the code";

test("a step's flags are set once, and put back once, whatever is repeated", async () => {
  const run = await held("one");
  for (const _ of [1, 2]) await steps.apply(run, "one", 10, { pay: 5, search: 0.5 });
  expect(await giving("one")).toEqual(["pay on to 5 %, off to 95 %", "search on to 0.5 %, off to 99.5 %"]);
  await steps.apply(run, "one", 50, { pay: 100, search: 0.5 });
  expect((await flags.stored("one")).version).toBe(3);
  for (const _ of [1, 2]) await steps.putBack(run, "one");
  expect(await giving("one")).toEqual([`pay ${off}`, `search ${off}`]);
  expect((await flags.stored("one")).version).toBe(4);
  expect((await flags.history("one", { key: "pay", limit: 1 }))[0]).toMatchObject({ by: run, action: "change" });
});

test("what somebody else changed meanwhile is left alone, by the next step and on the way back", async () => {
  const run = await held("two");
  await steps.apply(run, "two", 10, { pay: 5, search: 5 });
  await flags.edit([
    {
      environment: "two",
      action: "kill",
      by: "bob",
      reason: "it burns",
      change: (set) => withFlag(set, "pay", switched(set.flags["pay"] ?? booleanFlag, false)),
    },
  ]);
  await steps.apply(run, "two", 50, { pay: 50, search: 50 });
  expect(await giving("two")).toEqual([`pay ${off}`, "search on to 50 %, off to 50 %"]);
  await steps.putBack(run, "two");
  expect(await giving("two")).toEqual([`pay ${off}`, `search ${off}`]);
  expect((await flags.history("two", { key: "pay", limit: 1 }))[0]?.by).toBe("bob");
});

test("a run that no longer holds the environment changes nothing, and a flag that is not there stops the rollout", async () => {
  const early = await held("three");
  await steps.apply(early, "three", 10, { pay: 5 });
  const late = await held("three");
  const refused = (work: Promise<unknown>): Promise<string | undefined> => work.then(() => undefined, codeOf);
  const before = await giving("three");
  expect(await refused(steps.apply(early, "three", 50, { search: 50 }))).toBe("fenced");
  expect(await giving("three")).toEqual(before);
  expect(await refused(steps.apply(late, "three", 10, { nothing: 5 }))).toBe("not_found");
  expect(await refused(steps.putBack(late, "three"))).toBeUndefined();
});

test("a rollout sets the flags of a step when its share has changed, and not before", async () => {
  const applied: string[] = [];
  const moves: Progress[] = [0, 10, 10, 50].map((weight) => ({
    phase: "moving",
    message: "",
    checkAgainIn: 0,
    weight,
  }));
  const rollout = {
    environment: "e",
    strategy: { ...defaultCanary, steps: [{ weight: 10, pause: 0, flags: { pay: 1 } }] },
  };
  const move = movesWithFlags(async () => moves.shift() ?? { phase: "succeeded" }, rollout, "run-1" as RunId, {
    apply: async (run, environment, weight, wanted) =>
      void applied.push(`${run} ${environment} ${weight} ${JSON.stringify(wanted)}`),
    putBack: async () => undefined,
  });
  while ((await move()).phase === "moving");
  expect(applied).toEqual(["run-1 e 0 {}", 'run-1 e 10 {"pay":1}', 'run-1 e 50 {"pay":1}']);
});

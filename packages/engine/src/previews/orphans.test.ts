import type { Project } from "@fairway/core";
import { beforeEach, expect, test } from "vitest";
import { keepPreview, livePreviews } from "../store/previews.ts";
import { notePull, openPulls } from "../store/pulls.ts";
import type { Store } from "../store/store.ts";
import { storeForTests } from "../store/testing/store-for-tests.ts";
import { orphansAmong } from "./orphans.ts";

let store: Store;
storeForTests((opened) => void (store = opened));
beforeEach(() => store.rows("truncate fairway.previews, fairway.pulls cascade"));

const configured = { environments: [{ name: "staging" }, { name: "pr-7" }] } as unknown as Project;
const orphans = (...names: readonly string[]) =>
  orphansAmong(
    { store, project: async () => configured, forge: async () => ({ project: null }) },
    names.map((environment) => ({ environment, service: "web" })),
  );
const keep = (name: string) =>
  store.transaction((tx) =>
    keepPreview(tx, {
      name,
      pull: null,
      ref: "$(id)",
      title: "<b>",
      fromFork: false,
      sha: "a".repeat(40),
      state: "open",
      why: "",
      settings: {} as never,
      openedBy: "dana",
    }),
  );

test("only what was a preview and is none is taken away: nothing that is open, configured, or was anything else", async () => {
  await keep("pr-1");
  await keep("demo");
  await keep("old");
  await store.rows("update fairway.previews set state = 'ended' where name = 'old'");
  expect(await orphans("pr-1", "demo", "old", "pr-2", "pr-7", "staging", "production")).toEqual(["old", "pr-2"]);
  expect(await orphans()).toEqual([]);
});

test("there is one of a name at a time, and another once it has ended", async () => {
  expect(await keep("pr-1")).not.toBeNull();
  expect(await keep("pr-1")).toBeNull();
  await store.rows("update fairway.previews set state = 'ended'");
  expect(await keep("pr-1")).not.toBeNull();
  expect(await livePreviews(store)).toHaveLength(1);
});

test("of a pull request the newest word counts, in whatever order they come", async () => {
  const word = (sha: string, state: "open" | "closed", minute: number) =>
    ({
      kind: "pull-request",
      number: 1,
      title: "t",
      state,
      head: { ref: "a", sha: sha.repeat(40) },
      base: { ref: "main", sha: null },
      fromFork: false,
      by: "dana",
      changedAt: new Date(minute * 60_000).toISOString(),
    }) as never;
  const words = [word("a", "open", 1), word("b", "open", 2), word("c", "closed", 3)];
  for (const order of [words, words.toReversed(), [words[1], words[2], words[0]]]) {
    await store.rows("truncate fairway.pulls");
    // That it is there at all is known first: a closed one that nobody knew is nothing to end.
    await notePull(store, "github", word("a", "open", 0), true);
    for (const one of order) await notePull(store, "github", one as never, true);
    expect(await openPulls(store, "github")).toEqual([]);
  }
  await notePull(store, "github", word("d", "open", 4), true);
  await notePull(store, "github", word("b", "open", 2), true);
  expect((await openPulls(store, "github")).map(({ sha }) => sha[0])).toEqual(["d"]);
});

import type { Forge } from "@fairway/core";
import { pullRef } from "@fairway/core";
import { knownRefs, noteRef } from "../store/known-refs.ts";
import { keepPull } from "../store/pulls.ts";
import type { Store } from "../store/store.ts";

/**
 * Remembers what a forge has before the first event of it is taken, but for what the event is about: what was there before
 * anybody listened has not happened now. Does nothing where something is known. May be repeated.
 */
export async function rememberFirst(store: Store, forge: Forge, about: ReadonlySet<string>): Promise<void> {
  // What is about no branch and no pull request changes nothing of what is known.
  if (about.size === 0 || (await knownRefs(store, forge.name)).size > 0) return;
  const state = await forge.look();
  if (state === null) return;
  await store.transaction(async (tx) => {
    for (const [ref, sha] of state.refs) if (!about.has(ref)) await noteRef(tx, forge.name, ref, sha);
    for (const pull of state.pulls) {
      if (about.has(pullRef(pull.number))) continue;
      await noteRef(tx, forge.name, pullRef(pull.number), pull.head.sha);
      await keepPull(tx, forge.name, pull, false);
    }
  });
}

import { messageOf } from "@fairway/core";
import { knownRefs } from "../store/known-refs.ts";
import { movesSince } from "./moves-since.ts";
import { takeEvent } from "./take-deliveries.ts";
import type { TriggerReader, TriggerReaderParts } from "./trigger-reader.ts";

/** Looks at what the forge has, where its time has come: what was never told is found so. Done again and again. */
export function forgeReconciler(
  { store, log }: Pick<TriggerReaderParts, "store" | "log">,
  reader: TriggerReader,
): () => Promise<void> {
  let looked = Number.NEGATIVE_INFINITY;
  /** How much was heard when nothing was known of the forge. */
  let nothingKnownAt = -1;
  return async () => {
    await reader.current();
    const forge = reader.opened();
    const isFirst = looked === Number.NEGATIVE_INFINITY;
    // Where a hook tells what happens, what it could not tell while nobody was there is looked for once.
    if (forge.lookEvery === null) {
      if (!isFirst || nothingKnownAt === reader.heard()) return;
      const asked = reader.heard();
      if ((await knownRefs(store, forge.name)).size === 0) {
        nothingKnownAt = asked;
        return;
      }
    }
    if (!isFirst && forge.lookEvery !== null && performance.now() - looked < forge.lookEvery) return;
    looked = performance.now();
    const state = await forge.look().catch((thrown: unknown) => {
      log("warn", `could not look at ${forge.name}: ${messageOf(thrown)}`);
      return null;
    });
    if (state === null) return;
    const moves = movesSince(await knownRefs(store, forge.name), state);
    if (moves.length > 0) await reader.fetched();
    for (const move of moves) await takeEvent(reader.takeParts(), move.event, move);
  };
}

import type { RunId } from "@fairway/core";
import type { Control, Store } from "@fairway/engine";
import { looksOf, movesOf } from "@fairway/engine";
import type { Handlers } from "./http-server.ts";

/** What the figures of new releases said. */
export function analysisHandlers(
  store: Store,
  { engine }: Pick<Control, "engine">,
): Pick<Handlers, "analysis" | "moves"> {
  return {
    moves: async ({ run }) => {
      const { subject } = await engine.run(run as RunId);
      const { from = null, release = "" } = subject as { readonly from?: string | null; readonly release?: string };
      const moves = await movesOf(store, run as RunId);
      return [...new Set(moves.map(({ service }) => service))].map((service) => ({
        service,
        from,
        to: release,
        moves: moves
          .filter((move) => move.service === service)
          .map(({ at, isBack, weight, old, new: fresh }) => ({ at, back: isBack, weight, old, new: fresh })),
      }));
    },
    analysis: async ({ run }) => {
      // Says so when there is no such run.
      await engine.run(run as RunId);
      const looks = await looksOf(store, run as RunId);
      return [...new Set(looks.map(({ service }) => service))].map((service) => ({
        service,
        looks: looks
          .filter((look) => look.service === service)
          .map(({ at, weight, verdict, reason, figures: { candidate, stable, rules } }) => ({
            ...{ at, weight, verdict, reason, candidate, stable },
            rules: [...rules],
          })),
      }));
    },
  };
}

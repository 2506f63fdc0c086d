import type { ReleaseId, RunId } from "@fairway/core";
import { environmentOf } from "@fairway/core";
import type { Control, Store } from "@fairway/engine";
import { looksOf, movesOf } from "@fairway/engine";
import type { Handlers } from "./http-server.ts";

interface Subject {
  readonly from?: string | null;
  readonly release?: string;
  readonly environment?: string;
}

/** What the figures of new releases said. */
export function analysisHandlers(
  store: Store,
  { engine, releaseOf }: Pick<Control, "engine" | "releaseOf">,
): Pick<Handlers, "analysis" | "moves"> {
  return {
    moves: async ({ run }) => {
      const { subject } = await engine.run(run as RunId);
      const { from = null, release = "", environment = "" } = subject as Subject;
      const moves = await movesOf(store, run as RunId);
      if (moves.length === 0) return [];
      const { project } = await releaseOf(release as ReleaseId);
      const placements = environmentOf(project, environment)?.placements ?? [];
      return [...new Set(moves.map(({ service }) => service))].map((service) => ({
        service,
        from,
        to: release,
        onChain: placements.some((placement) => placement.service === service && placement.chain !== undefined),
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

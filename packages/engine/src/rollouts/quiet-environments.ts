import type { Release, ReleaseId } from "@fairway/core";
import type { Quiet } from "./keeper.ts";
import type { Engine } from "../runs/engine.ts";
import { lastCarriedThrough, mixedServices } from "../store/deployments.ts";
import { leftWarm } from "../store/left-warm.ts";
import type { Store } from "../store/store.ts";

/** The environments that run something and that nobody is changing. Asked every second, so releases are not read anew. */
export async function quietEnvironments(
  store: Store,
  engine: Engine,
  releaseOf: (id: ReleaseId) => Promise<Release>,
): Promise<readonly Quiet[]> {
  const locks = (await engine.locks()).filter(({ holder }) => holder === null);
  const found = await Promise.all(
    locks.map(async ({ environment, fence }) => {
      const last = await lastCarriedThrough(store, environment);
      if (!last) return [];
      const mixed = await Promise.all(
        [...(await mixedServices(store, environment))].map(
          async ([service, id]) => [service, await releaseOf(id)] as const,
        ),
      );
      return [
        {
          environment,
          release: await releaseOf(last.release),
          mixed: new Map(mixed),
          fence,
          left: await leftWarm(store, environment),
        },
      ];
    }),
  );
  return found.flat();
}

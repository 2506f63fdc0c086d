import { isTerminal } from "@fairway/core";
import type { Places } from "../rollouts/places.ts";
import type { Preview, PreviewEnd } from "../store/previews.ts";
import { changePreview } from "../store/previews.ts";
import { runById } from "../store/runs.ts";
import type { Store } from "../store/store.ts";
import { oneByOne } from "../control/one-by-one.ts";

export interface UseParts {
  readonly store: Store;
  readonly places: Pick<Places, "traffic" | "askedOnEcs">;
  readonly now: () => number;
  readonly end: (preview: Preview, cause: PreviewEnd, why: string) => Promise<void>;
}

/** Who uses previews: those that nobody asks for sleep, and are gone one day. */
export interface PreviewUse {
  look(live: readonly Preview[]): Promise<void>;
}

/** What the router has counted for a preview; a later start of it counts anew. */
interface Counted {
  readonly since: string;
  readonly requests: number;
}

export function previewUse({ store, places, now, end }: UseParts): PreviewUse {
  const counted = new Map<string, Counted>();

  return {
    async look(live) {
      const open = live.filter(({ state }) => state === "open");
      const names = new Set(open.map(({ name }) => name));
      for (const name of counted.keys()) if (!names.has(name)) counted.delete(name);
      // Nobody can ask for what only waits, but it ends in its time like the others.
      const traffic = open.length === 0 ? null : await places.traffic();
      const standing = live.filter(({ state }) => state !== "ending");
      await oneByOne(standing, async (preview) => {
        const usedThere = await askedElsewhere(preview);
        if (usedThere !== null) {
          await store.transaction((tx) => changePreview(tx, preview, { usedAt: new Date(usedThere) }));
          return;
        }
        const used = traffic !== null && wasUsed(preview.name, traffic);
        if (used) await store.transaction((tx) => changePreview(tx, preview, { usedAt: new Date(now()) }));
        else await rest(preview, now() - Date.parse(preview.usedAt), traffic !== null);
      });
    },
  };

  /** Whose services run elsewhere is asked about there, and only once it would sleep or end. */
  async function askedElsewhere({ name, usedAt, asleepSince, settings }: Preview): Promise<number | null> {
    const { ecs, sleepAfter, endAfter } = settings;
    const since = Date.parse(usedAt);
    const patience = asleepSince === null ? Math.min(sleepAfter ?? endAfter, endAfter) : endAfter;
    if (ecs === undefined || now() - since <= patience) return null;
    const last = (await places.askedOnEcs?.(ecs, name, since)) ?? null;
    // AWS counts in minutes: the one in which it was used before is not another.
    return last === null || last <= since ? null : last;
  }

  function wasUsed(name: string, traffic: NonNullable<Awaited<ReturnType<Places["traffic"]>>>): boolean {
    const { since } = traffic;
    const requests = Object.entries(traffic.routes)
      .filter(([route]) => route.startsWith(`${name}/`))
      .flatMap(([, releases]) => Object.values(releases))
      .reduce((sum, release) => sum + release.requests, 0);
    const before = counted.get(name);
    counted.set(name, { since, requests });
    return before !== undefined && requests > (before.since === since ? before.requests : 0);
  }

  async function rest(preview: Preview, idle: number, isCounted: boolean): Promise<void> {
    const { endAfter, sleepAfter } = preview.settings;
    if (idle > endAfter) return end(preview, "idle", `nobody asked for it for ${hours(endAfter)}`);
    const mayRest = isCounted && sleepAfter !== null && idle > sleepAfter && preview.asleepSince === null;
    if (!mayRest || preview.deployRun === null) return;
    // What is on its way is shown at least once.
    const run = await runById(store, preview.deployRun);
    if (run.endedAt === null || !isTerminal(run.state) || now() - Date.parse(run.endedAt) < sleepAfter) return;
    await store.transaction((tx) => changePreview(tx, preview, { asleepSince: new Date(now()) }));
  }
}

const hours = (span: number): string =>
  span < 3_600_000 ? `${Math.round(span / 1000)} s` : `${Math.round(span / 3_600_000)} h`;

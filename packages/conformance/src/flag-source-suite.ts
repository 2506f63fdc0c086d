import type { FlagSource } from "@fairway/core";
import { codeOf, messageOf } from "@fairway/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

/** A source of flags with the place behind it where people turn them. */
export interface FlagWorld {
  /** Two environments that it knows. */
  readonly environments: readonly [string, string];
  readonly source: FlagSource;
  /** The same source, asked with a key that opens nothing; left out where there are no keys. */
  readonly withWrongKey?: FlagSource;
  /** The same source at an address where nobody answers; left out where there is none. */
  readonly unreachable?: FlagSource;
  /** Makes a boolean flag in every environment, turned off. */
  make(key: string): Promise<void>;
  turn(environment: string, key: string, on: boolean): Promise<void>;
  /** Waits, where it takes a while until the source tells what was done. */
  settled?(environment: string, key: string, on: boolean): Promise<void>;
  close(): Promise<void>;
}

/** What every source of flags must do. */
export function flagSourceSuite(name: string, open: () => Promise<FlagWorld>, within = 60_000): void {
  describe(`${name} as a source of flags`, () => {
    let world: FlagWorld;
    beforeAll(async () => {
      world = await open();
    }, within);
    afterAll(() => world?.close(), within);

    const turned = async (environment: string, key: string, on: boolean): Promise<void> => {
      await world.turn(environment, key, on);
      await world.settled?.(environment, key, on);
    };

    test(
      "tells each environment's flags, and the same flags give the same snapshot",
      async () => {
        const [here, there] = world.environments;
        await world.make("search");
        await turned(here, "search", true);
        await turned(there, "search", false);
        const [before, elsewhere] = await Promise.all([world.source.snapshot(here), world.source.snapshot(there)]);
        expect([before.flags["search"]?.on, elsewhere.flags["search"]?.on]).toEqual([true, false]);
        await turned(here, "search", false);
        expect((await world.source.snapshot(here)).flags["search"]?.on).toBe(false);
        expect(await world.source.snapshot(there)).toEqual(elsewhere);
        await turned(here, "search", true);
        expect(JSON.parse(JSON.stringify(await world.source.snapshot(here)))).toEqual(before);
      },
      within,
    );

    test("has no flags for an environment that it does not know", async () => {
      expect(await world.source.snapshot("nowhere")).toEqual({ flags: {} });
    });

    test("throws when it is away, and when it refuses who asks, without telling the key", async () => {
      const [here] = world.environments;
      for (const [source, code] of [
        [world.unreachable, "target_unreachable"],
        [world.withWrongKey, "bad_request"],
      ] as const) {
        if (source === undefined) continue;
        const thrown = await source.snapshot(here).then(
          () => undefined,
          (refused: unknown) => refused,
        );
        expect([codeOf(thrown), messageOf(thrown).includes("wrong-key")]).toEqual([code, false]);
      }
    });
  });
}

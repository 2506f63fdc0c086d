import type { ReleaseId } from "@fairway/core";
import type { TargetWorld } from "@fairway/conformance";
import { releaseThat, targetSuite } from "@fairway/conformance";
import { afterAll, beforeAll, describe } from "vitest";
import { needs } from "../../../tools/skips.ts";
import { brokenStorage, secondVersion } from "./testing/evm-tools.ts";
import type { MarketWorld } from "./testing/market-world.ts";
import { marketContracts, marketWorld } from "./testing/market-world.ts";

// What a chain has is there once, and of several owners none signs before time passes: what is late is what they sign late.
describe.skipIf(!needs("anvil"))("contracts as a target", () => {
  let world: MarketWorld;
  beforeAll(async () => void (world = await marketWorld()), 300_000);
  afterAll(() => world.close());

  async function made(): Promise<TargetWorld> {
    const broken = [{ of: "market", function: "version", args: [], equals: "7" }];
    await world.release("r1");
    await world.release("r2", secondVersion);
    await world.release("late", secondVersion);
    await world.release(releaseThat("broken"), brokenStorage, { service: { ...marketContracts, invariants: broken } });
    let moments = 0;
    const { parts, ledger } = world;
    const inForce = async (): Promise<ReleaseId | null> => {
      const [newest] = await ledger.versions("test", "api");
      return newest === undefined || newest.contracts.length === 0 ? null : newest.release;
    };
    return {
      target: world.target({ ...parts, environment: "test", service: "api" }),
      async pass() {
        moments += 1;
        if (moments % 3 === 0) await world.signAll();
      },
      async census() {
        const there = (await inForce()) === null ? 0 : 1;
        return { alive: there, ready: there };
      },
      close: () => world.reset(),
    };
  }

  targetSuite("contracts behind a Safe, on a chain", made, { seeds: 0, most: 1 });
});

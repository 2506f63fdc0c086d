import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { needs } from "../../../tools/skips.ts";
import { brokenStorage, secondVersion } from "./testing/evm-tools.ts";
import type { MarketWorld } from "./testing/market-world.ts";
import { marketRollout, marketWorld, untilItWaits } from "./testing/market-world.ts";

const succeeded = { phase: "succeeded" };

describe.skipIf(!needs("anvil"))("contracts behind a Safe", () => {
  let world: MarketWorld;
  beforeAll(async () => {
    world = await marketWorld();
  }, 120_000);
  afterEach(() => world.reset());
  afterAll(() => world.close());

  test("a release waits for two of three signatures, over restarts, and is proposed once", async () => {
    const first = await world.release("r1");
    const rollout = marketRollout(null, first);
    expect(await untilItWaits(world.target(), rollout)).toMatchObject({
      message: expect.stringContaining("0 of 2 signatures") as string,
    });
    for (let restarts = 0; restarts < 3; restarts++) await untilItWaits(world.target(), rollout);
    expect(new Set(world.service.posted).size).toBe(1);
    const [hash] = [...world.service.kept.keys()];
    await world.service.confirm(hash, world.chain.owners[0]);
    expect(await untilItWaits(world.target(), rollout)).toMatchObject({
      message: expect.stringContaining("1 of 2 signatures") as string,
    });
    expect(await world.target().observe()).toEqual(new Map());
    await world.signAll();
    expect(await untilItWaits(world.target(), rollout)).toEqual(succeeded);
    expect((await world.target().observe()).get(first)).toMatchObject({ ready: 1 });
    expect(await untilItWaits(world.target(), rollout)).toEqual(succeeded);
  });

  test("an upgrade, and the way back that its failure asks for", async () => {
    const first = await world.release("r1");
    const second = await world.release("r2", secondVersion);
    await untilItWaits(world.target(), marketRollout(null, first));
    await world.signAll();
    expect(await untilItWaits(world.target(), marketRollout(null, first))).toEqual(succeeded);
    const up = marketRollout(first, second, 2);
    await untilItWaits(world.target(), up);
    await world.signAll();
    expect(await untilItWaits(world.target(), up)).toEqual(succeeded);
    expect((await world.target().observe()).get(second)).toMatchObject({ ready: 1 });
    expect(await untilItWaits(world.target(), up, "abort")).toMatchObject({ phase: "moving" });
    await world.signAll();
    expect(await untilItWaits(world.target(), up, "abort")).toEqual(succeeded);
    expect((await world.target().observe()).get(first)).toMatchObject({ ready: 1 });
  });

  test("an upgrade that breaks the storage is refused with the slot, and nothing is proposed", async () => {
    const first = await world.release("r1");
    const broken = await world.release("r2", brokenStorage);
    await untilItWaits(world.target(), marketRollout(null, first));
    await world.signAll();
    await untilItWaits(world.target(), marketRollout(null, first));
    const posted = world.service.posted.length;
    expect(await untilItWaits(world.target(), marketRollout(first, broken, 2))).toMatchObject({
      phase: "failed",
      reason: expect.stringMatching(/slot 0: insert of leastPrice/u) as string,
    });
    expect(world.service.posted).toHaveLength(posted);
  });
});

import type { ChainPlacement, Rollout } from "@fairway/core";
import { plainFacts } from "@fairway/core";
import type { Hex, PrivateKeyAccount } from "viem";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { needs } from "../../../tools/skips.ts";
import { minedReceipt } from "./chain/mined-receipt.ts";
import { factory } from "./chain/known-addresses.ts";
import { planChanges } from "./changing/plan-changes.ts";
import { openContracts } from "./open-contracts.ts";
import type { SafeTransaction } from "./proposing/safe-transaction.ts";
import { safeTransactionHash } from "./proposing/safe-transaction.ts";
import type { HiccupingNode } from "./testing/hiccuping-node.ts";
import { hiccupingNode } from "./testing/hiccuping-node.ts";
import type { MarketWorld } from "./testing/market-world.ts";
import { marketRollout, marketWorld, untilItWaits } from "./testing/market-world.ts";

const succeeded = { phase: "succeeded" };
const text = (words: RegExp): string => expect.stringMatching(words) as string;

describe.skipIf(!needs("anvil"))("what becomes of a transaction", () => {
  let world: MarketWorld;
  let node: HiccupingNode;
  let owners: readonly PrivateKeyAccount[];
  beforeAll(async () => {
    world = await marketWorld();
    node = await hiccupingNode(world.chain.url, "KEY");
    owners = world.chain.owners.slice(0, 2);
  }, 300_000);
  afterEach(async () => {
    node.decide = () => "pass";
    await world.chain.test.request({ method: "anvil_dropAllTransactions" } as never);
    await world.chain.test.setAutomine(true);
    await world.reset();
    // What the next block takes, and how much, a snapshot does not know.
    await world.chain.test.setNextBlockBaseFeePerGas({ baseFeePerGas: 10n ** 9n });
    await world.chain.test.setBlockGasLimit({ gasLimit: 30_000_000n });
  });
  afterAll(async () => {
    await node.close();
    await world.close();
  });

  /** The first release on its way, and signed by two. */
  async function signed(): Promise<{
    readonly rollout: Rollout;
    readonly hash: Hex;
    readonly transaction: SafeTransaction;
  }> {
    const rollout = marketRollout(null, await world.release("r1"));
    await untilItWaits(world.target(), rollout);
    const [first] = [...world.service.kept.values()];
    if (first === undefined) throw new Error("nothing was proposed");
    for (const owner of owners) await world.service.confirm(first.hash, owner);
    return { rollout, ...first };
  }

  /** Does what a release will do, before it does. */
  async function overtake(rollout: Rollout): Promise<void> {
    const [first] = (await planChanges(await openContracts(world.parts, rollout.to))).calls;
    const { wallet, client, deployer } = world.chain;
    const hash = await wallet.sendTransaction({ account: deployer, chain: null, to: factory, data: first?.data });
    await minedReceipt(client, hash);
  }

  test("an owner sends too little gas: all of it is taken back, it is told, and it can be sent again", async () => {
    const { rollout, hash, transaction } = await signed();
    world.service.sent(hash, await world.chain.execute(transaction, owners, 1_200_000n));
    expect(await world.target().advance(rollout, plainFacts)).toMatchObject({
      phase: "moving",
      message: text(/an owner must execute it; out of gas in 0x\w+: all of it was taken back/u),
    });
    await world.chain.execute(transaction, owners);
    expect(await untilItWaits(world.target(), rollout)).toEqual(succeeded);
  });

  test("an owner's transaction reverts: it is told, and nothing of it is on the chain", async () => {
    const { rollout, hash, transaction } = await signed();
    await overtake(rollout);
    world.service.sent(hash, await world.chain.execute(transaction, owners, 10_000_000n));
    expect(await world.target().advance(rollout, plainFacts)).toMatchObject({
      phase: "moving",
      message: text(/an owner must execute it; reverted in 0x\w+: all of it was taken back/u),
    });
    expect([...world.ledger.proposals.values()]).toMatchObject([{ outcome: null, included: null }]);
  });

  test("a Safe that executes it and lets it fail is the end: reverted, and nothing of it is on the chain", async () => {
    const { rollout, transaction } = await signed();
    const [written] = [...world.ledger.proposals.values()];
    if (written === undefined) throw new Error("nothing was written down");
    // With gas of its own a Safe does not take a failure back: it tells of it, and the number is used.
    const own = { ...transaction, safeTxGas: "100000" } satisfies SafeTransaction;
    const hash = safeTransactionHash(world.chain.chain, world.chain.safe, own);
    await world.service.add(own);
    await world.ledger.note(rollout.token, { ...written, hash, transaction: JSON.stringify(own) });
    await overtake(rollout);
    await world.chain.execute(own, owners, 10_000_000n);
    expect(await world.target().advance(rollout, plainFacts)).toMatchObject({
      phase: "failed",
      reason: text(/^reverted: the Safe executed it in 0x\w+, and it failed there$/u),
    });
    expect([...world.ledger.proposals.values()]).toMatchObject([
      { outcome: "reverted", included: { block: expect.any(Number) } },
    ]);
    expect(await world.target().observe()).toEqual(new Map());
  });

  test("an owner pays less than blocks take: it is told with both prices, and waited for", async () => {
    const { rollout, hash, transaction } = await signed();
    const { test: by } = world.chain;
    await by.setAutomine(false);
    await by.setNextBlockBaseFeePerGas({ baseFeePerGas: 10n ** 9n });
    const low = { maxFeePerGas: 10n ** 9n + 1n, maxPriorityFeePerGas: 1n, gas: 10_000_000n };
    world.service.sent(hash, await world.chain.send(transaction, owners, low));
    await by.setNextBlockBaseFeePerGas({ baseFeePerGas: 10n ** 12n });
    expect(await world.target().advance(rollout, plainFacts)).toMatchObject({
      phase: "moving",
      message: text(/underpriced: it was sent for 1000000001 wei a gas, and blocks take 1000000000000/u),
    });
    await by.mine({ blocks: 1 });
    expect(await world.target().advance(rollout, plainFacts)).toMatchObject({
      phase: "moving",
      message: text(/which no node has now: it paid too little, or was dropped/u),
    });
  });

  /** Changed with a key, through the node that hiccups. */
  async function byKey(): Promise<Rollout> {
    const placement: ChainPlacement = {
      ...{ ...world.placement, rpc: [node.url], registry: null },
      by: { signer: { kind: "keystore", file: world.chain.keystore.file, password: { secret: "KEY" } } },
    };
    return marketRollout(null, await world.release("r1", {}, { placement }));
  }
  const outcome = (): readonly unknown[] => [...world.ledger.proposals.values()].map((one) => one.outcome);

  test("a key's transaction that a node takes for too cheap is underpriced", async () => {
    const rollout = await byKey();
    await world.target().advance(rollout, plainFacts);
    await world.chain.test.setNextBlockBaseFeePerGas({ baseFeePerGas: 10n ** 12n });
    expect(await world.target().advance(rollout, plainFacts)).toMatchObject({
      phase: "failed",
      reason: text(/^underpriced: /u),
    });
    expect(outcome()).toEqual(["underpriced"]);
  });

  test("a key's transaction that fails on the chain is reverted", async () => {
    const rollout = await byKey();
    await world.target().advance(rollout, plainFacts);
    await overtake(rollout);
    expect(await untilItWaits(world.target(), rollout)).toMatchObject({
      phase: "failed",
      reason: text(/^reverted in block \d+: make /u),
    });
    expect(outcome()).toEqual(["reverted"]);
  });

  test("a key's transaction that runs out of gas is told from one that is reverted", async () => {
    const rollout = await byKey();
    node.decide = (method) => (method === "eth_estimateGas" ? "little gas" : "pass");
    await world.target().advance(rollout, plainFacts);
    expect(await untilItWaits(world.target(), rollout)).toMatchObject({
      phase: "failed",
      reason: text(/^out of gas in block \d+: make /u),
    });
  });

  test("a change that no block can take is refused before anybody is asked", async () => {
    const rollout = marketRollout(null, await world.release("r1"));
    await world.chain.test.setBlockGasLimit({ gasLimit: 1_000_000n });
    await world.chain.test.mine({ blocks: 1 });
    expect(await world.target().advance(rollout, plainFacts)).toMatchObject({
      phase: "failed",
      reason: text(/^the change would run out of gas/u),
    });
    expect(world.service.posted).toEqual([]);
  });
});

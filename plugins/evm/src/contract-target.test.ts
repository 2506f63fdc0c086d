import type { Rollout, ServiceContract, ServiceContracts } from "@fairway/core";
import { codeOf, plainFacts } from "@fairway/core";
import type { Hex, PrivateKeyAccount } from "viem";
import { encodeFunctionData } from "viem";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { needs } from "../../../tools/skips.ts";
import { nameWord } from "./changing/chain-look.ts";
import { registryAbi } from "./changing/usual-abis.ts";
import { contractDifferences } from "./contract-plan.ts";
import type { SafeTransaction } from "./proposing/safe-transaction.ts";
import { rejection } from "./proposing/safe-transaction.ts";
import type { SourceChanges } from "./testing/evm-tools.ts";
import { brokenStorage, builtMarket, secondVersion } from "./testing/evm-tools.ts";
import type { MarketWorld } from "./testing/market-world.ts";
import { marketContracts, marketRollout, marketWorld, untilItWaits } from "./testing/market-world.ts";

const succeeded = { phase: "succeeded" };

describe.skipIf(!needs("anvil"))("contracts behind a Safe", () => {
  let world: MarketWorld;
  beforeAll(async () => {
    world = await marketWorld();
    // Compiled once for all, which takes long where everything else compiles, too.
    for (const changes of [secondVersion, brokenStorage]) await builtMarket(changes);
  }, 300_000);
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
    await world.service.confirm(hash ?? "0x", owner(one));
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

  /** The first release on its way, proposed and not signed. */
  async function proposed(): Promise<{
    readonly rollout: Rollout;
    readonly hash: Hex;
    readonly transaction: SafeTransaction;
  }> {
    const rollout = marketRollout(null, await world.release("r1"));
    await untilItWaits(world.target(), rollout);
    const [first] = [...world.service.kept.values()];
    if (first === undefined) throw new Error("nothing was proposed");
    return { rollout, ...first };
  }
  const [one, two] = [0, 1] as const;
  const owner = (index: 0 | 1): PrivateKeyAccount => world.chain.owners[index] ?? world.chain.deployer;

  test("an empty transaction with its number is a rejection", async () => {
    const { rollout, transaction } = await proposed();
    const empty = rejection(world.chain.safe, transaction.nonce);
    await world.service.add(empty);
    await world.chain.execute(empty, [owner(one), owner(two)]);
    expect(await world.target().advance(rollout, plainFacts)).toMatchObject({
      phase: "failed",
      reason: expect.stringMatching(/^rejected: /u) as string,
    });
    expect([...world.ledger.proposals.values()]).toMatchObject([{ outcome: "rejected" }]);
  });

  test("another transaction with its number takes its place", async () => {
    const { rollout, transaction } = await proposed();
    const other = {
      ...rejection(world.chain.safe, transaction.nonce),
      to: world.chain.deployer.address,
      value: "0",
      data: "0x00",
    } as const;
    await world.service.add(other);
    await world.chain.execute(other, [owner(one), owner(two)]);
    expect(await world.target().advance(rollout, plainFacts)).toMatchObject({
      phase: "failed",
      reason: expect.stringMatching(/^replaced: /u) as string,
    });
  });

  test("what owners take out of the service is rejected, and not proposed again", async () => {
    const { rollout, hash } = await proposed();
    world.service.kept.delete(hash);
    const answer = { phase: "failed", reason: expect.stringMatching(/^rejected: /u) as string };
    expect(await world.target().advance(rollout, plainFacts)).toMatchObject(answer);
    expect(world.service.kept.size).toBe(0);
  });

  test("a block that is taken back with it is told of, and it is waited for again", async () => {
    const { rollout, transaction } = await proposed();
    const deeper = { ...world.placement, confirmations: 3 };
    await world.release("r1", {}, { placement: deeper });
    const before = await world.chain.test.snapshot();
    await world.chain.execute(transaction, [owner(one), owner(two)]);
    expect(await world.target().advance(rollout, plainFacts)).toMatchObject({
      message: expect.stringContaining("1 of 3 confirmations") as string,
    });
    await world.chain.test.revert({ id: before });
    expect(await world.target().advance(rollout, plainFacts)).toMatchObject({
      phase: "moving",
      message: expect.stringContaining("reorged") as string,
    });
    await world.chain.execute(transaction, [owner(one), owner(two)]);
    await world.chain.test.mine({ blocks: 2 });
    expect(await world.target().advance(rollout, plainFacts)).toEqual(succeeded);
  });

  /** The way back of what was only proposed, as far as it gets without the owners. */
  async function withdrawn(): Promise<Awaited<ReturnType<typeof proposed>> & { readonly empty: SafeTransaction }> {
    const found = await proposed();
    for (let looks = 0; looks < 2; looks++)
      expect(await world.target().abort(found.rollout)).toMatchObject({
        phase: "moving",
        message: expect.stringMatching(/^withdrawn, can still be executed until number 0 passes: /u) as string,
      });
    expect([...world.ledger.proposals.values()]).toMatchObject([{ outcome: null }]);
    return { ...found, empty: rejection(world.chain.safe, found.transaction.nonce) };
  }

  test("a way back of what was only proposed lasts until an empty transaction was executed in its place", async () => {
    const { rollout, empty } = await withdrawn();
    expect([...world.service.kept.values()].map((kept) => kept.transaction)).toContainEqual(empty);
    expect(world.service.posted).toHaveLength(2);
    await world.chain.execute(empty, [owner(one), owner(two)]);
    expect(await world.target().abort(rollout)).toEqual(succeeded);
    expect([...world.ledger.proposals.values()]).toMatchObject([{ outcome: "withdrawn" }]);
    expect(await world.target().abort(rollout)).toEqual(succeeded);
  });

  test("what owners execute although it was withdrawn is in force, and gets a way back of its own", async () => {
    const first = await world.release("r1");
    const second = await world.release("r2", secondVersion);
    await untilItWaits(world.target(), marketRollout(null, first));
    await world.signAll();
    expect(await untilItWaits(world.target(), marketRollout(null, first))).toEqual(succeeded);
    const up = marketRollout(first, second, 2);
    await untilItWaits(world.target(), up);
    const [upgrade] = [...world.service.kept.values()].filter(({ transaction }) => transaction.nonce === 1);
    expect(await untilItWaits(world.target(), up, "abort")).toMatchObject({
      message: expect.stringMatching(/^withdrawn, can still be executed/u) as string,
    });
    await world.chain.execute(upgrade?.transaction ?? rejection(world.chain.safe, 1), [owner(one), owner(two)]);
    expect(await untilItWaits(world.target(), up, "abort")).toMatchObject({
      message: expect.stringMatching(/^0 of 2 signatures on the Safe \w+, number 2/u) as string,
    });
    const [back] = [...world.service.kept.values()].filter(({ transaction }) => transaction.nonce === 2);
    await world.chain.execute(back?.transaction ?? rejection(world.chain.safe, 2), [owner(one), owner(two)]);
    expect(await untilItWaits(world.target(), up, "abort")).toEqual(succeeded);
    expect((await world.target().observe()).get(first)).toMatchObject({ ready: 1 });
  });

  test("what was written down and never posted is withdrawn at once", async () => {
    const { rollout, hash, transaction } = await proposed();
    const [open] = world.ledger.proposals.values();
    if (open !== undefined) await world.ledger.note(rollout.token, { ...open, isPosted: false });
    world.service.kept.delete(hash);
    expect(await world.target().abort(rollout)).toEqual(succeeded);
    expect([...world.ledger.proposals.values()]).toMatchObject([{ outcome: "withdrawn" }]);
    expect(world.service.kept.size).toBe(0);
    // Nothing of it was ever put there, so that it lacks is no difference.
    const late = (): Promise<readonly string[]> => contractDifferences(world.parts, rollout.to);
    expect(await late()).toEqual([]);
    // It comes from a worker that stood still, and is told of until its number has passed.
    await world.service.add(transaction);
    expect(await late()).toEqual([expect.stringContaining("came to the Safe service after that") as string]);
    await world.chain.execute(rejection(world.chain.safe, transaction.nonce), world.chain.owners.slice(0, 2));
    expect(await late()).toEqual([]);
  });

  test("after a crash between posting and writing that down, nothing is posted a second time", async () => {
    const { rollout, transaction } = await proposed();
    const forgetThatItWasPosted = async (): Promise<void> => {
      const [open] = world.ledger.proposals.values();
      if (open !== undefined) await world.ledger.note(rollout.token, { ...open, isPosted: false });
    };
    await forgetThatItWasPosted();
    await untilItWaits(world.target(), rollout);
    expect(world.service.posted).toHaveLength(1);
    await forgetThatItWasPosted();
    await world.chain.execute(transaction, [owner(one), owner(two)]);
    world.service.kept.clear();
    expect(await untilItWaits(world.target(), rollout)).toEqual(succeeded);
    expect(world.service.posted).toHaveLength(1);
  });

  test("what was taken out of the service after enough had signed can still be executed, and is waited for", async () => {
    const { rollout, hash, transaction } = await proposed();
    for (const each of [one, two]) await world.service.confirm(hash, owner(each));
    await world.target().advance(rollout, plainFacts);
    world.service.kept.delete(hash);
    expect(await world.target().advance(rollout, plainFacts)).toMatchObject({
      phase: "moving",
      message: expect.stringContaining("it can still be executed until number 0 passes") as string,
    });
    await world.chain.execute(transaction, [owner(one), owner(two)]);
    expect(await untilItWaits(world.target(), rollout)).toEqual(succeeded);
  });

  test("what owners change by hand is found: the registry leads elsewhere than the addresses of the release", async () => {
    const rollout = marketRollout(null, await world.release("r1"));
    await untilItWaits(world.target(), rollout);
    await world.signAll();
    expect(await untilItWaits(world.target(), rollout)).toEqual(succeeded);
    expect(await contractDifferences(world.parts, rollout.to)).toEqual([]);
    const [version] = await world.ledger.versions("staging", "contracts");
    const pinned = version?.contracts.find(({ name }) => name === "market")?.address ?? "";
    const { registry, multiSend, safe } = world.chain;
    const args = [nameWord("market"), multiSend] as const;
    const data = encodeFunctionData({ abi: registryAbi, functionName: "setAddress", args });
    await world.chain.execute({ ...rejection(safe, 1), to: registry, data }, [owner(one), owner(two)]);
    expect(await contractDifferences(world.parts, rollout.to)).toEqual([
      expect.stringMatching(`^the chain lacks what this did: registry .*: setAddress\\("market", ${pinned}\\)$`),
    ]);
  });

  test("whoever was overtaken proposes nothing", async () => {
    const first = await world.release("r1");
    await world.ledger.fence(marketRollout(null, first, 5).token);
    expect(
      await world
        .target()
        .advance(marketRollout(null, first, 4), plainFacts)
        .catch(codeOf),
    ).toBe("fenced");
    expect(world.service.posted).toEqual([]);
  });

  /** The answer to a release that wants something impossible. */
  async function refusedWith(
    wanted: Parameters<MarketWorld["release"]>[2],
    changes: SourceChanges = {},
  ): Promise<string> {
    const answer = await world
      .target()
      .advance(marketRollout(null, await world.release("r1", changes, wanted)), plainFacts);
    expect(world.service.posted).toEqual([]);
    return answer.phase === "failed" ? answer.reason : answer.phase;
  }
  const withMarket = (over: Partial<ServiceContract>): { readonly service: ServiceContracts } => ({
    service: {
      ...marketContracts,
      contracts: marketContracts.contracts.map((each) => (each.name === "market" ? { ...each, ...over } : each)),
    },
  });

  test("a node of another chain is refused with both numbers", async () => {
    expect(await refusedWith({ placement: { ...world.placement, chain: 1 } })).toMatch(
      /is of chain 31337, and the configuration says 1/u,
    );
  });

  test("nodes that do not answer are asked again, and one that does is enough", async () => {
    const down = "http://127.0.0.1:9";
    const first = await world.release("r1", {}, { placement: { ...world.placement, rpc: [down] } });
    expect(await world.target().advance(marketRollout(null, first), plainFacts).catch(codeOf)).toBe(
      "target_unreachable",
    );
    await world.release("r1", {}, { placement: { ...world.placement, rpc: [down, world.chain.url] } });
    expect(await world.target().advance(marketRollout(null, first), plainFacts)).toMatchObject({ phase: "moving" });
  });

  test("an address with other code, or none, is refused", async () => {
    const { safe, multiSend } = world.chain;
    const at = (addresses: Record<string, string>) => ({ placement: { ...world.placement, addresses } });
    expect(await refusedWith(at({ token: safe }))).toMatch(/token: wrong code at 0x/u);
    expect(await refusedWith(at({ market: multiSend }))).toMatch(/market: wrong code at 0x\w+: it is no proxy/u);
    expect(await refusedWith(at({ market: `0x${"12".repeat(20)}` }))).toMatch(/market: there is no code at/u);
  });

  test("calls that do not fit the ABI are refused with what there is", async () => {
    expect(await refusedWith(withMarket({ initializer: { function: "init", args: [] } }))).toMatch(
      /has no function init with 0 arguments; it has .*initialize\(address,address\)/u,
    );
    expect(await refusedWith(withMarket({ initializer: { function: "initialize", args: ["$safe", "12"] } }))).toMatch(
      /argument 2: "12" is no address/u,
    );
    expect(await refusedWith(withMarket({ args: ["1"] }))).toMatch(/takes 0 arguments, and 1 are written/u);
    expect(await refusedWith(withMarket({ initializer: null }))).toMatch(/anybody could set it up/u);
    expect(await refusedWith(withMarket({ contract: "Nothing" }))).toMatch(
      /no contract Nothing; it has .*TokenMarket/u,
    );
  });

  test("an invariant that does not hold after the change keeps it from being proposed", async () => {
    const invariants = [{ of: "market", function: "version", args: [], equals: "7" }];
    expect(await refusedWith({ service: { ...marketContracts, invariants } })).toMatch(/version\(\) is 1 and not 7/u);
  });

  test("a key of a test network changes contracts by itself, one transaction after the other", async () => {
    const placement = {
      ...world.placement,
      registry: null,
      by: { signer: { kind: "keystore", file: world.chain.keystore.file, password: { secret: "KEY" } } },
    } as const;
    const rollout = marketRollout(null, await world.release("r1", {}, { placement }));
    expect(await untilItWaits(world.target(), rollout)).toEqual(succeeded);
    expect((await world.target().observe()).get(rollout.to)).toMatchObject({ ready: 1 });
  });
});

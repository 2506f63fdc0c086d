import { inspect } from "node:util";
import type { ChainPlacement, ReleaseId, Rollout } from "@fairway/core";
import { codeOf, FairwayError, plainFacts } from "@fairway/core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { needs } from "../../../tools/skips.ts";
import { relayTo } from "./chain/fork.ts";
import { contractDifferences, plannedContracts } from "./contract-plan.ts";
import { contractTarget } from "./contract-target.ts";
import { builtMarket, secondVersion } from "./testing/evm-tools.ts";
import type { HiccupingNode } from "./testing/hiccuping-node.ts";
import { hiccupingNode } from "./testing/hiccuping-node.ts";
import type { MarketWorld } from "./testing/market-world.ts";
import { marketContracts, marketRollout, marketWorld, untilItWaits } from "./testing/market-world.ts";

const succeeded = { phase: "succeeded" };

describe.skipIf(!needs("anvil"))("contracts in trouble", () => {
  let world: MarketWorld;
  let node: HiccupingNode;
  beforeAll(async () => {
    world = await marketWorld();
    node = await hiccupingNode(world.chain.url, "SECRETKEY");
    // Compiled once for all, which takes long where everything else compiles, too.
    await builtMarket(secondVersion);
  }, 300_000);
  afterEach(() => {
    node.decide = () => "pass";
    return world.reset();
  });
  afterAll(async () => {
    await node.close();
    await world.close();
  });

  /** Changed with a key, through the node that hiccups. */
  const byKey = (): ChainPlacement => ({
    ...{ ...world.placement, rpc: [node.url], registry: null },
    by: { signer: { kind: "keystore", file: world.chain.keystore.file, password: { secret: "KEY" } } },
  });
  const byKeyOf = (id: string, changes = {}): Promise<ReleaseId> => world.release(id, changes, { placement: byKey() });
  const sentIn = ({ id }: Rollout) => world.ledger.proposals.get(`${id}/there`);

  test("a node that asks for patience is asked again later, and its key is told to nobody", async () => {
    const first = await byKeyOf("r1");
    await world.ledger.keep(marketRollout(null, first).token, {
      ...{ environment: "staging", service: "contracts", release: first },
      contracts: [
        {
          ...{ name: "market", chain: 31337, kind: "uups", address: world.chain.safe, implementation: null },
          ...{ codeHash: "0x", metadataHash: null },
        },
      ],
    });
    node.decide = (method) => (method === "eth_chainId" ? "pass" : "too many");
    for (const work of [
      () => world.target().advance(marketRollout(null, first), plainFacts),
      () => world.target().observe(),
      () => plannedContracts(world.parts, first),
      () => contractDifferences(world.parts, first),
    ]) {
      const thrown: unknown = await work().catch((error: unknown) => error);
      expect([codeOf(thrown), (thrown as FairwayError).retryable]).toEqual(["target_unreachable", true]);
      expect(inspect(thrown, { depth: 20 })).not.toContain("SECRETKEY");
    }
  });

  test("of two nodes the second is asked while the first fails, and nobody notices", async () => {
    const first = await world.release("r1", {}, { placement: { ...byKey(), rpc: [node.url, world.chain.url] } });
    let asked = 0;
    // It is of the right chain, and answers nothing else.
    node.decide = (method) => {
      if (method === "eth_chainId") return "pass";
      asked += 1;
      return "too many";
    };
    expect(await untilItWaits(world.target(), marketRollout(null, first))).toEqual(succeeded);
    expect(asked).toBeGreaterThan(0);
  });

  test("a node whose address is refused is a refusal, and no node that may answer later", async () => {
    const first = await byKeyOf("r1");
    const refusal = new FairwayError("bad_request", "requests to node.example are refused");
    const send = async (): Promise<Response> => {
      throw new TypeError("fetch failed", { cause: refusal });
    };
    expect(await contractTarget({ ...world.parts, send }).advance(marketRollout(null, first), plainFacts)).toEqual({
      phase: "failed",
      reason: refusal.message,
    });
  });

  test("a Safe service whose address is refused is a refusal, too", async () => {
    const first = await world.release("r1");
    const refusal = new FairwayError("bad_request", "requests to safe.example are refused");
    const send: typeof fetch = async (url, asked) => {
      if ((url instanceof Request ? url.url : String(url)).startsWith(world.service.url))
        throw new TypeError("fetch failed", { cause: refusal });
      return fetch(url, asked);
    };
    expect(await contractTarget({ ...world.parts, send }).advance(marketRollout(null, first), plainFacts)).toEqual({
      phase: "failed",
      reason: refusal.message,
    });
  });

  test("two services of one Safe take turns, though the first stops between writing and posting", async () => {
    const rollout = marketRollout(null, await world.release("r1"));
    const other: Rollout = {
      ...{ ...rollout, id: "other" as Rollout["id"], service: "other" },
      token: { ...rollout.token, scope: "staging/other" },
    };
    const stopped: typeof fetch = async (url, asked) => {
      const at = url instanceof Request ? url.url : String(url);
      if (asked?.method === "POST" && at.startsWith(world.service.url)) throw new TypeError("fetch failed");
      return fetch(url, asked);
    };
    const first = contractTarget({ ...world.parts, send: stopped });
    const second = contractTarget({ ...world.parts, service: "other" });
    expect(await first.advance(rollout, plainFacts).catch(codeOf)).toBe("target_unreachable");
    expect(await second.advance(other, plainFacts)).toMatchObject({
      phase: "moving",
      message: expect.stringMatching(/^waits for its turn/u) as string,
    });
    expect(world.service.posted).toEqual([]);
    await untilItWaits(world.target(), rollout);
    await untilItWaits(second, other);
    const numbers = [...world.service.kept.values()].map(({ transaction }) => transaction.nonce);
    expect(numbers).toEqual([0, 1]);
  });

  test("what is mined between two questions was not replaced, and a node that fails has said nothing of it", async () => {
    const rollout = marketRollout(null, await byKeyOf("r1"));
    await world.target().advance(rollout, plainFacts);
    await world.target().advance(rollout, plainFacts);
    node.decide = (method) => (method === "eth_getTransactionReceipt" ? "too many" : "pass");
    expect(await world.target().advance(rollout, plainFacts).catch(codeOf)).toBe("target_unreachable");
    let hidden = 0;
    node.decide = (method) => (method === "eth_getTransactionReceipt" && (hidden += 1) === 1 ? "null" : "pass");
    expect(await world.target().advance(rollout, plainFacts)).toMatchObject({ phase: "moving" });
    expect(hidden).toBe(2);
    expect(await untilItWaits(world.target(), rollout)).toEqual(succeeded);
  });

  test("a way back with a key sends nothing more of the way there, and takes back what is in force", async () => {
    const first = await byKeyOf("r1");
    expect(await untilItWaits(world.target(), marketRollout(null, first))).toEqual(succeeded);
    const more = marketContracts.contracts
      .filter(({ name }) => name === "fees")
      .map((fees) => ({ ...fees, name: "more", salt: "more" }));
    const service = { ...marketContracts, contracts: [...marketContracts.contracts, ...more] };
    const second = await world.release("r2", secondVersion, { placement: byKey(), service });
    const rollout = marketRollout(first, second, 2);
    const isLast = (): boolean => sentIn(rollout)?.calls.some((text) => text.includes("FeePolicy")) === true;
    for (let looks = 0; looks < 50 && !isLast(); looks++) await world.target().advance(rollout, plainFacts);
    expect(sentIn(rollout)).toMatchObject({ outcome: null });
    expect(await untilItWaits(world.target(), rollout, "abort")).toEqual(succeeded);
    expect(sentIn(rollout)).toMatchObject({ outcome: "withdrawn" });
    expect((await world.target().observe()).get(first)).toMatchObject({ ready: 1 });
    expect(await untilItWaits(world.target(), rollout, "abort")).toEqual(succeeded);
  });

  test("a proxy that is found where it would be made is asked what it leads to", async () => {
    const first = await byKeyOf("r1");
    const second = await byKeyOf("r2", secondVersion);
    expect(await untilItWaits(world.target(), marketRollout(null, first))).toEqual(succeeded);
    expect(await untilItWaits(world.target(), marketRollout(first, second, 2))).toEqual(succeeded);
    world.ledger.forget();
    const { calls } = await plannedContracts(world.parts, first);
    expect(calls).toEqual([expect.stringContaining("upgradeToAndCall")]);
  });
});

test("what is no question ends nobody: a chain's relay refuses it, and answers the next", async () => {
  const relay = await relayTo({ request: (async () => "0x1") as never });
  const ask = (body: string): Promise<Response> => fetch(relay.url, { method: "POST", body });
  for (const body of ["x", "1", "null", "[1]"]) expect((await ask(body)).status).toBe(400);
  const answer = await ask(JSON.stringify({ jsonrpc: "2.0", id: 7, method: "eth_chainId" }));
  expect(await answer.json()).toEqual({ jsonrpc: "2.0", id: 7, result: "0x1" });
  await relay.close();
});

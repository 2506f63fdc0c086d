import type { ContractKind, Progress, ReleaseId, Rollout, ServiceContracts } from "@fairway/core";
import type { Address } from "viem";
import { parseAbi } from "viem";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { needs } from "../../../tools/skips.ts";
import { minedReceipt } from "./chain/mined-receipt.ts";
import { contractDifferences, plannedContracts } from "./contract-plan.ts";
import { allKinds, allKindsAgain, builtMarket, type SourceChanges } from "./testing/evm-tools.ts";
import type { MarketWorld } from "./testing/market-world.ts";
import { marketRollout, marketWorld, untilItWaits } from "./testing/market-world.ts";

const succeeded = { phase: "succeeded" };
const abi = parseAbi([
  "function feeOf(uint256) view returns (uint256)",
  "function implementation() view returns (address)",
]);

describe.skipIf(!needs("anvil"))("how contracts change", () => {
  let world: MarketWorld;
  beforeAll(async () => {
    world = await marketWorld();
    // Compiled once for all, which takes long where everything else compiles, too.
    for (const changes of [allKinds, allKindsAgain]) await builtMarket(changes);
  }, 300_000);
  afterEach(() => world.reset());
  afterAll(() => world.close());

  /** A policy that keeps so many hundredths of a percent. */
  const policy = (kind: ContractKind, fee: string): { readonly service: ServiceContracts } => ({
    service: {
      buildInfo: "build-info",
      contracts: [
        {
          ...{ name: "fees", contract: "FeePolicy", kind, args: [fee], initializer: null, migrate: null },
          ...{ salt: "kinds", unsafeAllow: [] },
        },
      ],
      invariants: [],
    },
  });
  const release = (
    id: string,
    kind: ContractKind,
    fee: string,
    changes: SourceChanges = allKinds,
  ): Promise<ReleaseId> => world.release(id, changes, policy(kind, fee));

  /** Moves one to its end; its owners sign whatever they are asked. */
  async function through(rollout: Rollout, verb: "advance" | "abort" = "advance"): Promise<Progress> {
    const progress = await untilItWaits(world.target(), rollout, verb);
    if (progress.phase !== "moving") return progress;
    await world.signAll();
    return untilItWaits(world.target(), rollout, verb);
  }

  /** What is kept of 10,000 now, by what others are told to call. */
  async function fee(kind: ContractKind): Promise<bigint> {
    const [newest] = await world.ledger.versions("staging", "contracts");
    let address = newest?.contracts[0]?.address as Address;
    if (kind === "beacon")
      address = await world.chain.client.readContract({ address, abi, functionName: "implementation" });
    return world.chain.client.readContract({ address, abi, functionName: "feeOf", args: [10_000n] });
  }

  test.each(["transparent", "beacon"] as const)("a %s is made, upgraded, and taken back", async (kind) => {
    const first = await release("r1", kind, "250");
    const second = await release("r2", kind, "250", allKindsAgain);
    expect(await through(marketRollout(null, first))).toEqual(succeeded);
    const [made] = await world.ledger.versions("staging", "contracts");
    expect(await fee(kind)).toBe(250n);
    const up = marketRollout(first, second, 2);
    expect(await through(up)).toEqual(succeeded);
    expect(await fee(kind)).toBe(251n);
    const [upgraded] = await world.ledger.versions("staging", "contracts");
    expect(upgraded?.contracts[0]?.address).toBe(made?.contracts[0]?.address);
    expect(upgraded?.contracts[0]?.implementation).not.toBe(made?.contracts[0]?.implementation);
    expect(await through(up, "abort")).toEqual(succeeded);
    expect(await fee(kind)).toBe(250n);
    expect((await world.target().observe()).get(first)).toMatchObject({ ready: 1 });
  });

  test.each(["instance", "transparent", "beacon"] as const)(
    "a constructor that is given something else makes another %s, and the way back finds the first",
    async (kind) => {
      const first = await release("r1", kind, "250");
      const second = await release("r2", kind, "300");
      expect(await through(marketRollout(null, first))).toEqual(succeeded);
      const [made] = await world.ledger.versions("staging", "contracts");
      expect((await plannedContracts(world.parts, second)).calls[0]).toMatch(/^make src\/FeePolicy.sol:FeePolicy at/u);
      const up = marketRollout(first, second, 2);
      expect(await through(up)).toEqual(succeeded);
      expect(await fee(kind)).toBe(300n);
      expect((await world.target().observe()).get(second)).toMatchObject({ ready: 1 });
      const back = await plannedContracts(world.parts, first);
      expect(back.calls.filter((call) => call.startsWith("make "))).toEqual([]);
      expect(await through(up, "abort")).toEqual(succeeded);
      expect(await fee(kind)).toBe(250n);
      const [restored] = await world.ledger.versions("staging", "contracts");
      expect(restored?.contracts).toEqual(made?.contracts);
    },
  );

  test("a contract that never changes is not given other arguments", async () => {
    expect(await through(marketRollout(null, await release("r1", "immutable", "250")))).toEqual(succeeded);
    const { obstacles } = await plannedContracts(world.parts, await release("r2", "immutable", "300"));
    expect(obstacles).toEqual([expect.stringMatching(/was made with \(250\) and not with \(300\), and an immutable/u)]);
  });

  test("what somebody else changes is a difference, and the registry is compared, too", async () => {
    const first = await release("r1", "instance", "250");
    expect(await through(marketRollout(null, first))).toEqual(succeeded);
    expect(await contractDifferences(world.parts, first)).toEqual([]);
    const { test: by, wallet, client, registry, safe, multiSend } = world.chain;
    await by.impersonateAccount({ address: safe });
    await by.setBalance({ address: safe, value: 10n ** 18n });
    const hash = await wallet.writeContract({
      ...{ account: safe, chain: null, address: registry, functionName: "setAddress" },
      abi: parseAbi(["function setAddress(bytes32, address)"]),
      args: [`0x${Buffer.from("fees").toString("hex").padEnd(64, "0")}`, multiSend],
    });
    await minedReceipt(client, hash);
    expect(await contractDifferences(world.parts, first)).toEqual([
      expect.stringMatching(/^the chain lacks what this did: registry 0x\w+: setAddress\("fees"/u),
    ]);
    expect((await world.target().observe()).get(first)).toMatchObject({ ready: 0 });
  });
});

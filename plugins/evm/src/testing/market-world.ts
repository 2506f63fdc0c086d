import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ChainPlacement, Progress, ReleaseId, Rollout, RolloutId, ServiceContracts, Target } from "@fairway/core";
import { plainFacts } from "@fairway/core";
import type { Hex } from "viem";
import { contractTarget } from "../contract-target.ts";
import type { ContractTargetParts } from "../open-contracts.ts";
import { safeWallet } from "../proposing/safe-wallet.ts";
import type { AnvilWorld } from "./anvil-world.ts";
import { anvilWorld } from "./anvil-world.ts";
import { builtMarket, evmPrograms, type SourceChanges } from "./evm-tools.ts";
import { memoryLedger } from "./memory-ledger.ts";
import type { SafeServiceDouble } from "./safe-service-double.ts";
import { safeServiceDouble } from "./safe-service-double.ts";

/** What the marketplace has on a chain. */
export const marketContracts: ServiceContracts = {
  buildInfo: "build-info",
  contracts: [
    { ...{ name: "token", contract: "MarketToken", kind: "immutable", args: ["$safe", "1000000"] }, ...plain() },
    { ...{ name: "fees", contract: "FeePolicy", kind: "instance", args: [] }, ...plain() },
    {
      ...{ name: "market", contract: "TokenMarket", kind: "uups", args: [] },
      ...plain(),
      initializer: { function: "initialize", args: ["$safe", "$token"] },
    },
  ],
  invariants: [{ of: "market", function: "isSolvent", args: [], equals: "true" }],
};

function plain(): {
  readonly initializer: null;
  readonly migrate: null;
  readonly salt: string;
  readonly unsafeAllow: [];
} {
  return { initializer: null, migrate: null, salt: "market", unsafeAllow: [] };
}

/** The marketplace on a chain of its own, with releases that a test makes. */
export interface MarketWorld {
  readonly chain: AnvilWorld;
  readonly service: SafeServiceDouble;
  readonly ledger: ReturnType<typeof memoryLedger>;
  readonly placement: ChainPlacement;
  readonly parts: ContractTargetParts;
  /** A target as a daemon that has just started makes it. */
  target(parts?: ContractTargetParts): Target;
  release(
    id: string,
    changes?: SourceChanges,
    wanted?: Partial<{ service: ServiceContracts; placement: ChainPlacement }>,
  ): Promise<ReleaseId>;
  /** Has whatever waits signed by two owners and executed. */
  signAll(): Promise<readonly Hex[]>;
  /** As it was at first. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

/** Starts a chain, a Safe, its service and a ledger. */
export async function marketWorld(): Promise<MarketWorld> {
  const folder = await mkdtemp(join(tmpdir(), "fairway-evm-"));
  const first = await builtMarket();
  const chain = await anvilWorld(folder, first);
  const service = await safeServiceDouble(chain, [chain.proposer.address]);
  const ledger = memoryLedger();
  const placement: ChainPlacement = {
    ...{ chain: chain.chain, rpc: [chain.url], requestsPerSecond: 10_000, confirmations: 1, registry: chain.registry },
    by: {
      safe: {
        ...{ address: chain.safe, service: service.url, apiKey: null },
        proposer: { kind: "keystore", file: chain.keystore.file, password: { secret: "PROPOSER" } },
      },
    },
    ...{ multiSend: chain.multiSend, addresses: {}, poll: 1 },
  };
  let snapshot = await chain.test.snapshot();
  const releases = new Map<ReleaseId, Awaited<ReturnType<ContractTargetParts["wantedOf"]>>>();
  const parts: ContractTargetParts = {
    ...{ environment: "staging", service: "contracts", ledger, anvil: join(evmPrograms, "anvil") },
    secret: async () => chain.keystore.password,
    wantedOf: async (id) => {
      const found = releases.get(id);
      if (found === undefined) throw new Error(`no release ${id}`);
      return found;
    },
  };
  return {
    ...{ chain, service, ledger, placement, parts },
    target: (of = parts) => contractTarget(of),
    async release(id, changes = {}, wanted = {}) {
      releases.set(id as ReleaseId, {
        service: marketContracts,
        placement,
        ...wanted,
        folder: await builtMarket(changes),
      });
      return id as ReleaseId;
    },
    async signAll() {
      const signed: Hex[] = [];
      const [one, other] = chain.owners;
      if (one === undefined || other === undefined) throw new Error("no owners");
      const nonce = (await safeWallet(chain, chain.safe))?.nonce ?? 0;
      // Of several with the same number the one that was proposed last.
      const newest = new Map([...service.kept.values()].map((kept) => [kept.transaction.nonce, kept]));
      for (const { hash, transaction } of [...newest.values()].toSorted(
        (a, b) => a.transaction.nonce - b.transaction.nonce,
      )) {
        if (transaction.nonce < nonce) continue;
        await service.confirm(hash, one);
        await service.confirm(hash, other);
        await chain.execute(transaction, [one, other]);
        signed.push(hash);
      }
      return signed;
    },
    async reset() {
      await chain.test.revert({ id: snapshot });
      snapshot = await chain.test.snapshot();
      ledger.forget();
      service.kept.clear();
      service.posted.length = 0;
      releases.clear();
    },
    async close() {
      await service.close();
      await chain.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A rollout from one release to another. */
export const marketRollout = (from: ReleaseId | null, to: ReleaseId, epoch = 1): Rollout => ({
  id: `${from ?? "nothing"}-${to}-${epoch}` as RolloutId,
  ...{ environment: "staging", service: "contracts", from, to, desired: 1 },
  strategy: { name: "rolling", minimumHealthyPercent: 50, maximumPercent: 200 },
  token: { scope: "staging/contracts", epoch, holder: "test" },
});

/** Moves on until something is waited for that only owners can do, or the end. */
export async function untilItWaits(
  target: Target,
  rollout: Rollout,
  verb: "advance" | "abort" = "advance",
): Promise<Progress> {
  for (let looks = 0; looks < 200; looks++) {
    const progress = verb === "advance" ? await target.advance(rollout, plainFacts) : await target.abort(rollout);
    if (progress.phase !== "moving" || / signatures on /u.test(progress.message)) return progress;
  }
  throw new Error(`${rollout.id} never ended`);
}

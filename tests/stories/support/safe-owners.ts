import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Run } from "@fairway/api";
import type { ChainConfig, ServiceConfig } from "@fairway/config";
import type { AnvilWorld } from "../../../plugins/evm/src/testing/anvil-world.ts";
import { anvilWorld } from "../../../plugins/evm/src/testing/anvil-world.ts";
import type { SourceChanges } from "../../../plugins/evm/src/testing/evm-tools.ts";
import { builtMarket, evmPath, secondVersion } from "../../../plugins/evm/src/testing/evm-tools.ts";
import { safeServiceDouble } from "../../../plugins/evm/src/testing/safe-service-double.ts";

/** A chain of its own whose contracts belong to a Safe of three, of whom two must sign. */
export interface SafeOwners {
  /** How an environment names it; the proposer's password is the secret PROPOSER. */
  readonly chain: ChainConfig;
  readonly password: string;
  /** What a build of the marketplace's contracts leaves, for two versions of them. */
  readonly builds: Readonly<Record<"first" | "second", string>>;
  /** The chain itself, and who has what there. */
  readonly world: AnvilWorld;
  /** Has what waits signed by one of them; whoever is the second also executes it. */
  sign(owner: number): Promise<void>;
  /** How many different things they were asked to sign. */
  readonly asked: number;
  /** What was sent to them to sign, each time that it was. */
  readonly posted: readonly string[];
  close(): Promise<void>;
}

/** The marketplace's contracts, as a service of its own. */
export const market: ServiceConfig = {
  path: "market",
  build: { inputs: ["market"] },
  contracts: {
    contracts: {
      token: { contract: "MarketToken", kind: "immutable", args: ["$safe", "1000000"] },
      market: {
        contract: "TokenMarket",
        kind: "uups",
        initializer: { function: "initialize", args: ["$safe", "$token"] },
      },
    },
  },
};

/** Starts the chain, and puts its programs on the PATH of what is started later. */
export async function safeOwners(): Promise<SafeOwners> {
  const path = process.env["PATH"];
  process.env["PATH"] = evmPath();
  const keys = await mkdtemp(join(tmpdir(), "fairway-keys-"));
  const world = await anvilWorld(keys, await builtMarket());
  const service = await safeServiceDouble(world, [world.proposer.address]);
  return {
    chain: {
      ...{ id: world.chain, rpc: [world.url], confirmations: 1, poll: "100ms", requestsPerSecond: 1_000 },
      registry: world.registry,
      multiSend: world.multiSend,
      safe: {
        address: world.safe,
        service: service.url,
        proposer: { keystore: world.keystore.file, password: { secret: "PROPOSER" } },
      },
    },
    world,
    posted: service.posted,
    password: world.keystore.password,
    builds: { first: await buildOf({}), second: await buildOf(secondVersion) },
    async sign(owner) {
      const [waiting] = [...service.kept.values()].toSorted((a, b) => b.transaction.nonce - a.transaction.nonce);
      if (waiting === undefined) throw new Error("nothing waits");
      await service.confirm(waiting.hash, world.owners[owner] ?? world.deployer);
      const signed = world.owners.filter(({ address }) => waiting.signatures.has(address));
      if (signed.length >= 2) await world.execute(waiting.transaction, signed);
    },
    get asked() {
      return service.kept.size;
    },
    async close() {
      process.env["PATH"] = path;
      await service.close();
      await world.close();
      await rm(keys, { recursive: true, force: true });
    },
  };
}

/** What a build leaves of the marketplace's contracts when its sources are changed. */
export async function buildOf(changes: SourceChanges): Promise<string> {
  const built = join(await builtMarket(changes), "build-info");
  const [name = ""] = await readdir(built);
  return readFile(join(built, name), "utf8");
}

/** Whether the owners' signatures on a service's contracts are so many by now. */
export const hasSignatures =
  (service: string, count: number) =>
  ({ jobs }: Run): boolean =>
    jobs.some(
      ({ name, message }) => name === `rollout:${service}` && (message ?? "").includes(`${count} of 2 signatures`),
    );

import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { capabilities } from "../tools/capabilities.mjs";
import { commit, median, succeeded, withProduct } from "./product-parts.mjs";

export const name = "a whole release of contracts on a chain, beyond compiling, its owners signing at once";
export const goal = { atMost: 5_000 };

const rounds = Number(process.env.FAIRWAY_BENCH_ROUNDS ?? 5);
/** What the tests of contracts have: a chain, a Safe that owns everything, and its service. @param {string} part */
const parts = (part) => import(new URL(`../plugins/evm/dist/testing/${part}.js`, import.meta.url).href);

export async function run() {
  if (!capabilities.anvil.isThere()) return { skipped: capabilities.anvil.what };
  const { anvilWorld } = await parts("anvil-world");
  const { builtMarket, evmPath } = await parts("evm-tools");
  const { safeServiceDouble } = await parts("safe-service-double");
  process.env.PATH = evmPath();
  const keys = await mkdtemp(join(tmpdir(), "fairway-bench-keys-"));
  const built = await builtMarket();
  const chain = await anvilWorld(keys, built);
  const service = await safeServiceDouble(chain, [chain.proposer.address]);
  const [info] = await readdir(join(built, "build-info"));
  const buildInfo = await readFile(join(built, "build-info", info), "utf8");
  try {
    return await withProduct(
      configurationOf(chain, service, 0),
      async ({ client, repository }) => {
        const api = client();
        await api.call("setSecret", { name: "KEY", environment: "place", value: chain.keystore.password, by: "bench" });
        const found = [];
        for (let round = 0; round <= rounds; round++) {
          // Contracts of other names at other addresses, all of which are to be made.
          await writeFile(join(repository, "fairway.yaml"), configurationOf(chain, service, round));
          await commit(repository, `Round ${round}`);
          const began = performance.now();
          await succeeded(api, (await api.call("makeRelease", { by: "bench", deploy: false })).id);
          const run = await api.call("deploy", { environment: "place", by: "bench" });
          await Promise.all([succeeded(api, run.id), signed(chain, service, round)]);
          // The first loads what speaks to chains.
          if (round > 0) found.push(performance.now() - began);
        }
        return { ours: median(found), unit: "ms" };
      },
      { files: { "market/build-info/market.json": buildInfo } },
    );
  } finally {
    await service.close();
    await chain.close();
    await rm(keys, { recursive: true, force: true });
  }
}

/** Two owners sign whatever has this number, as soon as it is proposed, and execute it. */
async function signed(chain, service, nonce) {
  for (;;) {
    const waiting = [...service.kept.values()].find(({ transaction }) => transaction.nonce === nonce);
    if (waiting !== undefined) {
      const owners = chain.owners.slice(0, 2);
      for (const owner of owners) await service.confirm(waiting.hash, owner);
      return chain.execute(waiting.transaction, owners);
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function configurationOf(chain, service, round) {
  const salt = `round ${round}`;
  return JSON.stringify({
    name: "bench",
    services: {
      market: {
        path: "market",
        build: { inputs: ["market"] },
        contracts: {
          contracts: {
            [`token${round}`]: { contract: "MarketToken", kind: "immutable", args: ["$safe", "1000000"], salt },
            [`fees${round}`]: { contract: "FeePolicy", kind: "instance", salt },
            [`market${round}`]: {
              ...{ contract: "TokenMarket", kind: "uups", salt },
              initializer: { function: "initialize", args: ["$safe", `$token${round}`] },
            },
          },
          invariants: [{ of: `market${round}`, function: "isSolvent", equals: "true" }],
        },
      },
    },
    environments: {
      place: {
        deploys: "on-request",
        services: {
          market: {
            chain: {
              ...{ id: chain.chain, rpc: [chain.url], confirmations: 1, poll: "100ms", requestsPerSecond: 1_000 },
              ...{ registry: chain.registry, multiSend: chain.multiSend },
              safe: {
                ...{ address: chain.safe, service: service.url },
                proposer: { keystore: chain.keystore.file, password: { secret: "KEY" } },
              },
            },
          },
        },
      },
    },
  });
}

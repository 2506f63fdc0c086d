import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Run } from "@fairway/api";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AnvilWorld } from "../../plugins/evm/src/testing/anvil-world.ts";
import { anvilWorld } from "../../plugins/evm/src/testing/anvil-world.ts";
import type { SourceChanges } from "../../plugins/evm/src/testing/evm-tools.ts";
import { builtMarket, evmPath, secondVersion } from "../../plugins/evm/src/testing/evm-tools.ts";
import type { SafeServiceDouble } from "../../plugins/evm/src/testing/safe-service-double.ts";
import { safeServiceDouble } from "../../plugins/evm/src/testing/safe-service-double.ts";
import { needs } from "../../tools/skips.ts";
import type { Fairway } from "./support/fairway-under-test.ts";
import { by, openFairway } from "./support/fairway-under-test.ts";
import type { Files } from "./support/git-project.ts";
import { configFile } from "./support/git-project.ts";
import { tinyConfig, tinyService } from "./support/tiny-service.ts";
import { assertEnded, reasonsOf } from "./support/watch-run.ts";

describe.skipIf(!needs("anvil"))("a release with contracts that fails its journeys", () => {
  const path = process.env["PATH"];
  let keys: string;
  let chain: AnvilWorld;
  let service: SafeServiceDouble;
  let fairway: Fairway;

  beforeAll(async () => {
    // Where the daemon finds anvil, to fork the chain with.
    process.env["PATH"] = evmPath();
    keys = await mkdtemp(join(tmpdir(), "fairway-keys-"));
    chain = await anvilWorld(keys, await builtMarket());
    service = await safeServiceDouble(chain, [chain.proposer.address]);
    fairway = await openFairway(await files("hello"));
    const value = chain.keystore.password;
    await fairway.client.call("setSecret", { name: "PROPOSER", environment: "staging", value, by });
  });
  afterAll(async () => {
    process.env["PATH"] = path;
    await fairway?.end();
    await service?.close();
    await chain?.close();
    await rm(keys, { recursive: true, force: true });
  });

  async function files(says: string, changes: SourceChanges = {}): Promise<Files> {
    const built = join(await builtMarket(changes), "build-info");
    const [name = ""] = await readdir(built);
    return {
      "web/server.mjs": tinyService({ says }),
      "tests/front.yaml": "steps:\n  - { name: open, get: '{{WEB_URL}}/', expect: { json: { says: hello } } }\n",
      "market/build-info/market.json": await readFile(join(built, name), "utf8"),
      ...configFile({
        name: "marketplace",
        services: {
          web: tinyConfig(),
          market: {
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
          },
        },
        environments: {
          staging: {
            deploys: "on-request",
            synthetics: { front: { journey: "tests/front.yaml" } },
            bake: "1s",
            services: {
              market: {
                chain: {
                  ...{ id: chain.chain, rpc: [chain.url], confirmations: 1, poll: "100ms", requestsPerSecond: 1_000 },
                  registry: chain.registry,
                  multiSend: chain.multiSend,
                  safe: {
                    address: chain.safe,
                    service: service.url,
                    proposer: { keystore: chain.keystore.file, password: { secret: "PROPOSER" } },
                  },
                },
              },
            },
          },
        },
      }),
    };
  }

  /** The two owners that are asked sign the newest that waits, and the second executes it. */
  async function sign(): Promise<void> {
    const [waiting] = [...service.kept.values()].toSorted((a, b) => b.transaction.nonce - a.transaction.nonce);
    if (waiting === undefined) throw new Error("nothing waits");
    const owners = chain.owners.slice(0, 2);
    for (const owner of owners) await service.confirm(waiting.hash, owner);
    await chain.execute(waiting.transaction, owners);
  }

  const asked = (job: string) => (run: Run) =>
    run.jobs.some(({ name, message }) => name === job && (message ?? "").includes("0 of 2 signatures"));

  async function implementation(): Promise<string | null | undefined> {
    const { services } = await fairway.client.call("contracts", { environment: "staging" });
    return services[0]?.versions[0]?.contracts.find(({ name }) => name === "market")?.implementation;
  }

  test("comes back whole: services at once, contracts with their owners' signatures", async () => {
    await fairway.settled(await fairway.client.call("makeRelease", { ref: "HEAD", by }));
    const first = await fairway.client.call("deploy", { environment: "staging", by });
    await fairway.runUntil(first, asked("rollout:market"));
    await sign();
    assertEnded(await fairway.settled(first), "succeeded");
    const before = await implementation();
    expect(before).toMatch(/^0x/u);

    const sha = await fairway.project.commit("Say goodbye", await files("goodbye", secondVersion));
    await fairway.settled(await fairway.client.call("makeRelease", { ref: sha, by }));
    const second = await fairway.client.call("deploy", { environment: "staging", by });
    await fairway.runUntil(second, asked("rollout:market"));
    await sign();
    // The journey fails twice while it bakes, and the owners are asked to go back.
    const waiting = await fairway.runUntil(second, (run) =>
      run.jobs.some(({ name, message }) => name !== "rollout:market" && (message ?? "").includes("0 of 2 signatures")),
    );
    expect(reasonsOf(waiting)).toContain("the journey front failed 2 times in a row");
    await sign();
    const ended = await fairway.settled(second);
    assertEnded(ended, "failed");
    expect(await implementation()).toBe(before);
    expect(await fairway.replicas("staging", "web")).toMatchObject([{ release: "r1", state: "ready" }]);
  });
});

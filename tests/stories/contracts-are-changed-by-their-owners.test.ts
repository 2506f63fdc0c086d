import { readFile, readdir } from "node:fs/promises";
import { join, relative } from "node:path";
import type { EnvironmentConfig } from "@fairway/config";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AwsDouble } from "../../plugins/aws/fixtures/double.ts";
import { awsDouble, region } from "../../plugins/aws/fixtures/double.ts";
import { ethereumKey } from "../../plugins/aws/fixtures/ethereum-key.ts";
import { openAws } from "../../plugins/aws/src/open-aws.ts";
import { kmsSigner } from "../../plugins/evm/src/signing/kms-signer.ts";
import { brokenStorage } from "../../plugins/evm/src/testing/evm-tools.ts";
import { ownerOf } from "../../plugins/evm/src/testing/owner-of.ts";
import { needs } from "../../tools/skips.ts";
import { commandLine } from "./support/command-line.ts";
import type { Fairway } from "./support/fairway-under-test.ts";
import { by, openFairway } from "./support/fairway-under-test.ts";
import type { Files } from "./support/git-project.ts";
import { configFile } from "./support/git-project.ts";
import { fetchFrom } from "./support/requests.ts";
import { refusal } from "./support/refusal.ts";
import type { SafeOwners } from "./support/safe-owners.ts";
import { buildOf, hasSignatures, safeOwners } from "./support/safe-owners.ts";
import { assertEnded } from "./support/watch-run.ts";

const marketplace = join(import.meta.dirname, "../../examples/marketplace");

describe.skipIf(!needs("anvil"))("contracts that a Safe owns", () => {
  let owners: SafeOwners;
  let fairway: Fairway;
  /** What has a key that signs for a test network; absent where there is no double of AWS. */
  let aws: { readonly double: AwsDouble; readonly key: string; readonly address: string } | undefined;

  beforeAll(async () => {
    owners = await safeOwners();
    if (needs("moto")) aws = await keyOfAws();
    fairway = await openFairway(await files(owners.builds.first));
    const value = owners.password;
    await fairway.client.call("setSecret", { name: "PROPOSER", environment: "staging", value, by });
  });
  afterAll(async () => {
    await fairway?.end();
    await owners?.close();
    await aws?.double.close();
  });

  /** A key in AWS KMS, whose account on the chain has coins. */
  async function keyOfAws(): Promise<NonNullable<typeof aws>> {
    const double = await awsDouble();
    const key = await ethereumKey();
    const { address } = await kmsSigner(openAws().kmsKey({ key, region }));
    await owners.world.test.setBalance({ address, value: 10n ** 21n });
    return { double, key, address };
  }

  /** What a build would leave, as a service's own files: nothing is compiled while the story runs. */
  async function files(build: string): Promise<Files> {
    return {
      ...(await pageFiles()),
      "market/build-info/market.json": build,
      ...configFile({
        name: "marketplace",
        services: {
          // The page of the marketplace, as it is.
          frontend: {
            path: "frontend",
            dependsOn: ["market"],
            build: { commands: ["node build.mjs"], output: "dist", inputs: ["frontend", "shared", "tools"] },
            run: "node frontend/serve.mjs",
            health: { path: "/healthz", interval: "200ms" },
          },
          market: {
            path: "market",
            build: { inputs: ["market"] },
            contracts: {
              contracts: {
                token: { contract: "MarketToken", kind: "immutable", args: ["$safe", "1000000"] },
                fees: { contract: "FeePolicy", kind: "instance" },
                market: {
                  contract: "TokenMarket",
                  kind: "uups",
                  initializer: { function: "initialize", args: ["$safe", "$token"] },
                },
              },
              invariants: [{ of: "market", function: "isSolvent", equals: "true" }],
            },
          },
        },
        environments: {
          staging: {
            deploys: "on-request",
            services: {
              frontend: { routes: [{ host: "shop.staging.localhost" }] },
              market: { chain: owners.chain },
            },
          },
          ...(aws === undefined ? {} : { sandbox: sandboxOf(aws.key) }),
        },
      }),
    };
  }

  /** A test network, which a key of AWS changes without asking anybody. */
  const sandboxOf = (kms: string): EnvironmentConfig => ({
    deploys: "on-request",
    services: {
      market: {
        chain: {
          ...{
            id: owners.world.chain,
            rpc: [owners.world.url],
            confirmations: 1,
            poll: "100ms",
            requestsPerSecond: 1_000,
          },
          signer: { kms, region },
        },
      },
    },
  });

  /** What the marketplace's page is built from. */
  async function pageFiles(): Promise<Files> {
    const parts = ["frontend", "shared", "tools"].map(async (part) =>
      (await readdir(join(marketplace, part), { recursive: true, withFileTypes: true }))
        .filter((entry) => entry.isFile())
        .map((entry) => relative(marketplace, join(entry.parentPath, entry.name)))
        .filter((name) => !name.startsWith("frontend/dist/")),
    );
    const names = (await Promise.all(parts)).flat();
    return Object.fromEntries(
      await Promise.all(names.map(async (name) => [name, await readFile(join(marketplace, name), "utf8")] as const)),
    );
  }

  type Addresses = Readonly<Record<string, { readonly chain: number; readonly address: string }>>;
  /** What the page that is served has its visitors call. */
  const served = async (): Promise<Addresses> =>
    (JSON.parse((await fetchFrom(fairway, "shop.staging.localhost", "/config.json")).body) as { contracts: Addresses })
      .contracts;
  /** What a release left on the chain, as a frontend would have it in its bundle. */
  async function exported(release: string): Promise<Addresses> {
    const words = ["contracts", "staging", "--export", "json", "--release", release];
    return JSON.parse((await commandLine(fairway.project.path, fairway.data, ...words)).out) as Addresses;
  }

  test("a release waits for its owners, over restarts, and ends after the second signature", async () => {
    const { next } = await fairway.settled(await fairway.client.call("makeRelease", { ref: "HEAD", by }));
    expect(next).toEqual([]);
    const plan = await fairway.client.call("plan", { environment: "staging" });
    expect(plan.contracts?.[0]).toMatchObject({ safe: { threshold: 2, owners: 3 }, obstacles: [] });
    expect(plan.contracts?.[0]?.calls.join("\n")).toMatch(
      /make src\/TokenMarket.sol:TokenMarket at 0x[\s\S]*setAddress\("market", 0x/u,
    );

    const run = await fairway.client.call("deploy", { environment: "staging", by });
    await fairway.runUntil(run, hasSignatures("market", 0));
    await fairway.kill("SIGKILL");
    await fairway.start();
    await owners.sign(0);
    await fairway.runUntil(run, hasSignatures("market", 1));
    await fairway.kill("SIGTERM");
    await owners.sign(1);
    await fairway.start();
    assertEnded(await fairway.settled(run), "succeeded");
    expect(new Set(owners.posted).size).toBe(1);

    const { services } = await fairway.client.call("contracts", { environment: "staging" });
    const names = services[0]?.versions[0]?.contracts.map(({ name }) => name);
    expect(names).toEqual(["token", "fees", "market"]);
    const { environments } = await fairway.client.call("status", {});
    const running = environments.find(({ name }) => name === "staging")?.services ?? [];
    const market = running.find(({ name }) => name === "market");
    expect(market).toMatchObject({ ready: 1, desired: 1, problem: null, chain: { release: "r1" } });
    expect(market?.chain?.contracts.map(({ name, chain: id }) => [name, id])).toEqual(
      names?.map((name) => [name, 31337]),
    );
    const typed = await commandLine(fairway.project.path, fairway.data, "contracts", "staging", "--export", "ts");
    expect(typed.out).toMatch(/"market": \{ chain: 31337, address: "0x\w{40}" \}/u);
    expect(await served()).toEqual(await exported("r1"));
  });

  test("an upgrade that breaks the storage is refused with its slot, before anybody is asked", async () => {
    const sha = await fairway.project.commit("Put a variable in front", await files(await buildOf(brokenStorage)));
    await fairway.settled(await fairway.client.call("makeRelease", { ref: sha, by }));
    const refused = await refusal(fairway.client.call("deploy", { environment: "staging", by }));
    expect(refused).toMatchObject({ code: "not_allowed_now" });
    expect(refused.message).toMatch(/market: the storage would lie elsewhere \(slot 0: insert of leastPrice/u);
    expect(owners.asked).toBe(1);
  });

  test("an upgrade, and the way back, are both asked of the owners", async () => {
    const sha = await fairway.project.commit("Set a least price", await files(owners.builds.second));
    await fairway.settled(await fairway.client.call("makeRelease", { ref: sha, by }));
    const up = await fairway.client.call("deploy", { environment: "staging", by });
    await fairway.runUntil(up, hasSignatures("market", 0));
    for (const owner of [0, 2]) await owners.sign(owner);
    assertEnded(await fairway.settled(up), "succeeded");
    // Another policy of fees, which the page of this release has its visitors call, and the one before did not.
    const [first, third] = [await exported("r1"), await exported("r3")];
    expect(third["fees"]?.address).not.toBe(first["fees"]?.address);
    expect(await served()).toEqual(third);
    const back = await fairway.client.call("rollback", { environment: "staging", by });
    await fairway.runUntil(back, hasSignatures("market", 0));
    for (const owner of [1, 2]) await owners.sign(owner);
    assertEnded(await fairway.settled(back), "succeeded");
    expect(await served()).toEqual(first);
  });

  test("a key of AWS, named by where it lies, signs what changes a test network", async ({ skip }) => {
    if (aws === undefined) return skip("there is no double of AWS");
    const run = await fairway.client.call("deploy", { environment: "sandbox", release: "r1", by });
    assertEnded(await fairway.settled(run), "succeeded");
    const { services } = await fairway.client.call("contracts", { environment: "sandbox" });
    const market = services[0]?.versions[0]?.contracts.find(({ name }) => name === "market");
    // It is the key's own account that sent it, and owns what was made.
    expect(await ownerOf(owners.world, market?.address ?? "")).toBe(aws.address);
  });
});

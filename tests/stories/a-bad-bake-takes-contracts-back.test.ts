import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { needs } from "../../tools/skips.ts";
import type { Fairway } from "./support/fairway-under-test.ts";
import { by, openFairway } from "./support/fairway-under-test.ts";
import type { Files } from "./support/git-project.ts";
import { configFile } from "./support/git-project.ts";
import type { SafeOwners } from "./support/safe-owners.ts";
import { hasSignatures, market, safeOwners } from "./support/safe-owners.ts";
import { tinyConfig, tinyService } from "./support/tiny-service.ts";
import { assertEnded, reasonsOf } from "./support/watch-run.ts";

describe.skipIf(!needs("anvil"))("a release with contracts that fails its journeys", () => {
  let owners: SafeOwners;
  let fairway: Fairway;

  beforeAll(async () => {
    owners = await safeOwners();
    fairway = await openFairway(files("hello", "first"));
    const value = owners.password;
    await fairway.client.call("setSecret", { name: "PROPOSER", environment: "staging", value, by });
  });
  afterAll(async () => {
    await fairway?.end();
    await owners?.close();
  });

  const files = (says: string, contracts: keyof SafeOwners["builds"]): Files => ({
    "web/server.mjs": tinyService({ says }),
    "tests/front.yaml": "steps:\n  - { name: open, get: '{{WEB_URL}}/', expect: { json: { says: hello } } }\n",
    "market/build-info/market.json": owners.builds[contracts],
    ...configFile({
      name: "marketplace",
      services: {
        web: tinyConfig(),
        market,
      },
      environments: {
        staging: {
          deploys: "on-request",
          synthetics: { front: { journey: "tests/front.yaml" } },
          bake: "1s",
          services: {
            market: { chain: owners.chain },
          },
        },
      },
    }),
  });

  /** Two of the owners sign what waits. */
  async function sign(): Promise<void> {
    for (const owner of [0, 1]) await owners.sign(owner);
  }

  async function implementation(): Promise<string | null | undefined> {
    const { services } = await fairway.client.call("contracts", { environment: "staging" });
    return services[0]?.versions[0]?.contracts.find(({ name }) => name === "market")?.implementation;
  }

  test("comes back whole: services at once, contracts with their owners' signatures", async () => {
    await fairway.settled(await fairway.client.call("makeRelease", { ref: "HEAD", by }));
    const first = await fairway.client.call("deploy", { environment: "staging", by });
    await fairway.runUntil(first, hasSignatures("market", 0));
    await sign();
    assertEnded(await fairway.settled(first), "succeeded");
    const before = await implementation();
    expect(before).toMatch(/^0x/u);

    const sha = await fairway.project.commit("Say goodbye", files("goodbye", "second"));
    await fairway.settled(await fairway.client.call("makeRelease", { ref: sha, by }));
    const second = await fairway.client.call("deploy", { environment: "staging", by });
    await fairway.runUntil(second, hasSignatures("market", 0));
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

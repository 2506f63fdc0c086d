import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AwsDouble } from "../../plugins/aws/fixtures/double.ts";
import { awsDouble, region } from "../../plugins/aws/fixtures/double.ts";
import { makeUsers } from "../../plugins/aws/fixtures/iam-users.ts";
import { needs } from "../../tools/skips.ts";
import type { Said } from "./support/command-line.ts";
import { commandLine } from "./support/command-line.ts";
import type { Fairway } from "./support/fairway-under-test.ts";
import { by, openFairway } from "./support/fairway-under-test.ts";
import { configFile } from "./support/git-project.ts";
import { stagingOnly, tinyConfig, tinyService } from "./support/tiny-service.ts";

const duty = "credential/aws-core@staging:access-review";

describe.skipIf(!needs("moto"))("who can do what in an account of AWS", () => {
  let aws: AwsDouble;
  let fairway: Fairway;
  beforeAll(async () => {
    aws = await awsDouble();
    await makeUsers("ann", "bob");
    fairway = await openFairway({
      "web/server.mjs": tinyService(),
      ...configFile({
        name: "story",
        services: { web: tinyConfig() },
        environments: stagingOnly({ aws: { region, account: "123456789012" } }),
      }),
      "ops/people.yaml": `roles:\n  lead:\n    people: [{ name: ${by} }]\n`,
      "ops/credentials.yaml": `credentials:\n  aws-core: { vendor: AWS, kind: account, environments: [staging], owner: lead, access-review: { every: P90D, from: 2026-01-15 } }\n`,
    });
  });
  afterAll(async () => {
    await fairway?.end();
    await aws?.close();
  });

  const said = async (...words: readonly string[]): Promise<Said> => {
    const found = await commandLine(fairway.project.path, fairway.data, ...words);
    if (found.code !== 0) throw new Error(found.err);
    return found;
  };
  const stateOf = async (): Promise<string | undefined> =>
    (await fairway.client.call("duty", { duty, limit: 1 })).state;

  test("is asked of AWS, decided one by one, and shown with the last of them; who was to go and is there again turns it red", async () => {
    expect((await fairway.client.call("readDuties", { by })).problems).toEqual([]);
    expect(await stateOf()).toBe("overdue");
    const opened = await said("access", "open", duty, "--aws", "staging", "--json");
    const review = JSON.parse(opened.out) as {
      readonly number: number;
      readonly system: string;
      readonly principals: readonly { readonly principal: string }[];
    };
    expect(review.system).toBe("aws:123456789012");
    expect(review.principals.map(({ principal }) => principal)).toEqual(expect.arrayContaining(["ann", "bob"]));
    for (const { principal } of review.principals) {
      expect(await stateOf()).toBe("overdue");
      const choice = principal === "bob" ? "revoke" : "keep";
      await said("access", "decide", String(review.number), principal, choice, "--reason", "as it should be");
    }
    expect(await stateOf()).toBe("ok");

    const again = await said("access", "open", duty, "--aws", "staging");
    expect(again.out).toMatch(/bob[^\n]*/u);
    expect(await stateOf()).not.toBe("ok");
  });
});

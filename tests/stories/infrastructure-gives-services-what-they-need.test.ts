import { delimiter } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { needs } from "../../tools/skips.ts";
import type { Fairway } from "./support/fairway-under-test.ts";
import { openFairway } from "./support/fairway-under-test.ts";
import { configFile } from "./support/git-project.ts";
import { tinyConfig, tinyService } from "./support/tiny-service.ts";
import { assertEnded, stateOf } from "./support/watch-run.ts";

const tools = fileURLToPath(new URL("../../.cache/quality-tools/bin", import.meta.url));
const path = process.env["PATH"];
const isThere = needs("terraform");
let fairway: Fairway | undefined;

const stack = (code: string): string => `resource "terraform_data" "it" {
  input = "orders-of-\${var.environment}"
}
variable "environment" {}
${code}`;

beforeAll(async () => {
  if (!isThere) return;
  process.env["PATH"] = `${path ?? ""}${delimiter}${tools}`;
  fairway = await openFairway({
    // It does not start without what the stack gives it.
    "web/server.mjs": tinyService({
      first:
        'if (process.env.QUEUE !== "orders-of-staging") throw new Error("there is no queue: " + process.env.QUEUE);',
    }),
    "infrastructure/network/main.tf": stack(""),
    "infrastructure/data/main.tf": stack('output "queue" {\n  value = terraform_data.it.output\n}\n'),
    ...configFile({
      name: "story",
      services: { web: tinyConfig() },
      infrastructure: {
        data: {
          folder: "infrastructure/data",
          after: ["network"],
          variables: { environment: "staging" },
          outputs: { QUEUE: "queue" },
        },
        network: { folder: "infrastructure/network", variables: { environment: "staging" } },
      },
      environments: { staging: { deploys: "on-request" } },
    }),
  });
});
afterAll(async () => {
  await fairway?.end();
  process.env["PATH"] = path;
});

test.skipIf(!isThere)(
  "a service is started with the outputs of the stacks that its deployment has applied",
  async () => {
    if (fairway === undefined) throw new Error("it was not opened");
    const release = await fairway.release();
    assertEnded(release, "succeeded");
    const { infrastructure } = await fairway.client.call("plan", { environment: "staging", rollback: "false" });
    expect(infrastructure?.map(({ name, program, phase, after }) => [name, program, phase, after])).toEqual([
      ["network", "terraform", "before-services", []],
      ["data", "terraform", "before-services", ["network"]],
    ]);
    const asked = await fairway.client.call("deploy", { environment: "staging", by: "ada" });
    const ended = await fairway.settled(asked);
    assertEnded(ended, "succeeded");
    expect([stateOf(ended, "apply:network"), stateOf(ended, "apply:data")]).toEqual(["succeeded", "succeeded"]);
    await fairway.assertHealthy();
  },
  180_000,
);

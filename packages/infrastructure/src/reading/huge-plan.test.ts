import { expect, test } from "vitest";
import { planMarkdown } from "../rendering/plan-markdown.ts";
import { parsePlanJson } from "./plan-json.ts";
import { readPlan } from "./read-plan.ts";

/** A plan of many resources, each with a secret of its own that begins like all the others. */
const hugePlan = (count: number): string =>
  JSON.stringify({
    format_version: "1.2",
    resource_changes: Array.from({ length: count }, (_one, index) => ({
      address: `aws_db_instance.a[${index}]`,
      type: "aws_db_instance",
      change: {
        actions: ["create"],
        before: null,
        after: {
          name: `db-${index}`,
          tags: { owner: "platform", cost: `centre-${index % 7}` },
          password: `hunter-${index}-${"x".repeat(20)}`,
          url: `postgres://app:hunter-${index}-${"x".repeat(20)}@host/db`,
        },
        after_sensitive: { password: true },
        after_unknown: { id: true, arn: true },
      },
    })),
  });

test("a plan of 5,000 resources with 5,000 secrets is read whole, told in one comment, and tells none of them", () => {
  const plan = readPlan(parsePlanJson(hugePlan(5000)));
  expect([plan.changes.length, plan.whole]).toEqual([5000, true]);
  expect(JSON.stringify(plan)).not.toContain("hunter-");
  const markdown = planMarkdown("production", "data", {
    plan: {
      basis: {
        stack: "data",
        environment: "production",
        commit: "a".repeat(40),
        workspace: "default",
        serial: 1,
        lineage: "x",
        variables: "sha256:1",
        tool: "tofu 1.11.14",
      },
      changes: plan.changes,
      outputs: [],
      expiresAt: "2026-01-02T00:00:00.000Z",
    },
    contested: [],
    digest: "sha256:1",
  });
  expect(markdown.length).toBeLessThan(65_536);
  expect(markdown).toContain("5000 to add");
});

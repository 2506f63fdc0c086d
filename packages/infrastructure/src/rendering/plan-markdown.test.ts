import type { InfrastructurePlan } from "@fairway/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { planMark, planMarkdown } from "./plan-markdown.ts";

const plan: InfrastructurePlan = {
  basis: {
    stack: "network",
    environment: "staging",
    commit: "abcdef1234",
    workspace: "default",
    serial: 1,
    lineage: "x",
    variables: "sha256:1",
    tool: "tofu 1.11.0",
  },
  changes: [
    {
      address: "aws_x.a",
      type: "aws_x",
      action: "replace",
      from: null,
      reason: "it cannot be changed in place",
      fields: [
        { path: "name", before: '"a"', after: '"b"', sensitive: false, unknown: false, replaces: true },
        { path: "key", before: null, after: null, sensitive: true, unknown: false, replaces: false },
        { path: "id", before: '"1"', after: null, sensitive: false, unknown: true, replaces: false },
      ],
    },
  ],
  outputs: ["url"],
  file: "sha256:2",
  plannedAt: "2026-11-21T10:00:00.000Z",
  expiresAt: "2026-11-22T10:00:00.000Z",
};

test("a plan as a comment says what goes, why, and hides what is sensitive", () => {
  const told = planMarkdown("staging", "network", { plan, contested: [], digest: "sha256:12345678901234567890" });
  expect(told.startsWith(planMark("staging", "network"))).toBe(true);
  expect(told).toContain("**0 to add, 0 to change, 1 to replace, 0 to destroy** at `abcdef1`, by tofu 1.11.0");
  expect(told).toContain("Taken away: `aws_x.a`");
  expect(told).toContain('    name: "a" → "b"  # forces replacement');
  expect(told).toContain("    key: (sensitive) → (sensitive)");
  expect(told).toContain('    id: "1" → (known after apply)');
});

test("a stack with nothing to do keeps its comment", () => {
  expect(planMarkdown("staging", "network", null)).toBe(
    `${planMark("staging", "network")}\n### Infrastructure: \`network\` in staging\n\nNothing to do.\n`,
  );
});

test("no comment is longer than a forge takes, and no value ends its block", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 400 }), fc.constantFrom("x", "```", "`".repeat(50)), (count, value) => {
      const [change] = plan.changes;
      const [field] = change?.fields ?? [];
      if (change === undefined || field === undefined) return;
      const changes = Array.from({ length: count }, (_none, at) => ({
        ...change,
        address: `aws_x.a[${at}]`,
        fields: Array.from({ length: 40 }, () => ({ ...field, before: value.repeat(20) })),
      }));
      const told = planMarkdown("s", "n", { plan: { ...plan, changes }, contested: [], digest: "sha256:1" });
      expect(told.length).toBeLessThan(65_536);
      expect(told.split("```").length % 2).toBe(1);
    }),
    { numRuns: 30 },
  );
});

import { readFileSync } from "node:fs";
import { countChanges } from "@fairway/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { contestedFields } from "./contested-fields.ts";
import { fieldChanges } from "./field-changes.ts";
import type { ChangeJson, ResourceChangeJson } from "./plan-json.ts";
import { parsePlanJson } from "./plan-json.ts";
import { readPlan } from "./read-plan.ts";

const written = readFileSync(new URL("../../fixtures/update-and-replace.json", import.meta.url), "utf8");

describe("a plan that Terraform wrote", () => {
  const { changes, outputs, whole } = readPlan(parsePlanJson(written));

  test("says what becomes of each resource, and why", () => {
    expect(changes.map(({ address, action, reason }) => [address, action, reason])).toEqual([
      ["terraform_data.a", "update", null],
      ["terraform_data.b[0]", "replace", "it cannot be changed in place"],
      ["terraform_data.b[1]", "replace", "it cannot be changed in place"],
      ["terraform_data.b[2]", "create", null],
    ]);
    expect(countChanges(changes)).toEqual({ create: 1, update: 1, replace: 2, destroy: 0 });
    expect([outputs, whole]).toEqual([["size"], true]);
  });

  test("says which values change, which are known only later, and what makes it anew", () => {
    expect(changes[0]?.fields).toEqual([
      { path: "input.size", before: "2", after: '"3"', sensitive: false, unknown: false, replaces: false },
      { path: "output", before: null, after: null, sensitive: true, unknown: true, replaces: false },
    ]);
    expect(changes[1]?.fields.find(({ replaces }) => replaces)?.path).toBe("triggers_replace[0]");
  });

  test("never tells what is sensitive", () => {
    expect(written).toContain("hunter2-very");
    expect(JSON.stringify(readPlan(parsePlanJson(written)))).not.toContain("hunter2");
  });
});

test("what is sensitive in one place is so in every other, where its mark was lost", () => {
  const plan = (after: unknown, marks: unknown): string =>
    JSON.stringify(
      readPlan({
        format_version: "1.2",
        variables: { key: { value: "from-a-variable" } },
        configuration: { root_module: { variables: { key: { sensitive: true } } } },
        resource_changes: [
          { address: "a.b", type: "a", change: { actions: ["create"], before: null, after, after_sensitive: marks } },
        ],
      }).changes,
    );
  const url = 'postgres://anna:pa"ss-word@host/db';
  expect(plan({ password: 'pa"ss-word', url }, { password: true })).not.toContain("ss-word");
  expect(plan({ user_data: "KEY=from-a-variable" }, {})).not.toContain("from-a-variable");
  expect(plan({ pin: "1", count: "12" }, { pin: true })).toContain('"\\"12\\""');
});

describe("what is no plan", () => {
  test.each([
    ["", "is no JSON"],
    ["{}", "cannot be understood"],
    ['{"format_version":"2.0"}', "cannot be understood"],
  ])("is refused: %s", (text, words) => {
    expect(() => parsePlanJson(text)).toThrow(words);
  });

  test("a plan that is not whole says so", () => {
    expect(readPlan({ format_version: "1.2", errored: true }).whole).toBe(false);
    expect(readPlan({ format_version: "1.2", complete: false }).whole).toBe(false);
  });
});

describe("the fields of a change", () => {
  /** A tree with a secret somewhere, and the same tree of marks that says where. */
  const tree: fc.Arbitrary<{ readonly value: unknown; readonly marks: unknown }> = fc.letrec<{
    node: { readonly value: unknown; readonly marks: unknown };
  }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 4 },
      fc.constant({ value: "SECRET", marks: true }),
      fc.constantFrom("a", 1, null, true).map((value) => ({ value: value as unknown, marks: false as unknown })),
      fc.array(tie("node"), { maxLength: 3 }).map((nodes) => ({
        value: nodes.map(({ value }) => value),
        marks: nodes.map(({ marks }) => marks),
      })),
      fc.dictionary(fc.constantFrom("x", "y", "z"), tie("node")).map((nodes) => ({
        value: Object.fromEntries(Object.entries(nodes).map(([key, { value }]) => [key, value])),
        marks: Object.fromEntries(Object.entries(nodes).map(([key, { marks }]) => [key, marks])),
      })),
    ),
  })).node;

  test("never hold what is marked as sensitive, wherever it stands", () => {
    fc.assert(
      fc.property(tree, tree, (before, after) => {
        const change: ChangeJson = {
          actions: ["update"],
          before: before.value,
          after: after.value,
          before_sensitive: before.marks,
          after_sensitive: after.marks,
        };
        expect(JSON.stringify(fieldChanges(change, () => false))).not.toContain("SECRET");
      }),
    );
  });

  test("are none where nothing changes", () => {
    fc.assert(
      fc.property(
        tree,
        ({ value }) => fieldChanges({ actions: ["no-op"], before: value, after: value }, () => false).length === 0,
      ),
    );
  });
});

const ecs = (fields: Readonly<Record<string, readonly [unknown, unknown]>>): ResourceChangeJson => ({
  address: "aws_ecs_service.api",
  type: "aws_ecs_service",
  change: {
    actions: ["update"],
    before: Object.fromEntries(Object.entries(fields).map(([key, [before]]) => [key, before])),
    after: Object.fromEntries(Object.entries(fields).map(([key, [, after]]) => [key, after])),
  },
});

test("a plan that undoes deployments is told, with the line that ends it", () => {
  const plan = {
    format_version: "1.2",
    resource_changes: [ecs({ task_definition: ["api:7", "api:3"], tags: [{}, { a: "b" }] })],
  };
  expect(contestedFields(readPlan(plan).changes)).toEqual([
    {
      address: "aws_ecs_service.api",
      field: "task_definition",
      by: "each deployment",
      patch: "lifecycle {\n  ignore_changes = [task_definition]\n}",
    },
  ]);
});

test("actions that this version does not know are told as the worst that they may be", () => {
  const action = (actions: readonly string[]): unknown =>
    readPlan({ format_version: "1.9", resource_changes: [{ address: "a.b", type: "a", change: { actions } }] })
      .changes[0]?.action;
  expect(action(["delete", "forget"])).toBe("destroy");
  expect(action(["polish"])).toBe("update");
  expect(action(["no-op"])).toBeUndefined();
});

import { describe, expect, test } from "vitest";
import { aPlan } from "../testing/shapes.ts";
import { planLines } from "./plan-lines.ts";

type Migration = NonNullable<Parameters<typeof planLines>[0]["migrations"]>[number];

const migration = (id: string, of: Migration["class"], over: Partial<Migration> = {}): Migration => ({
  service: "web",
  id,
  title: id,
  file: `db/${id}.sql`,
  checksum: `sha256:${"0".repeat(64)}`,
  class: of,
  direction: "forward",
  phase: of === "expand" ? "before-rollout" : "after-rollout",
  locks: [],
  reasons: [],
  ...over,
});

const textOf = (migrations: readonly Migration[], from: string | null = "r6"): string =>
  planLines(aPlan({ from, migrations: [...migrations] }), 80).join("\n");

describe("what a plan does to databases", () => {
  test("says before it happens that what runs now may not be able to come back", () => {
    const gone = migration("0009_no_note", "irreversible");
    expect(textOf([migration("0008_remark", "expand"), gone])).toContain(
      "once 0009_no_note ran, r6 can come back only if it does not use what goes",
    );
    expect(textOf([migration("0009_given", "contract")]).replaceAll("\n", " ")).toContain(
      "r6 can come back only by a way back that was tried, or if it does not use what goes",
    );
  });

  test("says nothing of that where nothing ran, nothing goes, or a migration is taken back", () => {
    const gone = migration("0009_no_note", "irreversible");
    expect(textOf([gone], null)).not.toContain("can come back");
    expect(textOf([migration("0008_remark", "expand")])).not.toContain("can come back");
    expect(textOf([migration("0009_given", "contract", { direction: "back" })])).not.toContain("can come back");
  });
});

test("says which service goes below its replicas while it is replaced, and nothing of one that only starts", () => {
  const lines = planLines(aPlan(), 200).join("\n");
  expect(lines).toContain("→ api-gateway may go down to 2 of 3 while it is replaced");
  expect(lines).not.toContain("catalog may go down");
  const started = aPlan().rollouts.map((rollout) => ({ ...rollout, action: "start" as const, from: null }));
  expect(planLines(aPlan({ rollouts: started }), 200).join("\n")).not.toContain("may go down");
});

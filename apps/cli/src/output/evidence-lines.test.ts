import type { DeploymentDetail, EvidenceShape } from "@fairway/api";
import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import { actedOn, before, hostile, wide } from "../testing/shapes.ts";
import { deploymentLines, evidenceLines } from "./evidence-lines.ts";
import { textWidth } from "./text-width.ts";

const evidence = (over: Partial<EvidenceShape> = {}): EvidenceShape => ({
  service: "api",
  replica: "staging.api.r4.0",
  release: "r4",
  reason: "exited with code 1; its last lines:\nboom",
  exit: { code: 1, signal: null, outOfMemory: false },
  log: Array.from({ length: 50 }, (_, at) => `line ${at}`),
  logWithheld: null,
  health: [
    { at: before(2), status: null, body: "", took: 1, error: "does not listen on 127.0.0.1:20000" },
    { at: before(1), status: 503, body: "warming up", took: 12, error: null },
  ],
  keptAt: before(1),
  ...over,
});

const deployment = (over: Partial<DeploymentDetail> = {}): DeploymentDetail => ({
  run: "run-7",
  environment: "staging",
  release: "r4",
  from: "r3",
  reason: "deploy",
  only: null,
  state: "failed",
  outcome: "rolled-back",
  restored: true,
  supersededBy: null,
  why: "3 new replicas failed",
  beganAt: before(60),
  endedAt: before(1),
  attention: null,
  evidence: [evidence()],
  ...over,
});

const plain = (lines: readonly string[]): readonly string[] => lines.map((line) => stripVTControlCharacters(line));

test("a failed deployment is shown with how it ended, why, and all that its replicas left", () => {
  const shown = plain(deploymentLines(deployment(), 80));
  expect(shown.slice(0, 6)).toEqual([
    "run-7  staging  r3 → r4  deploy",
    expect.stringContaining("rolled-back; r3 is back"),
    "",
    "3 new replicas failed",
    "",
    "staging.api.r4.0  exited with code 1",
  ]);
  expect(shown).toContain(`  health ${before(1)} answered 503 after 12 ms: warming up`);
  expect(shown.filter((line) => line.startsWith("    line "))).toHaveLength(50);
});

test("the essential is the end of each log, the last health answer, and no more lines than asked for", () => {
  const shown = plain(evidenceLines([evidence(), evidence({ replica: "staging.api.r4.1" })], 80, 15));
  expect(shown).toHaveLength(15);
  expect(shown).toContain("    line 49");
  expect(shown).not.toContain("    line 0");
  expect(shown.some((line) => line.includes("does not listen"))).toBe(false);
});

test("nothing that a replica wrote acts on the terminal or is wider than it", () => {
  const bad = evidence({
    replica: wide,
    reason: hostile,
    log: [hostile, wide.repeat(5)],
    logWithheld: `${hostile} ${wide}`,
    health: [{ at: before(1), status: 500, body: hostile, took: 3, error: null }],
  });
  for (const width of [40, 80]) {
    const shown = plain(deploymentLines(deployment({ why: `${hostile}\n${wide}`, evidence: [bad] }), width));
    expect(shown.filter((line) => actedOn.test(line))).toEqual([]);
    expect(shown.filter((line) => textWidth(line) > width)).toEqual([]);
  }
});

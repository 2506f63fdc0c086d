import { onTestFinished, expect, test } from "vitest";
import { bytesOf } from "./bytes.ts";
import { explain, formatExplanation } from "./explain.ts";
import { loadProject } from "./load.ts";
import { formatProblem } from "./problems.ts";
import { testRepository } from "./test-repository.ts";

const load = (limits: string): ReturnType<typeof loadProject> =>
  loadProject(
    testRepository({ "fairway.yaml": `name: a\nservices:\n  api: { run: x, limits: ${limits} }\n` }, onTestFinished),
  );

async function complaints(limits: string): Promise<readonly string[]> {
  const loaded = await load(limits);
  return loaded.ok ? [] : loaded.problems.map(formatProblem);
}

test("a size is read in binary and in decimal units", () => {
  expect(["256MiB", "1.5 GiB", "512KiB", "500MB"].map(bytesOf)).toEqual([268_435_456, 1_610_612_736, 524_288, 5e8]);
  expect(["256", "256mib", "MiB", "-1MiB", "1e3MiB"].map(bytesOf)).toEqual(Array(5).fill(undefined));
});

test("limits become bytes and numbers, and what is not limited is not there", async () => {
  const loaded = await load("{ memory: 256MiB, cpus: 0.5 }");
  if (!loaded.ok) throw new Error("it has problems");
  expect(loaded.project.services[0]?.limits).toStrictEqual({ memory: 268_435_456, cpus: 0.5 });
  const none = await load("{}");
  expect(none.ok && "limits" in (none.project.services[0] ?? {})).toBe(false);
  const explanation = explain(loaded, "services.api.limits");
  expect(explanation.known && explanation.settings.map(formatExplanation)).toEqual([
    "services.api.limits.memory = 256 MiB   fairway.yaml:3:36",
    "services.api.limits.cpus = 0.5   fairway.yaml:3:50",
  ]);
});

test.each([
  ["{ memory: 256 }", 'memory must be a size such as "256MiB" or "1GiB", not 256'],
  ["{ memory: 256M }", 'memory must be a size such as "256MiB" or "1GiB"'],
  ["{ memory: 1MiB }", "memory must be at least 16MiB"],
  ["{ cpus: 0 }", "cpus must be a number of processors from 0.05 to 1024"],
  ["{ cpus: .nan }", "cpus must be a number of processors from 0.05 to 1024"],
  ["{ files: 3 }", "files must be a whole number from 32 to 1048576"],
  ["{ memroy: 256MiB }", "memroy"],
  ["256MiB", "limits must be an object { memory, cpus, files }"],
])("limits: %s is refused with what is right", async (limits, said) => {
  const found = await complaints(limits);
  expect(found).toHaveLength(1);
  expect(found[0]).toContain(said);
});

import { expect, onTestFinished, test } from "vitest";
import { loadProject } from "./load.ts";
import { formatProblem } from "./problems.ts";
import { testRepository } from "./test-repository.ts";

const load = (staging: string): ReturnType<typeof loadProject> =>
  loadProject(
    testRepository(
      { "fairway.yaml": `name: a\nservices:\n  api: { run: x }\nenvironments:\n  staging: ${staging}\n` },
      onTestFinished,
    ),
  );

test("what puts a release into quarantine is kept only where it is not as usual, so that releases keep their digest", async () => {
  for (const [written, kept] of [
    ["{}", []],
    ["{ quarantine: failures }", []],
    ["{ quarantine: rollbacks }", ["rollbacks"]],
  ] as const) {
    const loaded = await load(written);
    const found = loaded.ok ? loaded.project.environments : [];
    expect(found.flatMap((one) => ("quarantine" in one ? [one.quarantine] : []))).toEqual(kept);
    expect(loaded.ok).toBe(true);
  }
});

test("another word is refused with its place and those there are", async () => {
  const loaded = await load("{ quarantine: never }");
  expect(loaded.ok ? [] : loaded.problems.map(formatProblem)).toEqual([
    expect.stringMatching(/^fairway\.yaml:5:\d+ .*quarantine.* must be "failures" or "rollbacks"/),
  ]);
});

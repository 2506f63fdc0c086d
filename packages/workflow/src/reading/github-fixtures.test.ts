import { describe, expect, test } from "vitest";
import { type ReaderFixture, readerFixtures } from "../testing/github-fixtures.ts";
import { planWorkflow } from "../planning/plan-workflow.ts";
import { readWorkflow } from "./read-workflow.ts";

const fixtures = readerFixtures();

/** Where we differ from GitHub, and why. */
const deviations: Readonly<Record<string, string>> = {
  "background-steps.yml": "behind a flag of GitHub's; refused with its place until it is out",
  "errors-anchor-tag.yml": "of a time before GitHub took anchors",
  "events-mapping-all.yml": "has `branches` and `branches-ignore` together, which GitHub refuses elsewhere",
  "on-workflow_dispatch-unknown-keys-ignored.yml": "GitHub drops an unknown key in silence",
  "yaml-schema-sequence.yml": "a comment without a blank before it, which YAML 1.2 forbids",
  "yaml-schema-str-flow-styles.yml": "a quoted text that is not indented, which YAML 1.2 forbids",
  "errors-max-depth.yml": "a bound of 5 levels set for the test; ours is 64",
  "errors-matrix-max-depth.yml": "a bound set for the test; ours is 64",
  "errors-max-file-size.yml": "a bound of 124 characters set for the test; ours is 512 KiB",
  "errors-max-result-size.yml": "a bound set for the test",
  "errors-reusable-workflow-max-result-size.yml": "a bound set for the test",
  "errors-max-job-limit-with-reusable-workflow.yml": "a bound of 8 jobs set for the test",
};

/** What we say to a fixture: nothing when it may run. */
async function problemsOf({ text, file, called, options }: ReaderFixture): Promise<readonly string[]> {
  const words = ({
    message,
    file: where,
    place,
  }: {
    message: string;
    file: string;
    place: { line: number; column: number };
  }) => `${where} (Line: ${place.line}, Col: ${place.column}): ${message}`;
  const reading = readWorkflow(text, file);
  if ("problems" in reading) return reading.problems.map(words);
  if (called.size === 0) return [];
  const planned = await planWorkflow(reading.workflow, {
    files: (reference) => Promise.resolve(called.get(reference)),
    defaultPermissions: options.includes("permissions-policy: LimitedRead") ? "limited-read" : "write",
    mostNested: Number(/max-nested-reusable-workflows-depth: (\d+)/u.exec(options)?.[1] ?? 10),
  });
  return "problems" in planned ? planned.problems.map(words) : [];
}

describe("GitHub's own workflow fixtures", () => {
  const followed = fixtures
    .filter(({ name }) => !(name in deviations))
    .map((fixture) => [fixture.name, fixture] as const);
  test.each(followed)("%s", async (_, fixture) => {
    const problems = await problemsOf(fixture);
    expect({ refused: problems.length > 0, problems }).toMatchObject({ refused: fixture.errors !== undefined });
  });

  const others = fixtures.filter(({ name }) => name in deviations).map((fixture) => [fixture.name, fixture] as const);
  test.each(others)("%s differs, for the reason that is listed", async (_, fixture) => {
    const problems = await problemsOf(fixture);
    expect(problems.length > 0).toBe(fixture.errors === undefined);
  });

  test("are refused in GitHub's own words and at its places, but for a few", async () => {
    const errors = fixtures.filter(({ name, errors: said }) => said !== undefined && !(name in deviations));
    const different: string[] = [];
    for (const fixture of errors) {
      const problems = await problemsOf(fixture);
      const missing = (fixture.errors ?? []).filter((said) => !problems.some((ours) => saysTheSame(said, ours)));
      if (missing.length > 0) different.push(fixture.name);
    }
    expect(different).toEqual(otherWords);
  });
});

/** GitHub cuts its messages, and says where in an expression something is wrong, which its parser for TypeScript does not. */
function saysTheSame(said: string, ours: string): boolean {
  return ours.startsWith(said.replace(/(?:\[\.\.\.\]|\. Located at .*)$/su, ""));
}

/** Refused as well, in other words: those of the YAML parser, and those of the newer of GitHub's parsers. */
const otherWords = [
  "errors-empty-expression.yml",
  "errors-invalid-mapping-key.yml",
  "errors-job-runs-on-group-invalid-prefix.yml",
  "errors-parse-boolean.yml",
  "errors-parse-float.yml",
  "errors-parse-integer.yml",
  "errors-reusable-workflow-job-nested-depth-exceeded.yml",
  "errors-step-run-exceeds-length.yml",
  "errors-unclosed-tokens.yml",
  "errors-yaml-invalid-style.yml",
  "errors-yaml-tags-explicit-unsupported.yml",
];

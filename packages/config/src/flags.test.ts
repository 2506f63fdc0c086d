import { expect, onTestFinished, test } from "vitest";
import { loadProject } from "./load.ts";
import { formatProblem } from "./problems.ts";
import { testRepository } from "./test-repository.ts";

const load = (flags: string): ReturnType<typeof loadProject> =>
  loadProject(
    testRepository(
      { "fairway.yaml": `name: a\n${flags}\nservices:\n  web: { run: node x.mjs }\nenvironments:\n  live: {}\n` },
      onTestFinished,
    ),
  );
const problemsOf = async (flags: string): Promise<readonly string[]> => {
  const loaded = await load(flags);
  return loaded.ok ? [] : loaded.problems.map(formatProblem);
};

test("a source of flags is taken as it is written; LaunchDarkly's answers where it always does", async () => {
  const unleash = await load("flags: { source: unleash, url: https://u.example/x, key: { secret: TOKEN } }");
  expect(unleash.ok && unleash.project.flags).toEqual({
    source: "unleash",
    url: "https://u.example/x",
    key: { secret: "TOKEN" },
  });
  const launchDarkly = await load("flags: { source: launchdarkly, key: { secret: TOKEN } }");
  expect(launchDarkly.ok && launchDarkly.project.flags?.url).toBe("https://sdk.launchdarkly.com");
  const none = await load("");
  expect(none.ok && "flags" in none.project).toBe(false);
});

test.each([
  ["source: unleash, key: { secret: T }", "nobody knows where this Unleash answers"],
  ["source: unleash, url: http://u.example, key: { secret: T }", "anybody on the way reads the key"],
  ["source: unleash, url: https://u.example/, key: { secret: T }", "must be a base URL without a slash at its end"],
  ["source: flipt, url: https://u.example, key: { secret: T }", 'must be "unleash" or "launchdarkly"'],
  ["source: unleash, url: https://u.example, key: abc", "must be { secret: NAME }"],
])("flags: { %s } is refused, and why", async (written, why) => {
  const problems = await problemsOf(`flags: { ${written} }`);
  expect(problems.join("\n")).toContain(why);
  expect(problems.join("\n")).toContain("fairway.yaml:2:");
});

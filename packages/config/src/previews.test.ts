import { describe, expect, onTestFinished, test } from "vitest";
import { loadProject } from "./load.ts";
import { formatProblem } from "./problems.ts";
import { testRepository } from "./test-repository.ts";

const load = (previews: string, environments = "{ staging: {}, production: {} }"): ReturnType<typeof loadProject> =>
  loadProject(
    testRepository(
      {
        "fairway.yaml": `name: a\nservices:\n  catalog: { run: node catalog.mjs, database: true }\n  web: { run: node web.mjs, dependsOn: [catalog] }\nenvironments: ${environments}\npreviews: ${previews}\n`,
      },
      onTestFinished,
    ),
  );
const problemsOf = async (written: string, environments?: string): Promise<string> => {
  const loaded = await load(written, environments);
  return loaded.ok ? "" : loaded.problems.map(formatProblem).join("\n");
};

describe("previews", () => {
  test("begin from the first environment, sleep after half an hour and are gone after three days", async () => {
    const loaded = await load("{}");
    expect(loaded.ok && loaded.project.previews).toEqual({
      inherits: "staging",
      domain: "fairway.localhost",
      front: null,
      replicas: 1,
      variables: {},
      flags: null,
      database: { per: "database", copyOf: {}, seed: {} },
      pullRequests: true,
      forks: "approve",
      most: 10,
      sleepAfter: 30 * 60_000,
      endAfter: 72 * 3_600_000,
    });
  });

  test("are as they are written", async () => {
    const loaded = await load(
      "{ domain: preview.example.com, front: web, sleepAfter: false, database: { seed: { catalog: node seed.mjs } } }",
    );
    expect(loaded.ok && loaded.project.previews).toMatchObject({
      domain: "preview.example.com",
      front: "web",
      sleepAfter: null,
      database: { seed: { catalog: { argv: ["node", "seed.mjs"] } } },
    });
  });

  test.each([
    ["{ inherits: stagging }", 'there is no environment "stagging"'],
    ["{ flags: nowhere }", 'there is no environment "nowhere"'],
    ["{ front: wbe }", 'there is no service "wbe"'],
    ["{ domain: Example.COM:80 }", "must be a domain in small letters"],
    ["{ forks: always }", 'must be "never" or "approve"'],
    ["{ most: 0 }", "must be a whole number from 1 to 500"],
    ["{ sleepAfter: 80h }", "would be taken away before it sleeps"],
    ["{ database: { seed: { web: node seed.mjs } } }", "web has no database of its own"],
    ["{ hosts: x }", 'unknown key "hosts"'],
  ])("%s is told", async (written, said) => {
    await expect(problemsOf(written)).resolves.toContain(said);
  });

  test("no environment is called like one", async () => {
    await expect(problemsOf("{}", "{ staging: {}, pr-12: {} }")).resolves.toContain(
      "the name of a pull request's preview",
    );
  });
});

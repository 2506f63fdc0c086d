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

describe("previews on ECS", () => {
  const listener = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener/app/previews/50dc6c49/f2f7dc8e";
  const onEcs =
    "{ staging: { ecs: { region: eu-central-1, cluster: shop, role: 'arn:aws:iam::123456789012:role/f', services: { web: {} } } }, production: {} }";
  const loadOn = (previews: string, environments = onEcs): ReturnType<typeof loadProject> =>
    loadProject(
      testRepository(
        {
          "fairway.yaml": `name: shop\nregistry: { server: registry.example.com/shop }\nservices:\n  web: { container: { image: "registry.example.com/web@sha256:${"a".repeat(64)}", port: 8080 } }\nenvironments: ${environments}\npreviews: ${previews}\n`,
        },
        onTestFinished,
      ),
    );
  const problemsOn = async (previews: string, environments?: string): Promise<string> => {
    const loaded = await loadOn(previews, environments);
    return loaded.ok ? "" : loaded.problems.map(formatProblem).join("\n");
  };

  test("are reached as the environment's services are, each behind a rule of the listener", async () => {
    const loaded = await loadOn(`{ ecs: { listener: "${listener}", wake: "10.0.3.7:7080" } }`);
    expect(loaded.ok ? loaded.project.previews?.ecs : loaded.problems.map(formatProblem)).toEqual({
      owner: "shop",
      region: "eu-central-1",
      account: null,
      profile: null,
      role: "arn:aws:iam::123456789012:role/f",
      cluster: "shop",
      poll: 15_000,
      listener,
      protocol: "https",
      wake: { host: "10.0.3.7", port: 7080 },
      taskRole: null,
    });
  });

  test.each([
    [`{ ecs: { listener: "${listener}" } }`, "nobody could wake a preview on ECS that sleeps"],
    [`{ ecs: { listener: "${listener}", wake: "fairway:7080" } }`, "must be an address of IPv4 and a port"],
    [`{ ecs: { listener: "arn:aws:s3:::x" }, sleepAfter: false }`, "must be the ARN of a listener"],
    [
      `{ ecs: { listener: "${listener.replace("eu-central-1", "us-east-1")}" }, sleepAfter: false }`,
      "the listener is not in eu-central-1",
    ],
    [
      `{ inherits: production, ecs: { listener: "${listener}" }, sleepAfter: false }`,
      "no service of production runs on ECS",
    ],
  ])("%s is refused", async (previews, message) => {
    expect(await problemsOn(previews)).toContain(message);
  });

  test("never sleep where nobody is named who wakes them", async () => {
    expect(await problemsOn(`{ ecs: { listener: "${listener}" }, sleepAfter: false }`)).toBe("");
  });
});

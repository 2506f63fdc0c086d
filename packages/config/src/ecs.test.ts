import { expect, onTestFinished, test } from "vitest";
import { loadProject } from "./load.ts";
import { formatProblem } from "./problems.ts";
import { testRepository } from "./test-repository.ts";

const registry = "registry: { server: registry.example.com/shop }";

const load = (
  ecs: string,
  { top = registry, service = "{ container: {} }" }: { readonly top?: string; readonly service?: string } = {},
): ReturnType<typeof loadProject> =>
  loadProject(
    testRepository(
      {
        "fairway.yaml": `name: a\n${top}\nservices:\n  web: ${service}\nenvironments:\n  staging:\n    ecs: ${ecs}\n  production: { inherits: staging }\n`,
        Dockerfile: "FROM scratch\n",
      },
      onTestFinished,
    ),
  );

const problemsOf = async (...asked: Parameters<typeof load>): Promise<string> => {
  const loaded = await load(...asked);
  return loaded.ok ? "" : loaded.problems.map(formatProblem).join("\n");
};

test("a service runs on ECS where its environment says so, and nowhere else", async () => {
  const loaded = await load(
    '{ region: eu-central-1, account: "123456789012", cluster: shop, role: "arn:aws:iam::123456789012:role/deploy", poll: 5s, services: { web: { service: shop-web, container: app, alarms: [shop-5xx] } } }',
  );
  if (!loaded.ok) throw new Error(loaded.problems.map(formatProblem).join("\n"));
  const [staging, production] = loaded.project.environments;
  expect(staging?.placements[0]?.ecs).toEqual({
    region: "eu-central-1",
    account: "123456789012",
    profile: null,
    role: "arn:aws:iam::123456789012:role/deploy",
    cluster: "shop",
    poll: 5000,
    service: "shop-web",
    family: null,
    container: "app",
    alarms: ["shop-5xx"],
    codeDeploy: null,
  });
  expect(production?.placements[0]).not.toHaveProperty("ecs");
});

const at = "region: eu-central-1, cluster: shop";

test("the deployment group of CodeDeploy is taken as it is written, with what is called", async () => {
  const loaded = await load(
    `{ ${at}, services: { web: { codeDeploy: { application: shop, group: shop-web, hooks: { AfterAllowTestTraffic: smoke } } } } }`,
    { service: '{ container: {}, strategy: { "blue-green": {} } }' },
  );
  if (!loaded.ok) throw new Error(loaded.problems.map(formatProblem).join("\n"));
  expect(loaded.project.environments[0]?.placements[0]?.ecs?.codeDeploy).toEqual({
    application: "shop",
    group: "shop-web",
    configuration: null,
    hooks: { AfterAllowTestTraffic: "smoke" },
  });
});

test.each([
  ["{ region: Frankfurt, cluster: shop, services: {} }", /region must be a region such as/],
  ["{ region: eu-central-1, services: {} }", /cluster/],
  [`{ ${at}, account: 123, services: {} }`, /account must be an account of twelve digits/],
  [`{ ${at}, role: deploy, services: {} }`, /role must be the ARN of a role/],
  [`{ ${at}, poll: 10ms, services: {} }`, /poll/],
  [`{ ${at}, services: { wbe: {} } }`, /there is no service "wbe"/],
  [`{ ${at}, services: { web: { codeDeploy: { group: a } } } }`, /codeDeploy/],
  [
    `{ ${at}, services: { web: { codeDeploy: { application: a, group: b, hooks: { Later: f } } } } }`,
    /Later|BeforeInstall/,
  ],
  [
    `{ ${at}, services: { web: { codeDeploy: { application: a, group: b } } } }`,
    /CodeDeploy shifts the traffic of web/,
  ],
])("%s is refused with its place", async (ecs, problem) => {
  const problems = await problemsOf(ecs);
  expect(problems).toMatch(problem);
  expect(problems).toMatch(/fairway\.yaml:7:/);
});

const web = `{ ${at}, services: { web: {} } }`;

test.each([
  [{ service: "{ run: serve }" }, /web has no image, and ECS runs nothing else/],
  [{ top: "" }, /the image of web would stay on the machine that built it/],
  [{ service: "{ container: {}, strategy: recreate }" }, /ECS cannot stop all of web/],
  [
    { service: "{ container: {}, strategy: { blue-green: { breakerThreshold: 3 } } }" },
    /the circuit breaker of ECS works for rolling deployments only/,
  ],
  [{ service: "{ container: {}, strategy: canary }" }, /a canary of ECS has one step, and that of web has 2/],
  [{ service: "{ container: {}, strategy: { linear: { step: 1 } } }" }, /steps of at least 3 %/],
  [{ service: "{ container: {}, strategy: { blue-green: { keepWarm: 1m } } }" }, /of Fairway's own router/],
])("%s is refused on ECS", async (about, problem) => {
  expect(await problemsOf(web, about)).toMatch(problem);
});

import { expect, onTestFinished, test } from "vitest";
import { loadProject } from "./load.ts";
import { formatProblem } from "./problems.ts";
import { testRepository } from "./test-repository.ts";

const ecr = "registry: { server: 123456789012.dkr.ecr.eu-central-1.amazonaws.com/shop }";
const listener = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener/app/shop/50dc6c/f2f7dc";
const balancer = `{ listener: "${listener}", vpc: vpc-0a1b2c3d, address: 10.0.1.12, tables: { bucket: shop-fairway } }`;

const load = (environment: string, top = "", service = "{ run: serve }"): ReturnType<typeof loadProject> =>
  loadProject(
    testRepository(
      {
        "fairway.yaml": `name: a\n${top}\nservices:\n  web: ${service}\n  api: { run: serve }\nenvironments:\n  staging: ${environment}\n  production: { inherits: staging }\n`,
        Dockerfile: "FROM scratch\n",
      },
      onTestFinished,
    ),
  );

const problemsOf = async (...asked: Parameters<typeof load>): Promise<string> => {
  const loaded = await load(...asked);
  return loaded.ok ? "" : loaded.problems.map(formatProblem).join("\n");
};

test("a load balancer carries the services that it names, and no other environment's", async () => {
  const loaded = await load(
    `{ aws: { region: eu-central-1, account: "123456789012", dashboards: true, balancer: ${balancer.replace(" }", " }, services: [web]")} } }`,
  );
  if (!loaded.ok) throw new Error(loaded.problems.map(formatProblem).join("\n"));
  const [staging, production] = loaded.project.environments;
  const access = { region: "eu-central-1", account: "123456789012", profile: null, role: null };
  expect(staging?.aws).toEqual({ access, dashboards: true, archive: null });
  expect(staging?.placements.map(({ service, balancer: carried }) => [service, carried])).toEqual([
    [
      "web",
      {
        access,
        listener,
        vpc: "vpc-0a1b2c3d",
        address: "10.0.1.12",
        tables: { bucket: "shop-fairway", prefix: "fairway/" },
      },
    ],
    ["api", undefined],
  ]);
  expect(production).not.toHaveProperty("aws");
  expect(production?.placements[0]).not.toHaveProperty("balancer");
});

test("checks that AWS answers are asked as the environment says, or as its ECS does", async () => {
  const loaded = await load(
    `{ aws: { region: eu-west-1, balancer: ${balancer.replace("eu-central-1", "eu-west-1")} }, verify: { quiet: { alarms: [5xx], timeout: 1m }, buys: { canary: shop }, sound: { scan: high }, behind: { targets: healthy } } }`,
    ecr,
  );
  if (!loaded.ok) throw new Error(loaded.problems.map(formatProblem).join("\n"));
  const access = { region: "eu-west-1", account: null, profile: null, role: null };
  const [staging] = loaded.project.environments;
  expect(staging?.verify.map(({ kind, platform, argv, timeout }) => ({ kind, platform, argv, timeout }))).toEqual([
    {
      kind: "alarms",
      platform: { asks: "alarms", access, alarms: ["5xx"] },
      argv: ["fairway-check", "alarms", "5xx"],
      timeout: 60_000,
    },
    {
      kind: "canary",
      platform: { asks: "canary", access, canary: "shop" },
      argv: ["fairway-check", "canary", "shop"],
      timeout: 600_000,
    },
    {
      kind: "scan",
      platform: { asks: "scan", failsAt: "HIGH" },
      argv: ["fairway-check", "scan", "high"],
      timeout: 600_000,
    },
    {
      kind: "targets",
      platform: { asks: "targets", balancers: [expect.objectContaining({ address: "10.0.1.12" })] },
      argv: ["fairway-check", "targets", "healthy"],
      timeout: 600_000,
    },
  ]);
});

test("an archive is held for as long as it says", async () => {
  const loaded = await load(
    `{ aws: { region: eu-central-1, archive: { bucket: evidence, prefix: shop/, hold: { mode: compliance, days: 30 } } } }`,
  );
  if (!loaded.ok) throw new Error(loaded.problems.map(formatProblem).join("\n"));
  expect(loaded.project.environments[0]?.aws?.archive).toEqual({
    bucket: "evidence",
    prefix: "shop/",
    hold: { mode: "compliance", days: 30 },
  });
});

test("queries and alarms of an analysis are asked of CloudWatch where it is named", async () => {
  const loaded = await load(
    "{}",
    "",
    '{ run: serve, strategy: { canary: { steps: [{ weight: 10, pause: 1m }], analysis: { cloudwatch: { region: eu-central-1, window: 2m }, alarms: [5xx], queries: { depth: { query: "Maximum Shop Depth", max: 5 } } } } } }',
  );
  if (!loaded.ok) throw new Error(loaded.problems.map(formatProblem).join("\n"));
  const strategy = loaded.project.environments[0]?.placements[0]?.strategy;
  expect(strategy !== undefined && "analysis" in strategy ? strategy.analysis : undefined).toMatchObject({
    cloudwatch: { access: { region: "eu-central-1", account: null, profile: null, role: null }, window: 120_000 },
    rules: [
      { metric: "query", name: "depth", candidate: "Maximum Shop Depth", stable: null, max: 5, difference: null },
      { metric: "query", name: "alarm 5xx", candidate: "alarm 5xx", stable: null, max: 0, difference: null },
    ],
  });
});

const withBalancer = (about: string): string => `{ aws: { region: eu-central-1, balancer: ${balancer} }, ${about} }`;

test.each([
  ["{ aws: {} }", "", /region/],
  [
    "{ aws: { region: eu-west-1, balancer: " + balancer + " } }",
    "",
    /the listener is in eu-central-1, not in eu-west-1/,
  ],
  [
    '{ aws: { region: eu-central-1, account: "000000000000", balancer: ' + balancer + " } }",
    "",
    /the listener is of account 123456789012, not of 000000000000/,
  ],
  [
    `{ aws: { region: eu-central-1, balancer: ${balancer.replace(" }", " }, services: [wbe]")} } }`,
    "",
    /there is no service "wbe"/,
  ],
  [
    withBalancer("services: { web: { requests: { bodyBytes: 10MiB } } }"),
    "",
    /the requests of web are limited, and a load balancer of AWS limits none/,
  ],
  ["{ verify: { quiet: { alarms: [a] } } }", "", /nobody knows which account of AWS is to be asked/],
  ["{ verify: { sound: { scan: high } } }", "", /only ECR scans images by itself/],
  ["{ verify: { behind: { targets: healthy } } }", ecr, /the environment has no load balancer/],
  ["{ verify: { quiet: { alarms: [a], env: { A: b } } } }", "", /env|alarms/],
])("%s is refused with its place", async (environment, top, problem) => {
  const problems = await problemsOf(environment, top);
  expect(problems).toMatch(problem);
  expect(problems).toMatch(/fairway\.yaml:\d+:/);
});

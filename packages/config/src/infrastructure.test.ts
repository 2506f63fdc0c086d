import { describe, expect, onTestFinished, test } from "vitest";
import { loadProject } from "./load.ts";
import { formatProblem } from "./problems.ts";
import { testRepository } from "./test-repository.ts";

const load = (infrastructure: string): ReturnType<typeof loadProject> =>
  loadProject(
    testRepository(
      {
        "fairway.yaml": `name: a\n${infrastructure}\nservices:\n  api: { run: "node a.mjs" }\nenvironments:\n  staging: {}\n  production: {}\n`,
        "a.mjs": "",
        "infra/network/main.tf": "",
        "infra/data/main.tf": "",
        "infra/data/live.tfvars": "",
      },
      onTestFinished,
    ),
  );

const problemsOf = async (infrastructure: string): Promise<string> => {
  const loaded = await load(infrastructure);
  return loaded.ok ? "" : loaded.problems.map(formatProblem).join("\n");
};

describe("infrastructure", () => {
  test("is not there where none is written", async () => {
    const loaded = await load("");
    expect(loaded.ok && "infrastructure" in loaded.project).toBe(false);
  });

  test("is resolved in the order of its stacks, with what differs in each environment laid over the rest", async () => {
    const loaded = await load(`infrastructure:
  data:
    folder: infra/data
    program: tofu
    after: [network]
    variables: { size: "1", password: { secret: DB } }
    environments:
      production: { workspace: live, variables: { size: "3" }, varFiles: [live.tfvars], backend: { key: live } }
    outputs: { QUEUE_URL: queue_url, DB_HOST: { output: host, services: [api] } }
    lockTimeout: 5s
    preventDestroy: ["aws_db_instance.*"]
    ignore: [{ resource: "aws_x.*", field: tags, reason: autoscaling, until: 2027-01-31 }]
    drift: ["0 6 * * *", "30 18 * * 1-5"]
    owner: platform
  network: { folder: infra/network }`);
    if (!loaded.ok) throw new Error(loaded.problems.map(formatProblem).join("\n"));
    const [network, data] = loaded.project.infrastructure ?? [];
    expect(network).toMatchObject({ name: "network", program: "terraform", preventDestroy: true, drift: [] });
    expect(Object.keys(network?.environments ?? {})).toEqual(["staging", "production"]);
    expect(data).toEqual({
      name: "data",
      folder: "infra/data",
      program: "tofu",
      after: ["network"],
      environments: {
        production: {
          workspace: "live",
          variables: { size: "3", password: { secret: "DB" } },
          varFiles: ["live.tfvars"],
          env: {},
          backend: { key: "live" },
        },
      },
      outputs: [
        { variable: "QUEUE_URL", output: "queue_url", services: null },
        { variable: "DB_HOST", output: "host", services: ["api"] },
      ],
      lockTimeout: 5000,
      timeout: 3_600_000,
      preventDestroy: ["aws_db_instance.*"],
      ignore: [{ resource: "aws_x.*", field: "tags", reason: "autoscaling", until: "2027-01-31T00:00:00.000Z" }],
      drift: ["0 6 * * *", "30 18 * * 1-5"],
      owner: "platform",
    });
  });

  test("may be the commands of another program, with what their exit codes say", async () => {
    const loaded = await load(
      'infrastructure: { cloud: { folder: infra, program: { plan: "pulumi preview --expect-no-changes", apply: "pulumi up --yes", exitCodes: { changes: [1] } } } }',
    );
    expect(loaded.ok && loaded.project.infrastructure?.[0]?.program).toEqual({
      plan: ["pulumi", "preview", "--expect-no-changes"],
      apply: ["pulumi", "up", "--yes"],
      show: null,
      destroy: null,
      exitCodes: { nothing: [0], changes: [1] },
    });
  });

  test.each([
    ["{ net: {} }", /net needs "folder"/],
    ["{ net: { folder: gone } }", /folder leads to no folder: "gone"/],
    ["{ net: { folder: ../x } }", /leaves the repository/],
    ["{ net: { folder: infra, varFiles: [a.tfvars] } }", /there is no file "infra\/a\.tfvars"/],
    ["{ net: { folder: infra, after: [network] } }", /there is no stack "network"/],
    ["{ a: { folder: infra, after: [b] }, b: { folder: infra, after: [a] } }", /in a circle: a → b → a/],
    ["{ net: { folder: infra, environments: { stage: {} } } }", /there is no environment "stage"\n.*staging/],
    ["{ net: { folder: infra, drift: hourly } }", /must be a schedule of five fields/],
    ['{ net: { folder: infra, drift: "61 * * * *" } }', /must be a schedule of five fields/],
    ["{ net: { folder: infra, outputs: { PORT: port } } }", /PORT cannot be set/],
    ["{ net: { folder: infra, outputs: { A: { output: a, services: [web] } } } }", /there is no service "web"/],
    ["{ net: { folder: infra, ignore: [{ resource: a, reason: b, until: soon }] } }", /must be a date/],
    ["{ net: { folder: infra, ignore: [{ resource: a, reason: b }] } }", /until/],
    ["{ net: { folder: infra, program: { plan: a, apply: b }, workspace: x } }", /workspace is only for Terraform/],
    [
      "{ net: { folder: infra, program: { plan: a, apply: b, exitCodes: { changes: [0] } } } }",
      /exit code 0 says both/,
    ],
    ["{ net: { folder: infra, program: ansible } }", /must be "terraform", "tofu" or/],
  ])("%s is refused with its place", async (written, problem) => {
    const problems = await problemsOf(`infrastructure: ${written}`);
    expect(problems).toMatch(problem);
    expect(problems).toMatch(/fairway\.yaml:2:/);
  });
});

import type { Run } from "@fairway/api";
import type { ServiceConfig } from "@fairway/config";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { digestForTests } from "../../plugins/aws/fixtures/digest.ts";
import type { AwsDouble } from "../../plugins/aws/fixtures/double.ts";
import { awsDouble, region } from "../../plugins/aws/fixtures/double.ts";
import { needs } from "../../tools/skips.ts";
import type { Fairway } from "./support/fairway-under-test.ts";
import { openFairway } from "./support/fairway-under-test.ts";
import type { Files } from "./support/git-project.ts";
import { configFile } from "./support/git-project.ts";
import { until } from "./support/leak-guard.ts";
import { assertEnded } from "./support/watch-run.ts";

// Three daemons and an AWS share two cores with other suites.
const patience = 120_000;

const services = ["frontend", "api", "realtime", "inference"] as const;
type Name = (typeof services)[number];

// The shape of a marketplace, whose images are there already: nothing is built here, and no container runs.
const files = (images: Partial<Record<Name, string>> = {}): Files => ({
  ...Object.fromEntries(services.map((name) => [`${name}/README.md`, name])),
  ...configFile({
    name: "marketplace",
    services: Object.fromEntries(
      services.map((name): [string, ServiceConfig] => {
        const image = images[name] ?? `good-${name}`;
        return [
          name,
          {
            path: name,
            container: { image: `registry.example.com/marketplace/${image.split(" ")[0]}@${digestForTests(image)}` },
            replicas: 2,
            ...(name === "inference" ? { strategy: { "blue-green": { bake: "0s" } } } : {}),
          },
        ];
      }),
    ),
    environments: {
      production: {
        deploys: "automatically",
        ecs: {
          region,
          account: "123456789012",
          cluster: "shop",
          poll: "250ms",
          services: Object.fromEntries(services.map((name) => [name, { service: `market-${name}` }])),
        },
      },
    },
  }),
});

describe.skipIf(!needs("moto"))("services that run on ECS", () => {
  let aws: AwsDouble;
  let fairway: Fairway;

  beforeAll(async () => {
    aws = await awsDouble();
    for (const name of services)
      await aws.service(`market-${name}`, 2, name === "inference" ? { loadBalancers: [shiftable] } : {});
    fairway = await openFairway(files());
  });
  afterAll(async () => {
    await fairway?.end();
    await aws?.close();
  });

  /** Time passes at AWS whenever somebody looks, until what was asked for has ended. */
  async function ended(deployment: { readonly id: string }): Promise<Run> {
    await aws.knob("tick-when-asked", { on: true });
    const run = await fairway.settled(deployment);
    await aws.knob("tick-when-asked", { on: false });
    return run;
  }

  const release = async (images?: Partial<Record<Name, string>>): Promise<{ readonly id: string }> => {
    const ref = images === undefined ? undefined : await fairway.project.commit("Change an image", files(images));
    const run = await fairway.client.call("makeRelease", { ref: ref ?? "HEAD", by: "ada" });
    return { id: (await fairway.settled(run)).next[0] ?? "" };
  };
  const images = async (): Promise<Readonly<Record<string, string>>> => {
    const census = await aws.census();
    const found = await Promise.all(
      services.map(async (name) => {
        const { taskDefinition } = await aws.ecs.describeTaskDefinition({
          taskDefinition: census[`market-${name}`]?.taskDefinition,
        });
        return [name, taskDefinition?.containerDefinitions?.[0]?.image ?? ""] as const;
      }),
    );
    return Object.fromEntries(found);
  };
  const updates = async (): Promise<readonly string[]> =>
    (await aws.effects()).filter(({ why }) => why === "updated").map(({ service }) => service);

  test("four services move, three in steps and one with all its traffic at once", async () => {
    const run = await ended(await release());
    assertEnded(run, "succeeded");
    expect(await images()).toMatchObject({
      frontend: `registry.example.com/marketplace/good-frontend@${digestForTests("good-frontend")}`,
      inference: `registry.example.com/marketplace/good-inference@${digestForTests("good-inference")}`,
    });
    expect((await updates()).toSorted()).toEqual(services.map((name) => `market-${name}`).toSorted());
  });

  test("what the circuit breaker took back is told so, and everything is back", async () => {
    const before = await images();
    const run = await ended(await release({ api: "broken", frontend: "good-frontend 2" }));
    assertEnded(run, "failed");
    expect(run.jobs.find(({ name }) => name === "rollout:api")?.reason).toMatch(
      /circuit breaker[\s\S]*EssentialContainerExited[\s\S]*exited with 42/u,
    );
    expect(await images()).toEqual(before);
    const [deployment] = await fairway.client.call("deployments", { environment: "production" });
    expect(deployment?.outcome).toBe("rolled-back");
  });

  test("a daemon that is killed in the middle finds its deployment, and begins no other", async () => {
    const before = (await updates()).length;
    const deployment = await release({ realtime: "good-realtime 3" });
    await until(async () => (await updates()).length > before, "ECS was asked for the new one", patience);
    await fairway.kill("SIGKILL");
    await aws.tick();
    await fairway.start();
    assertEnded(await ended(deployment), "succeeded");
    const since = (await updates()).slice(before);
    expect(since.filter((service) => service === "market-realtime")).toHaveLength(1);
  });

  test("what somebody else deployed meanwhile is not green, and stays", async () => {
    const before = (await updates()).length;
    const deployment = await release({ realtime: "good-realtime 4" });
    await until(
      async () => (await updates()).slice(before).includes("market-realtime"),
      "ECS was asked for the new one",
    );
    const { taskDefinition: hotfix } = await aws.ecs.registerTaskDefinition({
      family: "hotfix",
      containerDefinitions: [{ name: "web", image: "registry.example.com/hotfix", memory: 64 }],
    });
    await aws.ecs.updateService({
      cluster: "shop",
      service: "market-realtime",
      taskDefinition: hotfix?.taskDefinitionArn,
    });
    const run = await ended(deployment);
    assertEnded(run, "failed");
    expect(run.jobs.find(({ name }) => name === "rollout:realtime")?.reason).toMatch(/^superseded: /u);
    expect(await images()).toMatchObject({ realtime: "registry.example.com/hotfix" });
  });
});

/** Two target groups and the rules between them, as the team's infrastructure made them. */
const shiftable = {
  targetGroupArn: "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/blue/1",
  containerName: "web",
  containerPort: 8080,
  advancedConfiguration: {
    alternateTargetGroupArn: "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/green/1",
    productionListenerRule: "arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener-rule/app/shop/1/1/1",
    roleArn: "arn:aws:iam::123456789012:role/ecs",
  },
};

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
        aws: { region, account: "123456789012", dashboards: true },
        verify: { quiet: { alarms: ["market-5xx"] } },
        ecs: {
          region,
          account: "123456789012",
          cluster: "shop",
          poll: "250ms",
          services: Object.fromEntries(services.map((name) => [name, { service: `market-${name}` }])),
        },
      },
      // Of its services one is CodeDeploy's, of which nobody told Fairway, and the others are not made yet.
      abroad: {
        approvals: 1,
        ecs: {
          region,
          account: "123456789012",
          cluster: "shop",
          services: Object.fromEntries(services.map((name) => [name, { service: `abroad-${name}` }])),
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
    await aws.alarm("market-5xx", "OK");
    fairway = await openFairway(files());
  });
  afterAll(async () => {
    await fairway?.end();
    await aws?.close();
  });

  /** Time passes at AWS whenever somebody looks, until what was asked for has ended. */
  async function ended(deployment: { readonly id: string }): Promise<Run> {
    // So many moments that a shift with all its stages is over in a few looks.
    await aws.knob("tick-when-asked", { on: true, moments: 4 });
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

  /** How often each service was asked for something new since then. */
  const askedSince = async (since: number): Promise<Readonly<Record<string, number>>> => {
    const counts: Record<string, number> = {};
    for (const service of (await updates()).slice(since)) counts[service] = (counts[service] ?? 0) + 1;
    return counts;
  };

  /** The daemon dies once ECS has been asked, a moment passes, and another one goes on with what it finds there. */
  async function killedInTheMiddle(since: number, name?: Name): Promise<void> {
    const asked = async (): Promise<boolean> =>
      (await updates()).slice(since).some((service) => name === undefined || service === `market-${name}`);
    await until(asked, "ECS was asked for the new one", patience);
    await fairway.kill("SIGKILL");
    await aws.tick();
    await fairway.start();
  }

  test("four services move, three in steps and one with all its traffic at once, whoever dies meanwhile", async () => {
    const asked = await aws.callsBeyondPolls();
    const deployment = await release();
    await killedInTheMiddle(0);
    const run = await ended(deployment);
    // However often it looks how they stand.
    expect((await aws.callsBeyondPolls()) - asked).toBeLessThanOrEqual(60);
    assertEnded(run, "succeeded");
    expect(run.outcome?.outcome).toBe("deployed");
    const [quiet] = await fairway.client.call("checkResults", { environment: "production" });
    expect(quiet).toMatchObject({ name: "quiet", kind: "alarms", status: "passed", summary: "1 alarm is quiet" });
    const toOwn = { environment: "production", service: "inference", withoutHooks: "false" } as const;
    await expect(fairway.client.call("controllerPlan", toOwn)).rejects.toThrow(
      /market-inference is not deployed by CodeDeploy/u,
    );
    expect(await images()).toMatchObject({
      frontend: `registry.example.com/marketplace/good-frontend@${digestForTests("good-frontend")}`,
      inference: `registry.example.com/marketplace/good-inference@${digestForTests("good-inference")}`,
    });
    // One deployment each: whoever came back found what had been begun.
    expect((await updates()).toSorted()).toEqual(services.map((name) => `market-${name}`).toSorted());
  });

  test("what one service would be refused for is told before any of its siblings moves", async () => {
    await aws.ecs.updateService({ cluster: "shop", service: "market-realtime", forceNewDeployment: true });
    const [before, since] = [await images(), await updates()];
    const deployment = await release({ frontend: "good-frontend 1", realtime: "good-realtime 1" });
    const run = await fairway.settled(deployment);
    assertEnded(run, "failed");
    const underWay = /^realtime: deployment \S+ of \S+ is under way on market-realtime, and Fairway did not begin it/u;
    expect(run.jobs.find(({ name }) => name === "begin")?.reason).toMatch(underWay);
    // It may have ended when the next one begins: a plan tells it, and stands.
    const { obstacles, warnings } = await fairway.client.call("plan", { environment: "production" });
    expect(obstacles).toEqual([]);
    expect(warnings).toContainEqual(expect.stringMatching(underWay));
    expect(warnings).toContainEqual(
      expect.stringMatching(/^frontend, api, realtime, inference: whether its credentials may/u),
    );
    expect(await updates()).toEqual(since);
    expect(await images()).toEqual(before);
    await aws.tick(10);
  });

  test("what can never work is told by the plan, and nobody is asked to approve it", async () => {
    await aws.byCodeDeploy("abroad-api", 2, "abroad");
    const { obstacles, approvals } = await fairway.client.call("plan", { environment: "abroad" });
    expect(approvals).toBe(1);
    const ofCodeDeploy =
      /^api: abroad-api is deployed by CodeDeploy, and ECS refuses UpdateService .* name its deployment group/u;
    expect(obstacles).toHaveLength(4);
    expect(obstacles).toContainEqual(expect.stringMatching(ofCodeDeploy));
    expect(obstacles).toContainEqual(expect.stringMatching(/^frontend: there is no service abroad-frontend/u));
    const asked = fairway.client.call("deploy", { environment: "abroad", release: null, promote: false, by: "ada" });
    await expect(asked).rejects.toMatchObject({ code: "not_allowed_now", problems: obstacles });
  });

  test("what the circuit breaker took back is told so, and everything is back, whoever dies meanwhile", async () => {
    const before = await images();
    const since = (await updates()).length;
    const deployment = await release({ api: "broken", frontend: "good-frontend 2" });
    await killedInTheMiddle(since, "api");
    const run = await ended(deployment);
    assertEnded(run, "failed");
    expect(run.outcome).toMatchObject({ outcome: "rolled-back", restored: true });
    expect(run.jobs.find(({ name }) => name === "rollout:api")?.reason).toMatch(
      /circuit breaker[\s\S]*EssentialContainerExited[\s\S]*exited with 42/u,
    );
    expect(await images()).toEqual(before);
    // Each once on its way there and once on its way back, but for the one that ECS took back by itself.
    expect(await askedSince(since)).toEqual({
      ...{ "market-frontend": 2, "market-realtime": 2, "market-inference": 2 },
      "market-api": 1,
    });
  });

  test("what somebody else deployed meanwhile supersedes it, and stays, whoever dies meanwhile", async () => {
    const since = (await updates()).length;
    const deployment = await release({ realtime: "good-realtime 4" });
    await killedInTheMiddle(since, "realtime");
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
    expect(run.outcome).toMatchObject({ outcome: "superseded", restored: false });
    expect(run.attention?.why).toMatch(/^production runs what somebody else deployed: superseded: /u);
    expect(await images()).toMatchObject({ realtime: "registry.example.com/hotfix" });
    // Of this one ours and theirs; the others there and back.
    const twice = services.map((name) => [`market-${name}`, 2] as const);
    expect(await askedSince(since)).toEqual(Object.fromEntries(twice));
    // It is no fault of the release; only the one before, which was broken, is kept out.
    expect(await fairway.client.call("quarantines", {})).toMatchObject([{ cause: "failure" }]);
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

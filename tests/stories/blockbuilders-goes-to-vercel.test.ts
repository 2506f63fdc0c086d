import type { Run } from "@fairway/api";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { digestForTests } from "../../plugins/aws/fixtures/digest.ts";
import type { AwsDouble } from "../../plugins/aws/fixtures/double.ts";
import { awsDouble, region } from "../../plugins/aws/fixtures/double.ts";
import { VercelDouble, served } from "../../plugins/builtin/fixtures/vercel/double.ts";
import { needs } from "../../tools/skips.ts";
import { commandLineWith } from "./support/command-line.ts";
import type { Fairway } from "./support/fairway-under-test.ts";
import { openFairway } from "./support/fairway-under-test.ts";
import type { Files } from "./support/git-project.ts";
import { configFile } from "./support/git-project.ts";
import { until } from "./support/leak-guard.ts";
import { assertEnded } from "./support/watch-run.ts";

// A daemon, an AWS and a Vercel share two cores with other suites.
const patience = 120_000;

// What `vercel build` leaves, without the minutes that it takes.
const build = `
import { mkdirSync, writeFileSync } from "node:fs";
mkdirSync(".vercel/output/static", { recursive: true });
writeFileSync(".vercel/output/config.json", JSON.stringify({ version: 3 }));
writeFileSync(".vercel/output/static/index.html", "VERSION");
`;

const files = (version: string, api: string, vercelUrl: string): Files => ({
  "apps/web/build.mjs": build.replace("VERSION", version),
  "apps/api/README.md": api,
  ...configFile({
    name: "blockbuilders",
    services: {
      api: {
        path: "apps/api",
        container: { image: `registry.example.com/${api.split(" ")[0]}@${digestForTests(api)}` },
        replicas: 2,
        strategy: { "blue-green": { bake: "0s" } },
      },
      web: {
        path: "apps/web",
        dependsOn: ["api"],
        build: { commands: ["node build.mjs"], output: ".vercel/output" },
        env: { NEXT_PUBLIC_API_URL: "https://api.blockbuilders.app" },
      },
    },
    environments: {
      production: {
        deploys: "automatically",
        url: { frontend: "https://blockbuilders.app", backend: "https://api.blockbuilders.app" },
        vercel: {
          api: vercelUrl,
          token: { secret: "VERCEL_TOKEN" },
          team: "team_blocks",
          poll: "100ms",
          services: { web: { project: "blockbuilders", domains: ["blockbuilders.app"] } },
        },
        ecs: {
          region,
          cluster: "shop",
          poll: "250ms",
          services: {
            api: {
              service: "blockbuilders-api",
              codeDeploy: { application: "blockbuilders", group: "blockbuilders-api" },
            },
          },
        },
      },
    },
  }),
});

describe.skipIf(!needs("moto"))("blockbuilders, whose page is on Vercel and whose backend CodeDeploy moves", () => {
  let aws: AwsDouble;
  let vercel: VercelDouble;
  let atVercel: Awaited<ReturnType<typeof served>>;
  let fairway: Fairway;

  beforeAll(async () => {
    aws = await awsDouble();
    await aws.byCodeDeploy("blockbuilders-api", 2, "blockbuilders");
    await aws.knob("tick-when-asked", { on: true });
    vercel = new VercelDouble();
    atVercel = await served(vercel);
    fairway = await openFairway(files("one", "good-api", atVercel.url), { allowPrivate: "127.0.0.1" });
    const said = await commandLineWith(
      { input: `${vercel.token}\n`, env: {} },
      fairway.project.path,
      fairway.data,
      ...["secrets", "set", "VERCEL_TOKEN", "--env", "production"],
    );
    if (said.code !== 0) throw new Error(said.err);
  });
  afterAll(async () => {
    await fairway?.end();
    await atVercel?.close();
    await aws?.close();
  });

  const change = async (version: string, api = "good-api"): Promise<{ readonly id: string }> => {
    const ref = await fairway.project.commit(`Change to ${version}`, files(version, api, atVercel.url));
    const run = await fairway.client.call("makeRelease", { ref, by: "ada" });
    return { id: (await fairway.settled(run)).next[0] ?? "" };
  };
  const ended = async (deployment: { readonly id: string }): Promise<Run> => {
    vercel.tickWhenAsked = true;
    return fairway.settled(deployment);
  };
  const made = (): readonly string[] => vercel.effects.filter((effect) => effect.startsWith("deployment"));
  const runsAtVercel = (): string | null => vercel.releaseOf(vercel.aliases.get("blockbuilders.app") ?? null);
  const outcome = async (): Promise<string | undefined> =>
    (await fairway.client.call("deployments", { environment: "production" }))[0]?.outcome ?? undefined;

  test("is deployed: backend first, and then the page that was built once", async () => {
    vercel.tickWhenAsked = true;
    const run = await fairway.release();
    assertEnded(run, "succeeded");
    expect(await outcome()).toBe("deployed");
    const [deployment] = vercel.deployments;
    expect(deployment?.files).toEqual([".vercel/output/config.json", ".vercel/output/static/index.html"]);
    expect(deployment?.env).toMatchObject({
      NEXT_PUBLIC_API_URL: "https://api.blockbuilders.app",
      FAIRWAY_SERVICE: "web",
    });
    expect(deployment?.meta["GIT_SHA"]).toBe(deployment?.env["GIT_SHA"]);
    expect(runsAtVercel()).toBe("r1");
  });

  const begunAtCodeDeploy = async (): Promise<number> =>
    (await aws.effects()).filter(({ why }) => why === "updated").length;
  const runsAtAws = async (): Promise<string | undefined> => {
    const { taskDefinition } = (await aws.census())["blockbuilders-api"] ?? {};
    const { taskDefinition: found } = await aws.ecs.describeTaskDefinition({ taskDefinition });
    return found?.containerDefinitions?.[0]?.image;
  };

  /** The daemon dies once CodeDeploy has been asked, and another one goes on with what it finds there. */
  async function killedWhileItShifts(change: () => Promise<{ readonly id: string }>): Promise<Run> {
    const before = await begunAtCodeDeploy();
    await aws.knob("tick-when-asked", { on: false });
    const deployment = await change();
    await until(async () => (await begunAtCodeDeploy()) > before, "CodeDeploy was asked", patience);
    await fairway.kill("SIGKILL");
    await aws.knob("tick-when-asked", { on: true });
    await fairway.start();
    const run = await ended(deployment);
    expect(await begunAtCodeDeploy()).toBe(before + 1);
    return run;
  }

  test("a daemon that is killed while CodeDeploy shifts finds its deployment, and makes no other", async () => {
    assertEnded(await killedWhileItShifts(() => change("two", "good-api 2")), "succeeded");
    expect(await runsAtAws()).toBe(`registry.example.com/good-api@${digestForTests("good-api 2")}`);
    expect(made()).toEqual(["deployment r1", "deployment r2"]);
    expect(runsAtVercel()).toBe("r2");
  });

  test("what CodeDeploy took back is told so, and the page stays, whoever dies meanwhile", async () => {
    const before = await runsAtAws();
    const run = await killedWhileItShifts(() => change("broken", "broken"));
    assertEnded(run, "failed");
    expect(run.outcome).toMatchObject({ outcome: "rolled-back", restored: true });
    expect(run.jobs.find(({ name }) => name === "rollout:api")?.reason).toMatch(
      /CodeDeploy: TIMEOUT: [\s\S]*EssentialContainerExited[\s\S]*exited with 42/u,
    );
    expect(await runsAtAws()).toBe(before);
    expect(runsAtVercel()).toBe("r2");
  });

  test("what somebody else promoted meanwhile is not green, and stays, whoever dies meanwhile", async () => {
    vercel.tickWhenAsked = false;
    const deployment = await change("three", "good-api 2");
    await until(() => made().includes("deployment r4"), "Vercel has the fourth deployment", patience);
    await fairway.kill("SIGKILL");
    vercel.overtake();
    await fairway.start();
    const run = await ended(deployment);
    assertEnded(run, "failed");
    expect(run.outcome).toMatchObject({ outcome: "superseded", restored: false });
    expect(run.jobs.find(({ name }) => name === "rollout:web")?.reason).toMatch(
      /^superseded: blockbuilders\.app leads to/u,
    );
    expect(made()).toEqual(["deployment r1", "deployment r2", "deployment r4"]);
    expect(runsAtVercel()).toBe("hotfix");
  });

  test("is rolled back in a moment, to the deployment that is there, and none is made", async () => {
    vercel.tickWhenAsked = true;
    assertEnded(await ended(await change("four", "good-api 2")), "succeeded");
    const before = made().length;
    const run = await fairway.client.call("rollback", { environment: "production", by: "ada" });
    assertEnded(await ended(run), "succeeded");
    expect(runsAtVercel()).toBe("r2");
    expect(made()).toHaveLength(before);
    expect(vercel.effects).toContain("rollback r2");
  });
});

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
        container: { image: `registry.example.com/blockbuilders/api@${digestForTests(api)}` },
        replicas: 2,
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
        ecs: { region, cluster: "shop", poll: "250ms", services: { api: { service: "blockbuilders-api" } } },
      },
    },
  }),
});

describe.skipIf(!needs("moto"))("blockbuilders, whose page is on Vercel and whose backend on ECS", () => {
  let aws: AwsDouble;
  let vercel: VercelDouble;
  let atVercel: Awaited<ReturnType<typeof served>>;
  let fairway: Fairway;

  beforeAll(async () => {
    aws = await awsDouble();
    await aws.service("blockbuilders-api", 2);
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

  test("a daemon that is killed in the middle finds its deployment, and makes no other", async () => {
    vercel.tickWhenAsked = false;
    const deployment = await change("two");
    await until(() => made().includes("deployment r2"), "Vercel has the second deployment", patience);
    await fairway.kill("SIGKILL");
    await fairway.start();
    assertEnded(await ended(deployment), "succeeded");
    expect(made()).toEqual(["deployment r1", "deployment r2"]);
    expect(runsAtVercel()).toBe("r2");
  });

  test("what somebody else promoted meanwhile is not green, and stays", async () => {
    vercel.tickWhenAsked = false;
    const deployment = await change("three");
    await until(() => made().includes("deployment r3"), "Vercel has the third deployment", patience);
    vercel.overtake();
    const run = await ended(deployment);
    assertEnded(run, "failed");
    expect(run.outcome).toMatchObject({ outcome: "superseded", restored: false });
    expect(run.jobs.find(({ name }) => name === "rollout:web")?.reason).toMatch(
      /^superseded: blockbuilders\.app leads to/u,
    );
    expect(runsAtVercel()).toBe("hotfix");
  });

  test("is rolled back in a moment, to the deployment that is there, and none is made", async () => {
    vercel.tickWhenAsked = true;
    assertEnded(await ended(await change("four")), "succeeded");
    const before = made().length;
    const run = await fairway.client.call("rollback", { environment: "production", by: "ada" });
    assertEnded(await ended(run), "succeeded");
    expect(runsAtVercel()).toBe("r2");
    expect(made()).toHaveLength(before);
    expect(vercel.effects).toContain("rollback r2");
  });
});

import { once } from "node:events";
import { request } from "node:http";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import type { PreviewShape } from "@fairway/api";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { digestForTests } from "../../plugins/aws/fixtures/digest.ts";
import type { AwsDouble } from "../../plugins/aws/fixtures/double.ts";
import { awsDouble, region } from "../../plugins/aws/fixtures/double.ts";
import type { PreviewListener } from "../../plugins/aws/fixtures/preview-listener.ts";
import { previewListener } from "../../plugins/aws/fixtures/preview-listener.ts";
import { VercelDouble, served } from "../../plugins/builtin/fixtures/vercel/double.ts";
import { needs } from "../../tools/skips.ts";
import type { Fairway } from "./support/fairway-under-test.ts";
import { by, openFairway } from "./support/fairway-under-test.ts";
import type { Files } from "./support/git-project.ts";
import { configFile } from "./support/git-project.ts";
import { until } from "./support/leak-guard.ts";

// A daemon, an AWS and a Vercel share two cores with other suites.
const patience = 120_000;
const domain = "preview.example.com";
const secret = "a long secret of previews";

// What `vercel build` leaves, without the minutes that it takes.
const build = `
import { mkdirSync, writeFileSync } from "node:fs";
mkdirSync(".vercel/output/static", { recursive: true });
writeFileSync(".vercel/output/config.json", JSON.stringify({ version: 3 }));
writeFileSync(".vercel/output/static/index.html", "VERSION");
`;

interface Doubles {
  readonly vercelUrl: string;
  readonly listener: string;
  readonly wake: number;
}

const files = (version: string, { vercelUrl, listener, wake }: Doubles, sleepAfter = "1h"): Files => ({
  "apps/web/build.mjs": build.replace("VERSION", version),
  "apps/api/README.md": version,
  ...configFile({
    name: "shop",
    services: {
      api: {
        path: "apps/api",
        container: { image: `registry.example.com/api@${digestForTests(`good-${version}`)}`, port: 8080 },
        health: { path: "/healthz" },
        env: { TOKEN: { secret: "TOKEN" } },
      },
      web: {
        path: "apps/web",
        dependsOn: ["api"],
        build: { commands: ["node build.mjs"], output: ".vercel/output" },
      },
    },
    environments: {
      staging: {
        deploys: "on-request",
        vercel: {
          api: vercelUrl,
          token: { secret: "VERCEL_TOKEN" },
          team: "team_blocks",
          poll: "100ms",
          services: { web: { project: "blockbuilders", domains: ["blockbuilders.app"] } },
        },
        ecs: { region, cluster: "shop", poll: "250ms", services: { api: { service: "shop-api" } } },
      },
    },
    previews: { domain, front: "api", sleepAfter, ecs: { listener, wake: `127.0.0.1:${wake}` } },
  }),
});

/** A port that nobody has, for who is told of one and listens there himself. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

describe.skipIf(!needs("moto", "time"))("previews whose backend is on ECS and whose page is on Vercel", () => {
  let aws: AwsDouble;
  let listener: PreviewListener;
  let vercel: VercelDouble;
  let atVercel: Awaited<ReturnType<typeof served>>;
  let doubles: Doubles;
  let fairway: Fairway;

  beforeAll(async () => {
    aws = await awsDouble();
    listener = await previewListener(aws);
    const subnets = [...listener.subnets];
    await aws.service("shop-api", 2, {
      launchType: "FARGATE",
      networkConfiguration: { awsvpcConfiguration: { subnets, securityGroups: [] } },
    });
    await aws.knob("tick-when-asked", { on: true });
    vercel = new VercelDouble();
    vercel.tickWhenAsked = true;
    atVercel = await served(vercel);
    doubles = { vercelUrl: atVercel.url, listener: listener.arn, wake: await freePort() };
    process.env["FAIRWAY_WAKE_ADDRESS"] = `127.0.0.1:${doubles.wake}`;
    fairway = await openFairway(files("one", doubles), { allowPrivate: "127.0.0.1" });
    for (const [name, value] of [
      ["VERCEL_TOKEN", vercel.token],
      ["TOKEN", secret],
    ] as const)
      await fairway.client.call("setSecret", { name, environment: "previews", value, by });
    // What says what previews are like is what the newest release of the main branch says.
    await fairway.settled(await fairway.client.call("makeRelease", { ref: "HEAD", by, deploy: false }));
  }, patience);
  afterAll(async () => {
    delete process.env["FAIRWAY_WAKE_ADDRESS"];
    await fairway?.end();
    await atVercel?.close();
    listener?.close();
    await aws?.close();
  });

  const branch = async (name: string, version: string): Promise<string> => {
    await fairway.project.git("checkout", "--quiet", "-B", name);
    const sha = await fairway.project.commit(`Change to ${version}`, files(version, doubles));
    await fairway.project.git("checkout", "--quiet", "main");
    return sha;
  };
  const open = (ref: string): Promise<PreviewShape> => fairway.client.call("openPreview", { ref, name: null, by });
  const stands = (name: string, standing: PreviewShape["standing"], sha?: string): Promise<void> =>
    until(
      async () => {
        const found = await fairway.client.call("preview", { preview: name });
        if (found.standing === "failed") throw new Error(`${name} failed: ${found.why}`);
        return found.standing === standing && (sha === undefined || found.sha === sha);
      },
      `${name} is ${standing}`,
      patience,
    );
  const serviceOf = async (name: string) => {
    const { services: [found] = [] } = await aws.ecs.describeServices({
      cluster: "shop",
      services: [`fwp-shop-${name}-api`],
    });
    return found?.status === "ACTIVE" ? found : undefined;
  };
  const definitionOf = async (name: string): Promise<string> => {
    const { taskDefinition } = (await serviceOf(name)) ?? {};
    return JSON.stringify((await aws.ecs.describeTaskDefinition({ taskDefinition })).taskDefinition);
  };
  const leadsTo = (name: string): ReturnType<PreviewListener["leadsTo"]> => listener.leadsTo(`${name}.${domain}`);
  /** The commit whose page its address on the platform shows. */
  const pageOf = (name: string): string | undefined => {
    const shown = vercel.aliases.get(`blockbuilders-${name}.vercel.app`);
    return vercel.deployments.find(({ id }) => id === shown)?.meta["GIT_SHA"];
  };
  const made = async (name: string): Promise<readonly string[]> =>
    (await aws.effects()).flatMap(({ service, why }) => (service === `fwp-shop-${name}-api` ? [why] : []));

  test("a branch gets a service and a page of its own, also when the daemon dies while they come", async () => {
    const sha = await branch("cart", "two");
    await aws.knob("tick-when-asked", { on: false });
    const { name } = await open("cart");
    expect(name).toBe("cart");
    await until(async () => (await made("cart")).length > 0, "ECS was asked for it", patience);
    await fairway.kill("SIGKILL");
    await aws.knob("tick-when-asked", { on: true });
    await fairway.start();
    await stands("cart", "ready", sha);
    // Made with no task, and told of one once all else is there.
    expect(await made("cart")).toEqual(["created", "updated"]);
    expect(await serviceOf("cart")).toMatchObject({ desiredCount: 1, runningCount: 1, launchType: "FARGATE" });
    expect(await leadsTo("cart")).toEqual(["fwp"]);
    const definition = await definitionOf("cart");
    expect(definition).toContain(digestForTests("good-two"));
    expect(definition).not.toContain(secret);
    expect(definition).toMatch(/secret:fairway\/previews\/shop\/cart\/api-\w+:TOKEN/u);
    expect(pageOf("cart")).toBe(sha);
    // What the team itself has there is nobody's preview.
    expect((await aws.census())["shop-api"]).toMatchObject({ alive: 2 });
    expect(vercel.aliases.has("blockbuilders.app")).toBe(false);
  });

  test("a push replaces both, and nothing is made twice", async () => {
    const sha = await branch("cart", "three");
    await open("cart");
    await stands("cart", "ready", sha);
    expect(await definitionOf("cart")).toContain(digestForTests("good-three"));
    expect(await made("cart")).toEqual(["created", "updated", "updated"]);
    expect(pageOf("cart")).toBe(sha);
  });

  test("closed, all of it is gone, also when the daemon dies meanwhile", async () => {
    await fairway.client.call("closePreview", { preview: "cart", by });
    await fairway.kill("SIGKILL");
    await fairway.start();
    await stands("cart", "ended");
    expect(await serviceOf("cart")).toBeUndefined();
    expect(await leadsTo("cart")).toEqual([]);
    expect(pageOf("cart")).toBeUndefined();
  });

  /** As the load balancer has it, once its rules lead there. */
  const knock = (host: string): Promise<number> =>
    new Promise((resolve, reject) => {
      const options = { host: "127.0.0.1", port: doubles.wake, path: "/", headers: { host } };
      request(options, (answer) => {
        answer.resume();
        answer.on("end", () => resolve(answer.statusCode ?? 0));
      })
        .on("error", reject)
        .end();
    });

  test("what nobody asks for has no task until somebody does, and what belongs to no preview is taken away", async () => {
    const main = await fairway.project.commit("Sleep early", files("one", doubles, "1s"));
    await fairway.settled(await fairway.client.call("makeRelease", { ref: main, by, deploy: false }));
    await fairway.kill("SIGKILL");
    await fairway.start();
    await aws.service("fwp-shop-pr-77-api", 1, {
      tags: Object.entries({ owner: "shop", preview: "pr-77", service: "api" }).map(([key, value]) => ({
        key: `fairway:${key}`,
        value,
      })),
    });
    await branch("early", "four");
    await open("early");
    await stands("early", "asleep");
    await until(async () => (await serviceOf("early"))?.runningCount === 0, "no task runs", patience);
    expect(await leadsTo("early")).toEqual(["fww"]);

    expect([307, 503]).toContain(await knock(`early.${domain}`));
    await until(async () => (await serviceOf("early"))?.runningCount === 1, "a task runs again", patience);
    await until(async () => (await serviceOf("pr-77")) === undefined, "what was left is swept", patience);
  });
});

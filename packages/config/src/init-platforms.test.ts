import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { detectProject } from "./detect.ts";
import type { FoundPlatform } from "./detected.ts";
import { initialiseProject } from "./init.ts";
import { loadProject } from "./load.ts";
import { formatProblems } from "./problems.ts";
import { type ConfigFormat, renderConfig } from "./render-config.ts";
import { testRepository } from "./test-repository.ts";

type Files = Readonly<Record<string, string>>;

/** The platforms that are found; with them and without them, in both languages, what is written must load without problems. */
async function found(files: Files): Promise<readonly FoundPlatform[]> {
  const detected = detectProject(testRepository(files, onTestFinished));
  for (const format of ["yaml", "typescript"] satisfies readonly ConfigFormat[])
    for (const platforms of [false, true]) {
      const file = format === "yaml" ? "fairway.yaml" : "fairway.config.ts";
      const written = { ...files, [file]: renderConfig(detected, format, { platforms }) };
      const loaded = await loadProject(testRepository(written, onTestFinished));
      expect(loaded.ok ? "" : formatProblems(loaded.problems)).toBe("");
      const production = loaded.ok && loaded.project.environments.find(({ name }) => name === "production");
      const placed = (production === false ? undefined : production)?.placements ?? [];
      for (const { service, platform } of platforms ? detected.platforms : [])
        expect(placed.find((one) => one.service === service)?.[platform === "vercel" ? "hosted" : "ecs"]).toBeDefined();
    }
  return detected.platforms;
}

const next = JSON.stringify({
  name: "web",
  version: "1.0.0",
  scripts: { build: "next build", start: "next start" },
  dependencies: { next: "15" },
});
const api = {
  "apps/api/requirements.txt": "fastapi\n",
  "apps/api/main.py": "from fastapi import FastAPI\napp = FastAPI()\n@app.get('/healthz')\ndef well(): ...\n",
  "apps/api/Dockerfile": "FROM python:3.11\n",
};

test("an app that is linked to a project of Vercel is that project's, pulled and built as Vercel has it", async () => {
  const [web, ...more] = await found({
    "package.json": next,
    "package-lock.json": "{}",
    ".vercel/project.json": JSON.stringify({ projectId: "prj_1", orgId: "team_1", settings: {} }),
  });
  expect(more).toEqual([]);
  expect(web).toMatchObject({ service: "web", platform: "vercel", foundBy: ".vercel/project.json", isSure: true });
  expect(web?.environment.vercel).toEqual({
    token: { secret: "VERCEL_TOKEN" },
    team: "team_1",
    services: { web: { project: "prj_1" } },
  });
  expect(web?.config.build).toEqual({
    commands: [
      {
        command: "npx --yes vercel@60.1.3 pull --yes --environment=production",
        env: { VERCEL_TOKEN: { secret: "VERCEL_TOKEN" }, VERCEL_ORG_ID: "team_1", VERCEL_PROJECT_ID: "prj_1" },
      },
      "npx --yes vercel@60.1.3 build --prod --yes --standalone",
    ],
    output: ".vercel/output",
  });
  expect(web?.config.run).toBeUndefined();
});

test("a link or a vercel.json at the root of a monorepo is the one app's, and builds there", async () => {
  const [web] = await found({ "vercel.json": "{}", "apps/web/package.json": next, ...api });
  expect(web).toMatchObject({ service: "web", foundBy: "vercel.json" });
  expect(web?.config.build).toMatchObject({
    commands: [{ cwd: "../.." }, { cwd: "../.." }],
    output: "../../.vercel/output",
  });
  expect(web?.environment.vercel?.services).toEqual({ web: {} });
  // Of two apps it does not say whose it is; that they are made with Next.js is left.
  const admin = next.replace('"web"', '"admin"');
  const two = await found({ "vercel.json": "{}", "apps/web/package.json": next, "apps/admin/package.json": admin });
  expect(two.map(({ service, foundBy, isSure }) => [service, foundBy, isSure])).toEqual([
    ["admin", "next", false],
    ["web", "next", false],
  ]);
});

test("a Next.js app may be Vercel's, and a broken link is one without a name", async () => {
  const [maybe] = await found({ "package.json": next });
  expect(maybe).toMatchObject({ foundBy: "next", isSure: false, environment: { vercel: { services: { web: {} } } } });
  const [broken] = await found({ "package.json": next, ".vercel/project.json": "{" });
  expect(broken).toMatchObject({ isSure: true, environment: { vercel: { services: { web: {} } } } });
});

test("a task definition and the action that deploys it are a target on ECS", async () => {
  const workflow = `env: { AWS_REGION: eu-central-1 }
jobs:
  deploy:
    env:
      ECS_CLUSTER: shop
    steps:
      - uses: aws-actions/configure-aws-credentials@v4
        with:
          aws-region: \${{ env.AWS_REGION }}
      - uses: aws-actions/amazon-ecs-deploy-task-definition@v2
        with:
          task-definition: task-definition.json
          service: shop-api
          cluster: \${{ env.ECS_CLUSTER }}
`;
  const [onEcs, ...more] = await found({
    ...api,
    ".github/workflows/deploy.yml": workflow,
    ".aws/task-definition.json": JSON.stringify({
      family: "shop-api",
      containerDefinitions: [
        { name: "log-router", image: "public.ecr.aws/fluent-bit" },
        { name: "web", image: "123456789012.dkr.ecr.eu-central-1.amazonaws.com/shop/api:1" },
      ],
    }),
  });
  expect(more).toEqual([]);
  expect(onEcs).toMatchObject({ service: "api", foundBy: ".github/workflows/deploy.yml", unsure: [] });
  expect(onEcs?.environment.ecs).toEqual({
    region: "eu-central-1",
    account: "123456789012",
    cluster: "shop",
    services: { api: { service: "shop-api", container: "web" } },
  });
  expect(onEcs?.registry?.server).toMatch(/^123456789012\.dkr\.ecr\.eu-central-1\.amazonaws\.com\//u);
  expect(onEcs?.config.container).toEqual({});
});

test("a script that hands it to CodeDeploy names its group, and what it does not name is said", async () => {
  const script =
    "aws ecs describe-task-definition --task-definition shop-api\naws deploy create-deployment --application-name shop-api \\\n  --deployment-group-name shop-blue-green\n";
  const [onEcs] = await found({ ...api, "scripts/deploy.sh": script });
  expect(onEcs?.environment.ecs?.services).toEqual({
    api: { service: "shop-api", codeDeploy: { application: "shop-api", group: "shop-blue-green" } },
  });
  expect(onEcs?.config.strategy).toEqual({ "blue-green": {} });
  expect(onEcs?.unsure.join("\n")).toMatch(/region[\s\S]*cluster[\s\S]*account[\s\S]*service of ECS/u);
});

test("nothing is found where nothing shows it, or nobody could tell whose it is", async () => {
  expect(await found({ ...api, "scripts/deploy.sh": "kubectl apply -f .\n" })).toEqual([]);
  const { "apps/api/Dockerfile": image, ...withoutImage } = api;
  expect(image).toBeDefined();
  expect(await found({ ...withoutImage, "scripts/deploy.sh": "aws ecs update-service --service x\n" })).toEqual([]);
  const broken = { "task-definition.json": "{", "vercel.json": "{" };
  expect(await found({ ...api, ...broken })).toEqual([]);
});

test("init tells of a platform, and takes it when it is asked to", async () => {
  const files = { "package.json": next, "vercel.json": "{}" };
  const { text } = initialiseProject(testRepository(files, onTestFinished));
  expect(text).toContain(
    "# Please check: Vercel has it today, as vercel.json shows; `fairway init --platforms` writes that as a target of production.",
  );
  expect(text).not.toContain("vercel:");
  expect(initialiseProject(testRepository(files, onTestFinished), { platforms: true }).text).toContain("vercel:");
});

test("the platforms of the example are those that its workflow deploys to", async () => {
  const example = join(import.meta.dirname, "../../../examples/blockbuilders");
  const copy = mkdtempSync(join(tmpdir(), "fairway-init-"));
  onTestFinished(() => rmSync(copy, { recursive: true, force: true }));
  cpSync(example, copy, {
    recursive: true,
    filter: (path) => !/[/](?:node_modules|\.venv|\.demo|\.next|\.turbo)$/u.test(path),
  });
  const { file, detected } = initialiseProject(copy, { platforms: true });
  expect(detected.platforms.map(({ service, platform, foundBy }) => [service, platform, foundBy])).toEqual([
    ["web", "vercel", ".github/workflows/ci-cd.yml"],
    ["api", "ecs", "scripts/deploy-backend.sh"],
  ]);
  const loaded = await loadProject(copy);
  expect(loaded.ok ? "" : formatProblems(loaded.problems)).toBe("");
  const text = readFileSync(join(copy, file), "utf8");
  expect(text).toMatch(/codeDeploy:\s+application: blockbuilders-api\s+group: blockbuilders-api/u);
  expect(text).toContain("region: us-east-1");
});

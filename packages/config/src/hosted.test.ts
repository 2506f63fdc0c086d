import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { loadProject } from "./load.ts";
import { formatProblem } from "./problems.ts";
import { testRepository } from "./test-repository.ts";

const load = (environment: string, service = "{ build: { output: .vercel/output } }"): ReturnType<typeof loadProject> =>
  loadProject(
    testRepository(
      {
        "fairway.yaml": `name: a\nservices:\n  web: ${service}\n  api: { run: node a.mjs }\nenvironments:\n  staging: ${environment}\n  production: { inherits: staging }\n`,
        Dockerfile: "FROM scratch\n",
      },
      onTestFinished,
    ),
  );

const problemsOf = async (...asked: Parameters<typeof load>): Promise<string> => {
  const loaded = await load(...asked);
  return loaded.ok ? "" : loaded.problems.map(formatProblem).join("\n");
};

test("a service that only Vercel runs is where its environment says so, and nowhere else", async () => {
  const loaded = await load(
    '{ vercel: { token: { secret: VERCEL_TOKEN }, team: team_a, poll: 5s, services: { web: { project: shop, domains: [shop.example.com], needs: [DATABASE_URL], headers: { "/": { cache-control: "public, max-age=0", X-Vercel-Cache: [HIT] } } } } } }',
  );
  if (!loaded.ok) throw new Error(loaded.problems.map(formatProblem).join("\n"));
  const [staging, production] = loaded.project.environments;
  expect(staging?.placements.find(({ service }) => service === "web")?.hosted).toEqual({
    platform: "vercel",
    api: "https://api.vercel.com",
    token: "VERCEL_TOKEN",
    poll: 5000,
    team: "team_a",
    project: "shop",
    target: "production",
    domains: ["shop.example.com"],
    needs: ["DATABASE_URL"],
    url: null,
    pages: [
      {
        path: "/",
        headers: { "cache-control": { has: ["public", "max-age=0"] }, "x-vercel-cache": { oneOf: ["HIT"] } },
      },
    ],
  });
  expect(production?.placements.map(({ service }) => service)).toEqual(["api"]);
});

test("a service of files on Netlify is the site itself, or a branch of it", async () => {
  const loaded = await load(
    "{ netlify: { token: { secret: NETLIFY_TOKEN }, services: { web: { site: shop.netlify.app, branch: staging } } } }",
  );
  if (!loaded.ok) throw new Error(loaded.problems.map(formatProblem).join("\n"));
  expect(loaded.project.environments[0]?.placements.find(({ service }) => service === "web")?.hosted).toMatchObject({
    platform: "netlify",
    api: "https://api.netlify.com/api/v1",
    site: "shop.netlify.app",
    branch: "staging",
  });
});

const token = "token: { secret: TOKEN }";

test.each([
  ["{ vercel: { services: { web: {} } } }", /token/u],
  ["{ vercel: { token: abc, services: { web: {} } } }", /token must be \{ secret: NAME \}/u],
  [`{ vercel: { ${token}, api: nowhere, services: { web: {} } } }`, /api must be an address such as/u],
  [`{ vercel: { ${token}, services: { wbe: {} } } }`, /there is no service "wbe"/u],
  [`{ vercel: { ${token}, services: { web: { domains: ["https://a.example.com"] } } } }`, /must be a domain/u],
  [`{ vercel: { ${token}, services: { web: { target: preview } } } }`, /nothing would lead to web/u],
  [
    `{ vercel: { ${token}, services: { web: {} } }, netlify: { ${token}, services: { web: { site: a } } } }`,
    /web is on netlify and on vercel|web is on vercel and on netlify/u,
  ],
  [
    `{ netlify: { ${token}, services: { web: { site: a } } }, services: { web: { strategy: { canary: { steps: [{ weight: 10, pause: 1s }] } } } } }`,
    /netlify gives web all of the traffic at once/u,
  ],
])("%s is refused with its place", async (environment, problem) => {
  const problems = await problemsOf(environment);
  expect(problems).toMatch(problem);
  expect(problems).toMatch(/fairway\.yaml:6:/u);
});

test("an image, or a database of Fairway's own, is nothing for a platform", async () => {
  const vercel = `{ vercel: { ${token}, services: { web: {} } } }`;
  expect(await problemsOf(vercel, "{ container: {} }")).toMatch(/web is an image, and a platform serves files/u);
  expect(await problemsOf(vercel, "{ database: true, build: { output: o } }")).toMatch(
    /the database of web is Fairway's own/u,
  );
});

test("the example with its page on Vercel is a configuration", async () => {
  const file = join(import.meta.dirname, "../../../examples/blockbuilders/.demo/vercel/files/fairway.config.ts");
  const loaded = await loadProject(
    testRepository(
      {
        "fairway.config.ts": readFileSync(file, "utf8"),
        "apps/api/Dockerfile": "FROM scratch\n",
        "apps/web/package.json": "{}",
      },
      onTestFinished,
    ),
  );
  expect(loaded.ok ? [] : loaded.problems.map(formatProblem)).toEqual([]);
  if (!loaded.ok) return;
  const where = loaded.project.environments.map(({ placements }) =>
    placements.map(({ service, hosted, ecs }) => [service, hosted?.platform ?? ecs?.service]),
  );
  expect(where).toEqual([
    [
      ["api", "staging-api"],
      ["web", "vercel"],
    ],
    [
      ["api", "production-api"],
      ["web", "vercel"],
    ],
  ]);
});

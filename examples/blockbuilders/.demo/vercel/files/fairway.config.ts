// Blockbuilders as it runs for its users: the page on Vercel, the API on Fargate behind a load balancer,
// where CodeDeploy moves the traffic.
import { defineProject } from "@fairway/config";

/** Where Vercel's API answers; a double of it in tests. */
const vercelApi = process.env["BLOCKBUILDERS_VERCEL_API"] ?? "https://api.vercel.com";

const vercel = { token: { secret: "VERCEL_TOKEN" }, team: "blockbuilders", api: vercelApi };
const cluster = { region: "us-east-1", cluster: "blockbuilders" };

/** The application of CodeDeploy is the one that scripts/deploy-backend.sh has. */
const groupOf = (group: string): { application: string; group: string } => ({
  application: "blockbuilders-api",
  group,
});

export default defineProject({
  name: "blockbuilders",
  registry: { server: "123456789012.dkr.ecr.us-east-1.amazonaws.com/blockbuilders" },
  services: {
    api: { path: "apps/api", container: { port: 8000 }, replicas: 2, strategy: { "blue-green": { bake: "0s" } } },
    web: {
      path: "apps/web",
      dependsOn: ["api"],
      // Built once, here; what was checked is what Vercel serves.
      build: {
        commands: ["npx --yes vercel@60.1.3 build --prod --yes"],
        output: ".vercel/output",
        inputs: ["apps/web", "packages", "pnpm-lock.yaml", "package.json", "turbo.json", "tsconfig.base.json"],
      },
    },
  },
  environments: {
    staging: {
      deploys: "automatically",
      url: { frontend: "https://staging.blockbuilders.app", backend: "https://staging-api.blockbuilders.app" },
      vercel: {
        ...vercel,
        services: { web: { project: "blockbuilders", target: "preview", domains: ["staging.blockbuilders.app"] } },
      },
      ecs: { ...cluster, services: { api: { service: "staging-api", codeDeploy: groupOf("staging-api") } } },
    },
    production: {
      promotesFrom: "staging",
      approvals: 1,
      url: { frontend: "https://blockbuilders.app", backend: "https://api.blockbuilders.app" },
      vercel: {
        ...vercel,
        services: {
          web: {
            project: "blockbuilders",
            domains: ["blockbuilders.app"],
            // Regenerated once an hour, and served from the edge meanwhile.
            headers: { "/": { "x-vercel-cache": ["HIT", "STALE", "PRERENDER", "REVALIDATED"] } },
          },
        },
      },
      ecs: {
        ...cluster,
        services: {
          api: {
            service: "production-api",
            alarms: ["blockbuilders-api-5xx"],
            codeDeploy: groupOf("blockbuilders-api"),
          },
        },
      },
    },
  },
});

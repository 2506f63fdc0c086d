import { chmod, cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ProjectConfig } from "@fairway/config";
import { digestForTests } from "../../../plugins/aws/fixtures/digest.ts";
import { region } from "../../../plugins/aws/fixtures/double.ts";
import type { Files } from "./git-project.ts";
import { configFile } from "./git-project.ts";

const example = join(import.meta.dirname, "../../../examples/blockbuilders");

/** The repository of the seed without what its tools have made: its workflow, its programs and its `ops/`, as they stand. */
export const copySeed = (to: string): Promise<void> =>
  cp(example, to, {
    recursive: true,
    filter: (source) => !/[/](?:node_modules|dist|\.next|\.turbo|\.demo|\.venv)$/u.test(source),
    verbatimSymlinks: true,
  });

// What `vercel build` leaves, without the minutes that it takes.
const build = `
import { mkdirSync, writeFileSync } from "node:fs";
mkdirSync(".vercel/output/static", { recursive: true });
writeFileSync(".vercel/output/config.json", JSON.stringify({ version: 3 }));
writeFileSync(".vercel/output/static/index.html", "blocks");
`;

/** The image that the backend's release has: nothing pulls it. */
export const apiImage = `registry.example.com/good-api@${digestForTests("good-api")}`;

/** Where it runs: the page on Vercel and the API on ECS by CodeDeploy, in staging by itself and in production after a yes. */
export function seedConfig(vercelUrl: string): Files {
  const vercel = { api: vercelUrl, token: { secret: "VERCEL_TOKEN" }, team: "team_blocks", poll: "100ms" } as const;
  const ecs = (group: string) =>
    ({
      ...{ region, cluster: "shop", poll: "250ms" },
      services: { api: { service: group, codeDeploy: { application: "blockbuilders", group } } },
    }) as const;
  const config: ProjectConfig = {
    name: "blockbuilders",
    services: {
      api: {
        path: "apps/api",
        container: { image: apiImage },
        replicas: 2,
        strategy: { "blue-green": { bake: "0s" } },
      },
      web: {
        path: "apps/web",
        dependsOn: ["api"],
        build: { commands: ["node build.mjs"], output: ".vercel/output" },
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
        ecs: ecs("staging-api"),
      },
      production: {
        promotesFrom: "staging",
        // A day is over for the daemon, and not for its database: what that says of a yes is a day old when it is given.
        approvals: { needed: 1, expires: "72h" },
        url: { frontend: "https://blockbuilders.app", backend: "https://api.blockbuilders.app" },
        vercel: { ...vercel, services: { web: { project: "blockbuilders", domains: ["blockbuilders.app"] } } },
        ecs: ecs("production-api"),
      },
    },
  };
  return { "apps/web/build.mjs": build, ...configFile(config) };
}

/**
 * The `ops/` of the seed, but that its drill is one of Fairway's own over a real database, and that its gate refuses: as it
 * stands it only warns until the first drill is on record.
 */
export async function seedOps(drilled: { readonly recipient: string; readonly directory: string }): Promise<Files> {
  const read = (name: string): Promise<string> => readFile(join(example, "ops", name), "utf8");
  return {
    "ops/duties.yaml": (await read("duties.yaml")).replace(/ {2}drill\/database:\n(?: {4}.*\n)+/u, ""),
    "ops/gates.yaml": (await read("gates.yaml")).replace(/ {4}# Until .*\n {4}mode: warn\n/u, ""),
    // What the story stores besides the keys of the seed is in the inventory too: production takes nothing with a key that is
    // not.
    "ops/credentials.yaml": (await read("credentials.yaml")).concat(
      ...["VERCEL_TOKEN", "DATABASE_URL", "BACKUP_IDENTITY"].map(
        (store) => `  ${store.toLowerCase().replace("_", "-")}:
    vendor: ours
    kind: key of the story
    environments: [${store === "VERCEL_TOKEN" ? "staging, " : ""}production]
    owner: devops-lead
    store: ${store}
    rotate: { every: P180D, from: 2099-01-31 }
`,
      ),
    ),
    "ops/backups.yaml": `backups:
  database:
    driver: pg_dump
    environment: production
    owner: devops-lead
    escalation: [cto]
    task: Backup validation & DR drills
    automation: Scheduled restore jobs verify snapshots
    database: DATABASE_URL
    identity: BACKUP_IDENTITY
    recipient: ${drilled.recipient}
    directory: ${drilled.directory}
    cron: "0 0 1 1 *"
    from: 2020-01-01
    grace: 6h
    drill: { every: P1M, from: 2020-01-31, rolling: true }
`,
  };
}

const says = (words: string): string => `#!/bin/sh\n${words}\n`;

/** Stand-ins for what the workflow installs, which would take minutes and the registries: each says what it was asked for. */
export async function standInTools(folder: string): Promise<string> {
  const tools = join(folder, "tools");
  const programs = {
    pnpm: says('case "$1" in --version) echo 8.15.9 ;; *) echo "pnpm $*" ;; esac'),
    pip: says('echo "pip $*"'),
    poetry: says('echo "poetry $*"'),
    "python3.11": says(
      'case "$1 $2" in "-m venv") mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;; *) echo 3.11.9 ;; esac',
    ),
  };
  await mkdir(tools, { recursive: true });
  for (const [name, text] of Object.entries(programs)) {
    await writeFile(join(tools, name), text);
    await chmod(join(tools, name), 0o755);
  }
  return tools;
}

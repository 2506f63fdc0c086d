import { execFile } from "node:child_process";
import { appendFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const execute = promisify(execFile);
const author = ["-c", "user.name=Chaos", "-c", "user.email=chaos@example.invalid", "-c", "commit.gpgsign=false"];

/** What a command of a check or build wrote into the ledger: an effect on the world outside. */
export interface Effect {
  readonly what: string;
  readonly service: string;
  readonly sha: string;
}

/** A project of two services, one behind the other, whose checks and builds write down that they ran. */
export interface SmallProject {
  readonly repository: string;
  /** Changes both services, so that both are checked and built anew. */
  commitChange(): Promise<void>;
  effects(): Promise<readonly Effect[]>;
}

/** The workflow of the project: two jobs, one behind the other, of two steps each. */
export const workflowFile = ".github/workflows/nightly.yml";

/**
 * What each run of the workflow writes into the ledger, once and in this order; its `service` is `workflow`, its `sha` the run.
 */
export const expectedWorkflowEffects: readonly string[] = ["first-1", "first-2", "second-1", "second-2"].flatMap(
  (step) => [`${step}-begun`, `${step}-ended`],
);

/** The public hosts of the project, by environment. */
export const hosts: Readonly<Record<string, readonly string[]>> = {
  staging: ["web.staging.localhost", "api.staging.localhost"],
  production: ["web.localhost", "api.localhost"],
};

/** Says which release it is. Ends what is open when it is told to end, and then has nothing left to do. */
const server = `import { createServer } from "node:http";
const { PORT, HOST, FAIRWAY_RELEASE, FAIRWAY_SERVICE } = process.env;
const server = createServer((request, response) => response.end(JSON.stringify({ release: FAIRWAY_RELEASE, service: FAIRWAY_SERVICE })));
server.listen(Number(PORT), HOST);
process.on("SIGTERM", () => server.close());
`;

/** Makes the repository, with its first commit, in a folder. */
export async function smallProject(folder: string): Promise<SmallProject> {
  const [repository, ledger] = [join(folder, "repository"), join(folder, "ledger")];
  const git = (...args: readonly string[]): Promise<unknown> =>
    execute("git", [...author, ...args], { cwd: repository });
  const services = ["api", "web"] as const;
  let changes = 0;

  async function commitChange(): Promise<void> {
    for (const service of services) await writeFile(join(repository, service, "change"), `${++changes}\n`);
    await git("add", "--all");
    await git("commit", "--quiet", "--message", `Change ${changes}`);
  }

  for (const service of services) await mkdir(join(repository, service), { recursive: true });
  for (const service of services) await writeFile(join(repository, service, "server.mjs"), server);
  await mkdir(join(repository, ".github/workflows"), { recursive: true });
  await writeFile(join(repository, workflowFile), workflow(ledger));
  await writeFile(join(repository, "fairway.yaml"), configuration(ledger));
  await appendFile(ledger, "");
  await git("init", "--quiet", "--initial-branch", "main");
  await commitChange();
  return {
    repository,
    commitChange,
    async effects() {
      const lines = (await readFile(ledger, "utf8")).split("\n").filter((line) => line !== "");
      return lines.map((line) => {
        const [what = "", service = "", sha = ""] = line.split(" ");
        return { what, service, sha };
      });
    },
  };
}

// Writes before and after a pause, so that a command that is started twice, or ended half way, is seen.
const recording = (what: string, ledger: string): string =>
  JSON.stringify([
    "sh",
    "-c",
    `echo "${what}-begun $FAIRWAY_SERVICE $GIT_SHA" >>"${ledger}"; sleep 0.1; echo "${what}-ended $FAIRWAY_SERVICE $GIT_SHA" >>"${ledger}"`,
  ]);

const workflow = (ledger: string): string => {
  const step = (name: string): string =>
    `      - run: |
          echo "${name}-begun workflow \${{ github.run_id }}" >>"${ledger}"
          sleep 0.1
          echo "${name}-ended workflow \${{ github.run_id }}" >>"${ledger}"
`;
  return `on: push
jobs:
  first:
    runs-on: ubuntu-latest
    steps:
${step("first-1")}${step("first-2")}  second:
    needs: first
    runs-on: ubuntu-latest
    steps:
${step("second-1")}${step("second-2")}`;
};

/** What each service's run of a release writes into the ledger, once. */
export const expectedEffects: readonly string[] = ["check-begun", "check-ended", "build-begun", "build-ended"];

const configuration = (ledger: string): string => `
name: small
services:
  api:
    path: api
    checks: { test: ${recording("check", ledger)} }
    build: { commands: [${recording("build", ledger)}] }
    run: node server.mjs
    health: { path: /, interval: 200ms }
    replicas: 2
  web:
    path: web
    dependsOn: [api]
    checks: { test: ${recording("check", ledger)} }
    build: { commands: [${recording("build", ledger)}] }
    run: node server.mjs
    health: { path: /, interval: 200ms }
environments:
  staging:
    deploys: automatically
    queue: all
    services:
      api: { replicas: 1, routes: [{ host: api.staging.localhost }] }
      web: { routes: [{ host: web.staging.localhost }] }
  production:
    promotesFrom: staging
    approvals: 1
    services:
      api: { routes: [{ host: api.localhost }] }
      web: { routes: [{ host: web.localhost }] }
`;

import type { EnvironmentConfig, ProjectConfig, ServiceConfig } from "@fairway/config";
import type { Files } from "./git-project.ts";
import { configFile } from "./git-project.ts";

/** How a tiny service behaves; without anything it behaves well. */
export interface Behaviour {
  /** What it says of itself in its answers. */
  readonly says?: string;
  /** Runs before it listens: `process.exit(7)`, say. */
  readonly first?: string;
  /** It listens once this file is there. */
  readonly listensOnce?: string;
  /** The status that `/healthz` answers, as an expression. */
  readonly health?: string;
  /** It does not end when it is told to. */
  readonly ignoresSigterm?: boolean;
}

/** A service in 30 lines of plain Node that tells who it is; `?wait=300` makes it take its time. */
export function tinyService({
  says = "hello",
  first = "",
  listensOnce,
  health = "200",
  ignoresSigterm = false,
}: Behaviour = {}): string {
  return `import { createServer } from "node:http";
import { existsSync } from "node:fs";

const { PORT, HOST, FAIRWAY_RELEASE, GIT_SHA, FAIRWAY_ENVIRONMENT, FAIRWAY_SERVICE, FAIRWAY_REPLICA } = process.env;
${first}
const about = () => ({
  says: ${JSON.stringify(says)}, pid: process.pid, port: PORT, release: FAIRWAY_RELEASE, sha: GIT_SHA,
  environment: FAIRWAY_ENVIRONMENT, service: FAIRWAY_SERVICE, replica: FAIRWAY_REPLICA,
});
const server = createServer((request, response) => {
  const url = new URL(request.url, "http://service");
  if (url.pathname === "/healthz") return void response.writeHead(${health}).end("well?");
  const answer = () => response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(about()));
  setTimeout(answer, Number(url.searchParams.get("wait") ?? 0));
});
const listen = () => server.listen(Number(PORT), HOST, () => console.log("listening"));
const gate = ${JSON.stringify(listensOnce ?? null)};
const look = () => (gate === null || existsSync(gate) ? listen() : setTimeout(look, 20));
look();
process.on("SIGTERM", () => { ${ignoresSigterm ? 'console.log("not now")' : "server.close(); server.closeIdleConnections()"} });
`;
}

/** A service's configuration with times that fit a test. */
export const tinyConfig = (over: ServiceConfig = {}): ServiceConfig => ({
  path: "web",
  run: "node server.mjs",
  health: { path: "/healthz", startWithin: "10s", interval: "200ms" },
  stop: { drain: "5s", grace: "2s" },
  ...over,
});

/** Staging (`web.staging.localhost`) that takes every release, and production (`web.localhost`) behind one approval. */
export const twoEnvironments = (
  staging: EnvironmentConfig = {},
  production: EnvironmentConfig = {},
): Readonly<Record<string, EnvironmentConfig>> => ({
  staging: { deploys: "automatically", services: { web: { replicas: 1 } }, ...staging },
  production: {
    promotesFrom: "staging",
    approvals: 1,
    services: { web: { routes: [{ host: "web.localhost" }] } },
    ...production,
  },
});

/** Staging alone, for stories that need no second place. */
export const stagingOnly = (over: EnvironmentConfig = {}): Readonly<Record<string, EnvironmentConfig>> => ({
  staging: { deploys: "automatically", ...over },
});

/** The files of a project with one service, `web`. */
export function webProject(
  behaviour: Behaviour = {},
  {
    service = {},
    environments = stagingOnly(),
  }: { readonly service?: ServiceConfig; readonly environments?: ProjectConfig["environments"] } = {},
): Files {
  return {
    "web/server.mjs": tinyService(behaviour),
    ...configFile({ name: "story", services: { web: tinyConfig(service) }, ...(environments ? { environments } : {}) }),
  };
}

import { expect, onTestFinished, test } from "vitest";
import fc from "fast-check";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { detectProject } from "../detect.ts";
import type { DetectedProject } from "../detected.ts";
import { initialiseProject } from "../init.ts";
import { loadProject } from "../load.ts";
import { formatProblems } from "../problems.ts";
import { renderConfig } from "../render-config.ts";
import { testRepository } from "../test-repository.ts";
import { interpolate } from "./interpolate.ts";
import { looksSecret } from "./looks-secret.ts";
import { readCompose } from "./read-compose.ts";

/** What is proposed for these files; written down it must load without problems. */
async function proposed(files: Readonly<Record<string, string>>): Promise<DetectedProject> {
  const root = testRepository(files, onTestFinished);
  const read = readCompose(root);
  if (read?.ok !== true) throw new Error(read === null ? "no compose file" : formatProblems(read.problems));
  const detected = detectProject(root, read.compose);
  const whole = { ...files, "fairway.yaml": renderConfig(detected, "yaml") };
  const loaded = await loadProject(testRepository(whole, onTestFinished));
  expect(loaded.ok ? "" : formatProblems(loaded.problems)).toBe("");
  return detected;
}
const configsOf = ({ services }: DetectedProject): unknown =>
  Object.fromEntries(services.map(({ name, config }) => [name, config]));
const left = ({ notCarried }: DetectedProject): readonly string[] =>
  notCarried.map(({ file, line, column, what, why }) => `${file}:${line}:${column} ${what}: ${why}`);
const problemsOf = (files: Readonly<Record<string, string>>): string => {
  const read = readCompose(testRepository(files, onTestFinished));
  return read?.ok === false ? formatProblems(read.problems) : "";
};

const shop = `name: The_Shop
services:
  web:
    build: ./web
    ports: ["8080:3000"]
    depends_on: [api]
    environment:
      API_BASE: http://api:4000
      NODE_ENV: production
    restart: unless-stopped
  api:
    build: { context: api, dockerfile: Containerfile, args: { NODE_VERSION: "22", NPM_TOKEN: x } }
    command: node server.js --verbose
    ports: ["127.0.0.1:4000:4000/tcp", "9229:9229"]
    env_file: [api/.env.defaults, .env]
    environment:
      - DATABASE_URL=postgres://shop:shop@db:5432/shop
      - REDIS_URL=redis://cache:6379/0
      - SESSION_SECRET=\${SESSION_SECRET:-changeme}
      - LOG_LEVEL=\${LOG_LEVEL:-info}
      - REGION=\${REGION}
      - PORT=4000
    healthcheck:
      test: ["CMD", "curl", "-f", "http://localhost:4000/healthz"]
      interval: 1m30s
      timeout: 3s
      start_period: 20s
      retries: 3
    depends_on:
      db: { condition: service_healthy }
      cache: { condition: service_started }
    deploy:
      replicas: 3
      resources: { limits: { cpus: "0.50", memory: 512M } }
    volumes: [uploads:/srv/uploads]
    stop_grace_period: 20s
  db:
    image: postgres:17-alpine
    volumes: [data:/var/lib/postgresql/data]
  cache:
    image: redis:8
volumes: { data: {}, uploads: {} }
`;

test("a shop with its own services, PostgreSQL and Redis", async () => {
  const detected = await proposed({
    "compose.yaml": shop,
    "web/Dockerfile": 'FROM node:22\nCMD ["npm", "start"]\n',
    "api/Containerfile": "FROM node:22\n",
    "api/.env.defaults": "# usual\nPAGE_SIZE=20\nexport STRIPE_KEY='sk_live_1'\n",
    "api/package.json": '{"name":"shop-api","scripts":{"test":"node --test","start":"node server.js"}}',
  });
  expect(detected.name).toBe("the-shop");
  expect(configsOf(detected)).toEqual({
    web: {
      path: "web",
      dependsOn: ["api"],
      container: { port: 3000 },
      health: "/",
      env: { NODE_ENV: "production" },
    },
    api: {
      path: "api",
      run: ["node", "server.js", "--verbose"],
      container: { dockerfile: "Containerfile", args: { NODE_VERSION: "22" }, port: 4000 },
      checks: { test: { command: "node --test", report: "node-test" } },
      health: { path: "/healthz", interval: "90s", timeout: "3s", startWithin: "20s" },
      stop: { grace: "20s" },
      replicas: 3,
      limits: { memory: "512MiB", cpus: 0.5 },
      env: {
        PAGE_SIZE: "20",
        STRIPE_KEY: { secret: "STRIPE_KEY" },
        REDIS_URL: { secret: "REDIS_URL" },
        SESSION_SECRET: { secret: "SESSION_SECRET" },
        LOG_LEVEL: "info",
      },
      database: true,
    },
  });
  expect(left(detected)).toEqual([
    "compose.yaml:5:13 services.web.ports.0: port 8080 of the machine is not taken: the router answers at http://web.production.localhost",
    "compose.yaml:8:7 services.web.environment.API_BASE: api is reached at API_URL, which dependsOn gives",
    "compose.yaml:10:5 services.web.restart: a replica that dies is replaced",
    "compose.yaml:12:55 services.api.build.args: the argument NPM_TOKEN looks secret, and arguments can be read in the image",
    "compose.yaml:14:13 services.api.ports.0: port 4000 of the machine is not taken: the router answers at http://api.production.localhost",
    "compose.yaml:14:40 services.api.ports.1: a service has one port, and that is 4000",
    "compose.yaml:15:35 services.api.env_file.1: .env is not here: name what it holds in env, secrets as { secret: NAME }",
    "compose.yaml:16:5 services.api.environment: DATABASE_URL: database: true gives the whole address as DATABASE_URL",
    "compose.yaml:16:5 services.api.environment: REGION: REGION has no default: write a value, or { secret: NAME }",
    "compose.yaml:16:5 services.api.environment: PORT: Fairway gives every replica its own port",
    "compose.yaml:35:15 services.api.volumes.0: uploads would be gone with its replica: data belongs into a database; a little may go to FAIRWAY_STATE_DIRECTORY",
    "compose.yaml:37:3 services.db: Fairway has PostgreSQL: database: true gives api one of its own in each environment, as DATABASE_URL",
    "compose.yaml:40:3 services.cache: keeps data (Redis), and is not deployed with each commit: run it beside, and give api its address",
    "compose.yaml:42:1 volumes: replicas have no volumes: data belongs into a database or an object storage",
  ]);
  expect(detected.services.find(({ name }) => name === "api")?.unsure).toContain(
    "REDIS_URL names cache, which only the network of compose knows: give its real address as the secret REDIS_URL",
  );
});

test("an override is laid over the file, as compose does", async () => {
  const detected = await proposed({
    "docker-compose.yml":
      'version: "3.8"\nservices:\n  app:\n    build: .\n    environment: { A: "1", B: "1" }\n    expose: ["8000"]\n    command: [serve]\n  dev:\n    build: .\n    profiles: [tools]\n',
    "docker-compose.override.yml":
      "services:\n  app:\n    environment: [B=2]\n    command: serve --fast\n    privileged: true\n    networks: [front]\n    volumes:\n      - ./:/app\n",
    Dockerfile: 'FROM python:3.13\nENTRYPOINT ["python"]\n',
  });
  expect(configsOf(detected)).toEqual({
    app: { path: ".", run: ["serve", "--fast"], container: { port: 8000 }, health: "/", env: { A: "1", B: "2" } },
  });
  expect(left(detected)).toEqual([
    "docker-compose.yml:8:3 services.dev: runs only with the profile tools, so it is left out",
    "docker-compose.override.yml:5:5 services.app.privileged: nothing runs with the machine's own rights",
    "docker-compose.override.yml:6:5 services.app.networks: services reach each other through the router, by the addresses that dependsOn gives",
    "docker-compose.override.yml:8:9 services.app.volumes.0: ./ of the machine is not mounted: what the service reads goes into its image",
  ]);
  expect(detected.services[0]?.unsure).toContain(
    "the image has an ENTRYPOINT, which compose puts in front of this command and Fairway does not",
  );
});

test("images are taken by their digest alone, and what cannot be built here is said", async () => {
  const digest = `sha256:${"a".repeat(64)}`;
  const detected = await proposed({
    "compose.yml": `
x-common: &common
  deploy: { update_config: { parallelism: 1 }, replicas: 2 }
services:
  Search_Engine:
    <<: *common
    image: registry.example.com/search@${digest}
    entrypoint: /bin/search
    command: ["--port", "7700"]
    ports: [{ target: 7700, published: "80", protocol: tcp }, "5000-5010:5000-5010", "53:53/udp"]
    mem_limit: 1g
    cpus: 1.5
    healthcheck: { test: "pg_isready -U x" }
  proxy:
    image: nginx:1.29
    labels: [a=b]
  far:
    build: https://github.com/example/far.git
  worker:
    build: { context: worker, target: production }
    command: sh -c "sleep 1 && work"
    cap_add: [SYS_ADMIN]
    environment: [HOME_PAGE]
networks: { front: {} }
`,
    "worker/Dockerfile": "FROM alpine\nEXPOSE 9000\n",
  });
  expect(configsOf(detected)).toEqual({
    "search-engine": {
      path: ".",
      run: ["/bin/search", "--port", "7700"],
      container: { image: `registry.example.com/search@${digest}`, port: 7700 },
      health: "/",
      replicas: 2,
      limits: { memory: "1024MiB", cpus: 1.5 },
    },
    worker: { path: "worker", run: ["sh", "-c", "sleep 1 && work"], container: { port: 9000 }, health: "/" },
  });
  const told = left(detected).join("\n");
  for (const [place, why] of [
    ["compose.yml:3:13 services.Search_Engine.deploy.update_config", "see strategy"],
    ["compose.yml:10:63 services.Search_Engine.ports.1", "is no single port"],
    ["services.Search_Engine.ports.2", "is UDP"],
    ["services.Search_Engine.healthcheck", "is a command (pg_isready -U x), and replicas are asked over HTTP"],
    ["services.proxy", "runs nginx:1.29, a name that may mean other bytes tomorrow"],
    ["services.far", "is built from https://github.com/example/far.git, which is not in this repository"],
    ["services.worker.build.target", "target has no counterpart"],
    ["services.worker.cap_add", "nothing gets more rights"],
    ["services.worker.environment", "HOME_PAGE: comes from your shell"],
    ["networks", "services reach each other"],
  ] as const) {
    expect(told).toContain(place);
    expect(told).toContain(why);
  }
});

test("a bad compose file is told by file, line and column, with the fix", () => {
  expect(problemsOf({ "compose.yaml": "services:\n  web:\n    image: x\n   bad: y\n" })).toMatch(
    /^compose\.yaml:\d+:\d+ not valid YAML/u,
  );
  expect(
    problemsOf({
      "compose.yaml":
        "services:\n  web:\n    bild: .\n    ports: 8080\n    depends_on: [dbb]\n    environment: { A: [1] }\n    command: ${CMD\n  db:\n    image: ${IMAGE:-postgres}:${TAG!}\n  other: text\n",
    }),
  ).toBe(`compose.yaml:3:5 compose has no key "bild"
    did you mean "build"?
compose.yaml:4:12 ports must be a list
    for instance ["8080:3000"]
compose.yaml:6:18 environment must be an object of names and values, or a list of NAME=value
    for instance { LOG_LEVEL: info }
compose.yaml:7:14 "\${CMD" has a \${ that is not closed
    write \${CMD}
compose.yaml:9:12 "\${IMAGE:-postgres}:\${TAG!}" has "!" after TAG
    write \${TAG} or \${TAG:-default}
compose.yaml:10:10 the service other must be an object, with image or build`);
  expect(
    problemsOf({ "compose.yaml": "services:\n  web:\n    build: .\n    depends_on: [dbb]\n  db:\n    image: x\n" }),
  ).toBe('compose.yaml:4:5 depends_on of web names dbb, and there is no such service\n    did you mean "db"?');
  expect(problemsOf({ "compose.yaml": "services: {}\n" })).toContain("compose.yaml:1:1 there are no services");
  expect(problemsOf({ "compose.yaml": "- a\n" })).toContain("compose.yaml:1:1 a compose file is an object");
  expect(problemsOf({ "compose.yaml": "x-a: &a [*a, *a]\nservices: { x: { image: y } }\n" })).toMatch(
    /^compose\.yaml:1:\d+ an alias/u,
  );
});

test("init writes nothing for a bad compose file, and leaves it aside when told to", () => {
  const root = testRepository(
    { "compose.yaml": "services: 1\n", "package.json": '{"scripts":{"start":"node x.js"}}' },
    onTestFinished,
  );
  expect(() => initialiseProject(root)).toThrow(
    expect.objectContaining({
      code: "config_invalid",
      problems: ["compose.yaml:1:11 services must be an object of services"],
    }),
  );
  expect(existsSync(join(root, "fairway.yaml"))).toBe(false);
  expect(initialiseProject(root, { compose: false }).file).toBe("fairway.yaml");
});

test("variables are replaced by their defaults, as on a machine that sets none", () => {
  const text = (written: string): unknown => interpolate(written);
  expect(text("a-$$-${B:-c}-${D-e}-${F:+g}-$H-${I}")).toEqual({ text: "a-$-c-e---", unset: ["H", "I"] });
  expect(text("${A:-${B:-deep}}")).toEqual({ text: "deep", unset: [] });
  expect(text("${A:?needed}")).toEqual({ text: "", unset: ["A"] });
  expect(text("cost: $5")).toMatchObject({ fix: "write $$ for a dollar sign" });
});

test("every text has an answer, and one whose dollar signs are doubled comes back as it was", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom("$", "{", "}", ":", "-", "?", "A", "b", " ") }), (written) => {
      const answer = interpolate(written);
      expect("text" in answer || answer.problem !== "").toBe(true);
      expect(interpolate(written.replaceAll("$", "$$$$"))).toEqual({ text: written, unset: [] });
    }),
    { numRuns: 200 },
  );
});

test("what looks secret is one, by its name or by what it is", () => {
  for (const [name, value] of [
    ["DB_PASSWORD", "x"],
    ["STRIPE_KEY", ""],
    ["githubToken", "x"],
    ["URL", "https://me:pass@example.com/"],
    ["ANYTHING", "ghp_0123456789abcdef"],
  ] as const)
    expect([name, looksSecret(name, value)]).toEqual([name, true]);
  for (const [name, value] of [
    ["LOG_LEVEL", "info"],
    ["PUBLIC_KEY", "abc"],
    ["KEYBOARD", "de"],
    ["API_URL", "https://example.com"],
  ] as const)
    expect([name, looksSecret(name, value)]).toEqual([name, false]);
});

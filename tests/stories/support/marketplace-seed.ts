import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ChainConfig, ForgeConfig, ProjectConfig, ServiceConfig } from "@fairway/config";
import { containerBase } from "../../../tools/container-base.mjs";
import { databaseProject } from "./database-service.ts";
import type { Files } from "./git-project.ts";
import { configFile } from "./git-project.ts";
import { market } from "./safe-owners.ts";
import { tinyConfig, tinyService } from "./tiny-service.ts";

/** What a commit of the product is like. */
export interface Version {
  readonly says: string;
  /** What the infrastructure of the commit is; with "slow" in its name it waits for a file. */
  readonly wanted: string;
  readonly migrations: Readonly<Record<string, string>>;
  /** Which build of the contracts it has. */
  readonly contracts: "first" | "second";
  /** It greets people in production with what nobody wants to read. */
  readonly isBad?: boolean;
}

/** What is around the product. */
export interface Around {
  /** What it changes outside lies there. */
  readonly place: string;
  /** The minute and hour at which the night's tests are due. */
  readonly cron: string;
  readonly forge: ForgeConfig;
  /** Whether its infrastructure is of Terraform; else of a command. */
  readonly hasTerraform: boolean;
  /** Where the gateway's image goes; without it the product has none. */
  readonly registry?: ProjectConfig["registry"];
  /** Whose contracts production has; without them it has none. */
  readonly owners?:
    | Readonly<{ chain: ChainConfig; builds: Readonly<Record<Version["contracts"], string>> }>
    | undefined;
}

/**
 * An inference service whose jobs go on after they were asked for; a line of a file tells when one began, and when it has
 * ended. It says how many are open, so that it is not ended in the middle of one.
 */
const inference = (says: string, jobs: string): string => `import { createServer } from "node:http";
import { appendFileSync } from "node:fs";

// ${says}
const { PORT, HOST, FAIRWAY_RELEASE } = process.env;
let open = 0;
const note = (word) => appendFileSync(${JSON.stringify(jobs)}, word + " " + FAIRWAY_RELEASE + " " + process.pid + "\\n");
const server = createServer((request, response) => {
  const url = new URL(request.url, "http://service");
  if (url.pathname === "/jobs") {
    open++;
    note("began");
    setTimeout(() => { open--; note("ended"); }, Number(url.searchParams.get("ms")));
  }
  response.writeHead(200, { "Fairway-Busy": String(open) }).end(JSON.stringify({ release: FAIRWAY_RELEASE, open }));
});
server.listen(Number(PORT), HOST);
process.on("SIGTERM", () => { note("told to end"); process.exit(0); });
`;

/** What the page asks whether its users see their notes: the flag `notes`, and no where there is none or nobody answers. */
const askFlag = `const { OFREP_ENDPOINT, OFREP_HEADERS = "" } = process.env;
const [header, value] = OFREP_HEADERS.split(/=(.*)/s);
async function showsNotes() {
  if (OFREP_ENDPOINT === undefined) return false;
  const body = JSON.stringify({ context: { targetingKey: "ana" } });
  const asked = { method: "POST", headers: { [header]: value }, body };
  const answer = await fetch(OFREP_ENDPOINT + "/ofrep/v1/evaluate/flags/notes", asked).catch(() => null);
  return answer?.ok === true && (await answer.json()).value === true;
}
`;

/** A stack that is changed by a command: the world is a file for each environment. */
const commands = (place: string): string => `import { existsSync, readFileSync, writeFileSync } from "node:fs";
const wanted = readFileSync("wanted", "utf8");
const world = ${JSON.stringify(join(place, "world."))} + process.env.FAIRWAY_ENVIRONMENT;
const there = existsSync(world) ? readFileSync(world, "utf8") : "";
if (process.argv[2] === "plan") {
  console.log((there || "nothing") + " becomes " + wanted);
  process.exit(wanted === there ? 0 : 2);
}
writeFileSync(world, wanted);
`;

/** The same for Terraform, which needs no provider for it: the world is its state. */
const terraform = (wanted: string): string => `resource "terraform_data" "size" {
  input = ${JSON.stringify(wanted)}
}
output "size" {
  value = terraform_data.size.output
}
`;

/** How large the infrastructure of an environment is. */
export async function sizeOf({ place, hasTerraform }: Around, data: string, environment: string): Promise<string> {
  if (!hasTerraform) return readFile(join(place, `world.${environment}`), "utf8");
  const state = await readFile(join(data, "infrastructure", environment, "cloud/terraform.tfstate"), "utf8");
  return (JSON.parse(state) as { readonly outputs: { readonly size: { readonly value: string } } }).outputs.size.value;
}

const dockerfile = `ARG BASE
FROM \${BASE}
COPY server.mjs /srv/
WORKDIR /srv
CMD ["node", "server.mjs"]
`;

/** What is in front of the others, in an image of its own. */
const gateway: ServiceConfig = {
  ...tinyConfig({ path: "gateway", health: { path: "/healthz", startWithin: "1m", interval: "200ms" } }),
  build: { inputs: ["gateway"] },
  container: { args: { BASE: containerBase() } },
};

/** A request of the collection with what its answer must hold. */
const asked = (name: string, url: string, says: string): object => ({
  ...{ name, request: url },
  event: [{ listen: "test", script: { exec: [`pm.test('${name} answers', () => ${says})`] } }],
});
const collection = (hasGateway: boolean): string =>
  JSON.stringify({
    info: { name: "Market", schema: "https://schema.getpostman.com/json/collection/v2.1.0/collection.json" },
    item: [
      asked("Front", "{{WEB_URL}}/", "pm.expect(pm.response.json().columns).to.include('id')"),
      ...(hasGateway
        ? [asked("Gateway", "{{GATEWAY_URL}}/", "pm.expect(pm.response.json().says).to.eql('gateway')")]
        : []),
    ],
  });

const config = ({ cron, forge, registry, owners, hasTerraform }: Around): ProjectConfig => ({
  ...(registry === undefined ? {} : { registry }),
  name: "marketplace",
  services: {
    inference: tinyConfig({
      path: "inference",
      checks: { lint: "node --check server.mjs" },
      strategy: { "blue-green": { bake: "0s" } },
      stop: { drain: "30s", grace: "2s" },
    }),
    web: tinyConfig({
      database: true,
      migrations: "db",
      dependsOn: ["inference"],
      checks: { lint: "node --check server.mjs", test: 'node -e "console.log(1)"' },
      strategy: { rolling: { minimumHealthyPercent: 50, maximumPercent: 200 } },
    }),
    ...(registry === undefined ? {} : { gateway }),
    ...(owners === undefined ? {} : { market }),
  },
  infrastructure: {
    cloud: {
      folder: "cloud",
      ...(hasTerraform ? {} : { program: { plan: "node do.mjs plan", apply: "node do.mjs apply" } }),
      preventDestroy: false,
    },
  },
  environments: {
    staging: {
      deploys: "on-request",
      services: { web: { replicas: 1 }, inference: { replicas: 1 } },
      verify: {
        runs: { smoke: { path: "/", services: ["web", ...(registry === undefined ? [] : ["gateway"])] } },
        market: { collection: "tests/market.json" },
      },
    },
    production: {
      promotesFrom: "staging",
      deploys: "on-request",
      approvals: 2,
      onlyFrom: { tags: "v*", branch: "main" },
      bake: "1s",
      verify: {
        runs: { smoke: { path: "/", services: ["web", ...(registry === undefined ? [] : ["gateway"])] } },
        market: { collection: "tests/market.json" },
      },
      synthetics: { shopping: { journey: "tests/shopping.yaml" } },
      services: {
        web: { replicas: 2, routes: [{ host: "shop.localhost" }] },
        inference: { replicas: 1, routes: [] },
        ...(owners === undefined ? {} : { market: { chain: owners.chain } }),
      },
    },
  },
  previews: { most: 2, front: "web" },
  forge,
  triggers: {
    staging: { on: { push: { branches: "main" } }, deploy: "staging" },
    production: { on: { tag: "v*" }, deploy: "production" },
    plans: { on: { pullRequest: { paths: "cloud/**" } }, plan: "staging" },
    nightly: { on: { schedule: { cron } }, verify: "staging" },
  },
});

/** The files of a commit of the product. */
export function marketplace(around: Around, { says, wanted, migrations, contracts, isBad = false }: Version): Files {
  const { place, registry, owners, hasTerraform } = around;
  const files = databaseProject("select 1 from orders limit 1", migrations);
  const greeting = isBad
    ? `process.env.FAIRWAY_ENVIRONMENT === "production" ? "nonsense" : ${JSON.stringify(says)}`
    : JSON.stringify(says);
  return {
    ...files,
    "web/server.mjs":
      (files["web/server.mjs"] ?? "").replace(
        'says: "hello"',
        `sha: process.env.GIT_SHA, notes: await showsNotes(), says: ${greeting}`,
      ) + askFlag,
    "inference/server.mjs": inference(says, join(place, "jobs")),
    ...(hasTerraform
      ? { "cloud/main.tf": terraform(wanted) }
      : { "cloud/do.mjs": commands(place), "cloud/wanted": wanted }),
    ...(registry === undefined
      ? {}
      : { "gateway/server.mjs": tinyService({ says: "gateway" }), "gateway/Dockerfile": dockerfile }),
    ...(owners === undefined ? {} : { "market/build-info/market.json": owners.builds[contracts] }),
    "tests/market.json": collection(registry !== undefined),
    "tests/shopping.yaml": `steps:\n  - { name: open, get: '{{WEB_URL}}/', expect: { json: { says: ${says} } } }\n`,
    ...configFile(config(around)),
  };
}

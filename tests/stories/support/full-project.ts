import { cp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { FiringShape, Run } from "@fairway/api";
import { messageOf } from "@fairway/core";
import type { Fairway } from "./fairway-under-test.ts";
import { by, openFairway } from "./fairway-under-test.ts";
import { configFile } from "./git-project.ts";
import { until } from "./leak-guard.ts";
import { tinyConfig, tinyService, twoEnvironments } from "./tiny-service.ts";
import { assertEnded } from "./watch-run.ts";

/** A name that is markup, and as long as such names get. */
const subject = '<img src=x onerror="window.hostile=1"> & "the first"';
const passwords = { [by]: "four words of ada's", vera: "four words of vera's" } as const;

/** Who there is in a full project: an administrator, and somebody who may only look. */
export type PersonThere = keyof typeof passwords;

/** What somebody who is there shows to come in. */
export const passwordOf = (person: PersonThere): string => passwords[person];

const example = join(import.meta.dirname, "../../../examples/blockbuilders");
/** Its duties, and what they speak of. */
const parts = ["ops", "apps/web/app", "infrastructure", ".github", "README.md"];

/**
 * A daemon whose project has something to show on every page, the duties of blockbuilders among it. Everybody logs in. Its
 * notices reach nobody.
 */
export async function openFullProject(): Promise<Fairway> {
  const fairway = await openFairway({});
  try {
    await fill(fairway);
    return fairway;
  } catch (thrown) {
    await fairway.end().catch((left: unknown) => {
      throw new Error(messageOf(left), { cause: thrown });
    });
    throw thrown;
  }
}

/** What is wanted is in the commit; the world is a file outside. */
const cloud = (world: string): string => `import { existsSync, readFileSync, writeFileSync } from "node:fs";
const wanted = readFileSync("wanted", "utf8");
const world = ${JSON.stringify(world)} + process.env.FAIRWAY_ENVIRONMENT;
const there = existsSync(world) ? readFileSync(world, "utf8") : "nothing";
if (process.argv[2] === "plan") console.log(there + " becomes " + wanted);
else writeFileSync(world, wanted);
process.exitCode = process.argv[2] === "plan" && wanted !== there ? 2 : 0;
`;

async function fill(fairway: Fairway): Promise<void> {
  const { project, client } = fairway;
  for (const part of parts) await cp(join(example, part), join(project.path, part), { recursive: true });
  const freezes = [{ because: "The last accounts of the century", from: "2099-12-22", to: "2100-01-04" }];
  const first = await fairway.ship(subject, {
    "web/server.mjs": tinyService(),
    ...configFile({
      name: "story",
      services: {
        web: tinyConfig({
          checks: { noise: 'node -e "console.log(process.version)"' },
          database: true,
          migrations: "db",
        }),
      },
      infrastructure: {
        cloud: {
          folder: "cloud",
          program: { plan: "node do.mjs plan", apply: "node do.mjs apply" },
          preventDestroy: false,
        },
      },
      environments: twoEnvironments(
        { verify: { runs: { smoke: { path: "/" } } }, synthetics: { front: { journey: "tests/front.yaml" } } },
        { freezes },
      ),
      triggers: { nightly: { on: { schedule: { cron: "0 2 * * *" }, manual: true }, verify: "staging" } },
      previews: { most: 2 },
      notices: {
        // Where nothing listens.
        team: {
          email: { server: "smtp://127.0.0.1:1", from: "fairway@example.com", to: ["team@example.com"] },
          about: ["quarantine.set"],
        },
      },
    }),
    "web/db/001_orders.sql": "create table orders (name text primary key);\n",
    "cloud/do.mjs": cloud(join(fairway.place, "world-")),
    "cloud/wanted": "a bucket",
    "tests/front.yaml": "steps:\n  - { name: open, get: '{{WEB_URL}}/', expect: { json: { says: hello } } }\n",
  });
  assertEnded(first, "succeeded");
  const failed = await fairway.ship("web: break it", { "web/server.mjs": tinyService({ first: "process.exit(7);" }) });
  assertEnded(failed, "failed");
  const toProduction = async (): Promise<Run> =>
    fairway.settled(await client.call("deploy", { environment: "production", release: "r1", by }));
  // Once that it goes there, once what its infrastructure becomes.
  assertEnded(await fairway.approve(await fairway.approve(await toProduction())), "succeeded");
  // What waits for an answer.
  await toProduction();
  await writeFile(join(fairway.place, "world-production"), "another bucket");
  await fairway.settled(await client.call("lookForDrift", { environment: "production", by }));
  const { problems } = await client.call("readDuties", { by });
  if (problems.length > 0) throw new Error(problems.join("; "));
  await firedOnce(fairway, "nightly");
  await client.call("takeBackup", { of: "fairway" });
  await reviewed(fairway);
  const { number } = await client.call("openIncident", {
    ...{ by, title: subject, impact: "degraded", release: "r1", environment: "staging" },
  });
  await client.call("noteIncident", { by, number, text: subject });
  await client.call("followUpIncident", { by, number, what: subject, owner: by, due: "2099-12-01" });
  await client.call("setFlag", { environment: "staging", flag: "new-basket", by, reason: "to begin with" });
  await client.call("setSecret", { name: "WORDS", environment: "staging", value: "hello", by });
  await client.call("lock", { environment: "staging", by, reason: subject });
  await client.call("openPreview", { ref: "HEAD~1", by });
  await client.call("addPerson", { name: by, password: passwordOf(by), role: "admin" });
  fairway.actAs((await client.call("login", { name: by, password: passwordOf(by) })).token);
  await fairway.client.call("createToken", { name: "nightly" });
  await client.call("addPerson", { name: "vera", password: passwordOf("vera"), role: "viewer" });
}

/** Fires a trigger by hand, and waits until what it started has ended. */
async function firedOnce({ client, settled }: Fairway, trigger: string): Promise<void> {
  const { number } = await client.call("fireTrigger", { trigger, inputs: {}, key: null, by });
  const decided = (): Promise<FiringShape> => client.call("firing", { firing: number });
  await until(async () => (await decided()).state !== "pending", `${trigger} is decided`, 60_000);
  const firing = await decided();
  if (firing.run === null) throw new Error(`${trigger} ${firing.state}: ${firing.why}`);
  assertEnded(await settled({ id: firing.run }), "succeeded");
}

/** Begins to look at who has access to what: one is kept, of another it is still to be said. */
async function reviewed({ client }: Fairway): Promise<void> {
  const listed = { kind: "user" as const, access: ["AdministratorAccess", subject], lastUsed: null };
  const { number } = await client.call("openAccessReview", {
    ...{ by, duty: "credential/aws-core@production:access-review", system: "aws production" },
    principals: [
      { principal: "deployer", ...listed, concerns: [] },
      { principal: subject, ...listed, concerns: ["it has a password and no second factor"] },
    ],
  });
  await client.call("decideAccess", { number, by, principal: "deployer", choice: "keep", because: "it deploys" });
}

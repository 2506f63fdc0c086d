import { cp } from "node:fs/promises";
import { join } from "node:path";
import { messageOf } from "@fairway/core";
import type { Fairway } from "./fairway-under-test.ts";
import { by, openFairway } from "./fairway-under-test.ts";
import { configFile } from "./git-project.ts";
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

/** A daemon whose project has something to show on every page, the duties of blockbuilders among it. Everybody logs in. */
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

async function fill(fairway: Fairway): Promise<void> {
  const { project, client } = fairway;
  for (const part of parts) await cp(join(example, part), join(project.path, part), { recursive: true });
  const freezes = [{ because: "The last accounts of the century", from: "2099-12-22", to: "2100-01-04" }];
  const first = await fairway.ship(subject, {
    "web/server.mjs": tinyService(),
    ...configFile({
      name: "story",
      services: { web: tinyConfig({ checks: { noise: 'node -e "console.log(process.version)"' } }) },
      environments: twoEnvironments(
        { verify: { runs: { smoke: { path: "/" } } }, synthetics: { front: { journey: "tests/front.yaml" } } },
        { freezes },
      ),
      triggers: { nightly: { on: { schedule: { cron: "0 2 * * *" }, manual: true }, verify: "staging" } },
      previews: { most: 2 },
    }),
    "tests/front.yaml": "steps:\n  - { name: open, get: '{{WEB_URL}}/', expect: { json: { says: hello } } }\n",
  });
  assertEnded(first, "succeeded");
  const failed = await fairway.ship("web: break it", { "web/server.mjs": tinyService({ first: "process.exit(7);" }) });
  assertEnded(failed, "failed");
  // What waits for an answer.
  const asked = await client.call("deploy", { environment: "production", release: "r1", by });
  await fairway.runUntil(asked, ({ approval }) => approval !== null);
  const { problems } = await client.call("readDuties", { by });
  if (problems.length > 0) throw new Error(problems.join("; "));
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
  await client.call("addPerson", { name: "vera", password: passwordOf("vera"), role: "viewer" });
}

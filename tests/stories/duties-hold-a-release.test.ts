import { afterAll, beforeAll, expect, test } from "vitest";
import type { Said } from "./support/command-line.ts";
import { commandLineWith } from "./support/command-line.ts";
import type { Fairway } from "./support/fairway-under-test.ts";
import { by, openFairway } from "./support/fairway-under-test.ts";
import { configFile } from "./support/git-project.ts";
import { refusal } from "./support/refusal.ts";
import { tinyConfig, tinyService } from "./support/tiny-service.ts";

// The tests of this file tell one story, in their order: production takes a release when its drill and its notice are on
// record.

let fairway: Fairway;
const people = "roles:\n  lead:\n    people: [{ name: ada }]\n  cto:\n    people: [{ name: toni }]\n";
const duties = `duties:
  drill/database:
    title: Restore the database
    owner: lead
    environment: production
    every: P1M
    from: 2099-01-31
    task: Backup validation & DR drills
    automation: Scheduled restore jobs
  "notice:release":
    title: Support knows of it
    owner: lead
    environment: production
    for: release
    task: Customer support & incident comms
`;
const gates = `gates:
  - environment: production
    require: [drill/*, "notice:release"]
    owner: cto
waivers: { approvers: [cto] }
`;
const playbook = `---
id: hand-over
title: Hand over
owner: lead
reviewed: 2026-11-02
review_every: P99Y
escalation: [cto]
---

\`\`\`sh step=look idempotent
echo looked
\`\`\`

\`\`\`sh step=hand approval
echo handed over in $FAIRWAY_ENVIRONMENT
\`\`\`
`;
const say = (name: string, ...words: readonly string[]): Promise<Said> =>
  commandLineWith({ input: "", env: { FAIRWAY_USER: name } }, fairway.project.path, fairway.data, ...words);

beforeAll(async () => {
  const services = { web: { routes: [{ host: "web.localhost" }] } };
  fairway = await openFairway({
    "web/server.mjs": tinyService(),
    "ops/people.yaml": people,
    "ops/duties.yaml": duties,
    "ops/gates.yaml": gates,
    "ops/playbooks/hand-over.md": playbook,
    ...configFile({
      name: "story",
      services: { web: tinyConfig() },
      environments: {
        staging: { deploys: "automatically", services: {} },
        production: { promotesFrom: "staging", approvals: 1, services },
      },
    }),
  });
  await fairway.release();
  await fairway.client.call("readDuties", { by });
});
afterAll(() => fairway?.end());

test("production says in a sentence why it takes no release, and takes none", async () => {
  const { code, out } = await say("ada", "readiness", "production", "--release", "r1");
  expect([code, out.split("\n")[0]]).toEqual([
    1,
    expect.stringMatching(/^Production cannot take r1: drill\/database – /),
  ]);
  const refused = await refusal(
    fairway.client.call("deploy", { environment: "production", release: null, promote: true, by }),
  );
  expect(refused).toMatchObject({ code: "not_allowed_now", message: expect.stringContaining("notice:release") });
});

test("what was asked for while all was well is stopped before its first effect when it is not any more", async () => {
  await say("ada", "duties", "attest", "drill/database", "--fact", "rto_seconds=412", "--note", "restored and booted");
  await say("ada", "duties", "attest", "notice:release", "--release", "r1");
  expect((await say("ada", "readiness", "production", "--release", "r1")).out).toContain("Production can take r1.");
  const waiting = await fairway.promote("production");
  await say("ada", "duties", "attest", "drill/database", "--outcome", "failed", "--note", "it does not boot");
  const stopped = await fairway.approve(waiting);
  expect(stopped.state).toBe("failed");
  const reasons = stopped.jobs.map(({ reason }) => reason ?? "").join("\n");
  expect(reasons).toContain("drill/database – failed");
});

test("a waiver by somebody else lets it through, is refused to its owner, and the decision comes out the same again", async () => {
  const why = ["--reason", "the disks of the drill are being replaced", "--for", "2h"];
  expect((await say("ada", "duties", "waive", "drill/database", ...why)).err).toContain("does not waive it");
  expect((await say("toni", "duties", "waive", "drill/database", ...why.slice(0, 2))).err).toContain("always ends");
  expect((await say("toni", "duties", "waive", "drill/database", ...why)).code).toBe(0);
  const deployed = await fairway.approve(await fairway.promote("production"));
  expect(deployed.state).toBe("succeeded");
  const [decided] = await fairway.client.call("audit", { action: "gate.decided", limit: 1 });
  const { code, out } = await say("ada", "duties", "replay", String(decided?.number));
  expect([code, out]).toEqual([0, expect.stringContaining("it comes out the same")]);
});

test("a way back is never held, whatever is red", async () => {
  await fairway.ship("Greet", { "web/server.mjs": tinyService({ says: "two" }) });
  await say("ada", "duties", "attest", "notice:release", "--release", "r2");
  expect((await fairway.approve(await fairway.promote("production"))).state).toBe("succeeded");
  await say("ada", "duties", "attest", "drill/database", "--outcome", "failed");
  const back = await fairway.settled(await fairway.client.call("rollback", { environment: "production", by }));
  expect(back.state).toBe("succeeded");
});

test("a playbook asks before the step that says so, and is answered where deployments are", async () => {
  const run = await say("ada", "playbooks", "run", "hand-over", "--env", "production", "--detach");
  const id = /run-\d+/.exec(run.out)?.[0] ?? "";
  await fairway.runUntil({ id }, ({ approval }) => approval !== null);
  const answered = await say("toni", "approve", "--yes");
  expect([answered.code, answered.out]).toEqual([0, expect.stringContaining("asks before hand: ")]);
  expect((await fairway.settled({ id })).state).toBe("succeeded");
});

test("the matrix is a table, the calendar a feed, and what asks for less waits for the gate's owner", async () => {
  const { out: matrix } = await say("ada", "matrix", "--md");
  // Of what is owed for each release what was shown last is told, of whichever it was.
  expect(matrix).toMatch(
    /^\| Customer support & incident comms \| lead \| – \| passed \d{4}-\d\d-\d\d by ada \(notice:release of r\d+\) \|/m,
  );
  expect(matrix).toMatch(
    /^\| Backup validation & DR drills \| lead \| Scheduled restore jobs \| failed \d{4}-\d\d-\d\d by ada \(drill\/database\) \|/m,
  );
  const feed = await (await fetch(`${fairway.client.url}/api/v1/duties/calendar.ics`)).text();
  expect(feed).toMatch(/^BEGIN:VCALENDAR\r\n/);
  await fairway.project.commit("Ask for less", { "ops/gates.yaml": gates.replace("drill/*, ", "") });
  const { out } = await say("ada", "duties", "read");
  expect(out).toContain("production does not ask for drill/* any more");
  expect((await say("ada", "duties", "accept")).err).toContain("only cto");
  expect((await say("toni", "duties", "accept")).code).toBe(0);
  await fairway.project.commit("Write nonsense", { "ops/duties.yaml": "duties: nothing\n" });
  expect(await say("ada", "duties", "check")).toMatchObject({
    code: 2,
    out: expect.stringMatching(/^ops\/duties\.yaml:1:9 /),
  });
  expect((await say("ada", "duties", "read")).code).toBe(2);
  expect((await fairway.client.call("duties", {})).duties).toHaveLength(3);
});

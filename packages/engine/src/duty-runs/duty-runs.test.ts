import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cronClock } from "@fairway/config";
import type { Duty, NoticeChannel, RunId, SecretSource } from "@fairway/core";
import { FairwayError, localActor } from "@fairway/core";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { actingAs } from "../audit/acting.ts";
import { addressFor, isLetIn, letIn, newPassword } from "../database/role-rotation.ts";
import { dataDirectory } from "../data-directory.ts";
import type { DutyControl } from "../duties/duty-control.ts";
import { dutyControl } from "../duties/duty-control.ts";
import type { EngineUnderTest } from "../runs/engine-for-tests.ts";
import { engineUnderTest } from "../runs/engine-for-tests.ts";
import { folderKeepers } from "../sealing/file-keepers.ts";
import { openSealer } from "../sealing/sealer.ts";
import type { SecretControl } from "../secrets/secret-control.ts";
import { secretControl } from "../secrets/secret-control.ts";
import { storedSecrets } from "../secrets/stored-secrets.ts";
import type { DutyRunControl } from "./duty-run-control.ts";
import { dutyRunControl } from "./duty-run-control.ts";
import { planDutyRun } from "./duty-run-plan.ts";
import { dutyStepStage } from "./duty-step-stage.ts";
import { noticesStage } from "./notices-stage.ts";
import { probeStage } from "./probe-stage.ts";
import { recordStage } from "./record-stage.ts";
import { rotationStage } from "./rotation-stage.ts";
import { releasesUnshown } from "../store/duty-records.ts";

// One engine on a database of its own; each test writes its own files of ops/ and reads them. Longer than other files for it: they share
// the vendors and stores that the engine speaks with.

let root: string;
let under: EngineUnderTest;
let duties: DutyControl;
let runs: DutyRunControl;
let control: SecretControl;
let source: SecretSource;
let files: Readonly<Record<string, string>>;
let now: number;
/** What a deployment of the new key ends in; null where nothing runs. */
let stuck: FairwayError | null = null;
/** The run by which services get a new key; null where nothing runs. */
let deployed: RunId | null = null;
/** A secret of another store in which Fairway makes the exchange, by AWS's words for its stages. */
const staged: { current: string; pending: string | null; previous: string | null } = {
  ...{ current: "first-key-in-the-store", pending: null, previous: null },
};
/** Which version of a secret another store has. */
const vault = new Map<string, string>();
let lastInVault: string | null = "key-before-this-one";
const ada = localActor("ada");
const people = "roles:\n  lead:\n    people: [{ name: ada }]\n";

const place = { kind: "slack-webhook", url: { secret: "TEAM" } } as const;
const channels: readonly NoticeChannel[] = ["team", "pager"].map((name) => ({
  ...{ name, place, about: [], environments: null, allowPrivate: [] },
}));
const heard: string[] = [];

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "fairway-duty-runs-"));
  let tell: (opened: EngineUnderTest) => void = () => undefined;
  const opened = new Promise<EngineUnderTest>((resolve) => (tell = resolve));
  const repository = {
    checkout: async (_sha: string, directory: string): Promise<void> => {
      for (const [name, text] of Object.entries(files)) {
        await mkdir(join(directory, "ops", name, ".."), { recursive: true });
        await writeFile(join(directory, "ops", name), text);
      }
    },
  };
  const late: SecretSource = {
    lookUp: (...asked) => source.lookUp(...asked),
    lookUpAt: async (...asked) => (await source.lookUpAt?.(...asked)) ?? {},
    versions: async (...asked) => (await source.versions?.(...asked)) ?? {},
  };
  const store = {
    rows: async (...asked: Parameters<EngineUnderTest["store"]["rows"]>) => (await opened).store.rows(...asked),
  } as EngineUnderTest["store"];
  const stages = [
    dutyStepStage({ data: dataDirectory(root), secrets: late, repository: repository as never }),
    probeStage({
      secrets: late,
      places: {
        tryAwsKey: async (_, { id, secret }) => {
          if (secret === "silence") throw new FairwayError("target_unreachable", "AWS did not answer");
          if (id === "AKIA1" && secret === "good-key-of-aws") return { verdict: "passed", summary: "it is deploy" };
          return { verdict: "failed", summary: "AWS refuses the key" };
        },
      },
    }),
    noticesStage({
      ...{ secrets: late, now: Date.now },
      open: (channel) => ({
        notify: async ({ title, kind }) => {
          heard.push(`${channel.name} ${kind}: ${title}`);
          return channel.name === "pager"
            ? { told: false, why: "it answered 403", again: false, after: null, uncertain: false }
            : { told: true, reference: null };
        },
        close: async () => undefined,
      }),
      project: async () => ({ name: "shop", services: [], environments: [], notices: channels }),
    }),
    rotationStage({
      ...{ store, secrets: late, data: dataDirectory(root), repository },
      secretControl: { set: (wish) => control.set(wish), remove: (wish) => control.remove(wish) },
      redeploy: async () => (stuck === null ? deployed : Promise.reject(stuck)),
      places: {
        rotator: {
          current: async ({ secret }) => vault.get(secret) ?? null,
          begin: async ({ secret }, key) => {
            if (!vault.has(secret)) throw new FairwayError("not_allowed_now", `${secret} has no function`);
            vault.set(secret, key);
          },
          isOver: async ({ secret }, key) => vault.get(secret) === key,
          own: (_, key) => ({
            look: async () =>
              staged.current.includes(key)
                ? { version: key, before: staged.previous, stands: "current" }
                : { version: key, before: staged.current, stands: staged.pending === null ? "not begun" : "put aside" },
            putAside: async (value) => void (staged.pending = value),
            newValue: async () => staged.pending ?? staged.current,
            oldValue: async () => (staged.current.includes(key) ? staged.previous : staged.current),
            makeCurrent: async () => void Object.assign(staged, { current: staged.pending, previous: staged.current }),
            takeBack: async () => void Object.assign(staged, { current: staged.previous, previous: staged.current }),
            close: async () => void (staged.pending = null),
          }),
          values: async ({ secret }) => ({ current: `key-${vault.get(secret)}`, previous: lastInVault }),
        },
      },
    }),
    recordStage({
      store,
      duties: { attest: (said) => duties.attest(said), evidence: (query) => duties.evidence(query) },
    }),
  ];
  under = await engineUnderTest({ stages });
  tell(under);
  const keepers = folderKeepers(join(root, "keys"));
  await mkdir(join(root, "keys"));
  const sealer = openSealer(under.store, keepers);
  const nameSecret = (...parts: readonly string[]): string =>
    createHash("sha256").update(parts.join("/")).digest("hex");
  control = secretControl({ store: under.store, sealer, keepers, nameSecret });
  const nowhere = { lookUp: async () => ({}) };
  const outside = { resolve: async (reference: string) => reference };
  source = storedSecrets({ sql: under.store, sealer, outside, files: nowhere, nameSecret });
  duties = dutyControl({
    store: under.store,
    scratch: join(root, "scratch"),
    clock: cronClock,
    now: () => now,
    repository,
  });
  runs = dutyRunControl({
    duties,
    startRun: (plan, key) => under.engine.startRun(plan, key === undefined ? {} : { key }),
    clock: cronClock,
    now: () => now,
    unshown: (duty, since) => releasesUnshown(under.store, duty, since),
  });
});
afterAll(async () => {
  await under.close();
  await rm(root, { recursive: true, force: true });
});
beforeEach(() => void (now = Date.now()));

let commits = 0;
async function owing(given: Readonly<Record<string, string>>): Promise<void> {
  files = { "people.yaml": people, ...given };
  const { problems } = await duties.reader.look(`commit-${(commits += 1)}`);
  expect(problems).toEqual([]);
}

async function ended(run: RunId): Promise<string> {
  const place = await under.engine.latestEvent();
  const known = async (): Promise<string | null> => {
    const { state } = await under.engine.run(run);
    return ["succeeded", "failed", "errored", "aborted"].includes(state) ? state : null;
  };
  const first = await known();
  if (first !== null) return first;
  for await (const { subject } of under.engine.events({ after: place })) {
    if (subject !== run) continue;
    const state = await known();
    if (state !== null) return state;
  }
  throw new Error("the events ended");
}

const show = (duty: string): Promise<RunId> => actingAs(ada, () => runs.run({ duty, release: null, by: "ada" }));
const shown = async (duty: string) =>
  (await duties.evidence({ duty, release: null, limit: 10 })).map(({ outcome }) => outcome);
const owed = (name: string, run: string): string =>
  `duties:\n  ${name}: { title: One, owner: lead, every: P1M, from: 2026-01-31, run: ${run} }\n`;

test("a command shows a duty, and what it comes to is on record with its run", async () => {
  await owing({ "duties.yaml": owed("look/well", '{ command: [sh, -c, "test -f ops/people.yaml"] }') });
  const run = await show("look/well");
  expect(await ended(run)).toBe("succeeded");
  expect(await duties.evidence({ duty: "look/well", release: null, limit: 1 })).toMatchObject([
    { outcome: "passed", automation: "command", facts: { run } },
  ]);
  await owing({ "duties.yaml": owed("look/bad", '{ command: [sh, -c, "echo no; exit 3"] }') });
  expect(await ended(await show("look/bad"))).toBe("failed");
  const [evidence] = await duties.evidence({ duty: "look/bad", release: null, limit: 1 });
  expect(evidence).toMatchObject({ outcome: "failed", note: expect.stringContaining("exit code 3") });
});

test("channels of notices are tried, all or those that are named, and one that refuses is said by its name", async () => {
  const title = "Fairway tries whether this arrives";
  await owing({ "duties.yaml": owed("notices/all", "{ notices: true }") });
  expect(await ended(await show("notices/all"))).toBe("failed");
  expect(await duties.evidence({ duty: "notices/all", release: null, limit: 1 })).toMatchObject([
    {
      ...{ outcome: "failed", automation: "notices", facts: { channels: 2, arrived: 1 } },
      note: "notices failed: it did not arrive at pager: it answered 403",
    },
  ]);
  await owing({ "duties.yaml": owed("notices/team", "{ notices: [team] }") });
  expect(await ended(await show("notices/team"))).toBe("succeeded");
  expect(await shown("notices/team")).toEqual(["passed"]);
  expect(heard).toEqual(["team", "pager", "team"].map((name) => `${name} notices.tested: ${title}`));
  await owing({ "duties.yaml": owed("notices/gone", "{ notices: [gone] }") });
  expect(await ended(await show("notices/gone"))).toBe("failed");
  const [gone] = await duties.evidence({ duty: "notices/gone", release: null, limit: 1 });
  expect(gone?.note).toContain("gone: the newest configuration has no such channel");
});

test("what is due by itself is begun once for its time, however many look", async () => {
  const text = owed("look/daily", "{ command: [sh, -c, exit 0] }").replace(
    "every: P1M, from: 2026-01-31",
    'cron: "0 0 * * *", from: 2026-01-01',
  );
  await owing({ "duties.yaml": text });
  now = Date.now() + 86_400_000;
  const begun = await Promise.all([runs.beginDue(), runs.beginDue(), runs.beginDue()]);
  const begunOnce = new Set(begun.flat());
  expect(begunOnce.size).toBe(1);
  for (const run of begunOnce) expect(await ended(run)).toBe("succeeded");
  expect(await shown("look/daily")).toEqual(["passed"]);
});

test("one that cannot be begun keeps no other from being begun, and is told of", async () => {
  const daily = (name: string): string =>
    `  ${name}: { title: One, owner: lead, cron: "0 0 * * *", from: 2026-01-01, run: { command: [sh, -c, exit 0] } }\n`;
  await owing({ "duties.yaml": `duties:\n${daily("isle/first")}${daily("isle/second")}` });
  const begun: string[] = [];
  const control = dutyRunControl({
    ...{ duties, clock: cronClock, now: () => Date.now() + 86_400_000, unshown: async () => [] },
    startRun: async ({ title }) => {
      if (title.endsWith("first")) throw new FairwayError("internal", "the first cannot be begun");
      begun.push(title);
      return "run-of-the-second" as RunId;
    },
  });
  await expect(control.beginDue()).rejects.toThrow("the first cannot be begun");
  expect(begun).toEqual(["show isle/second"]);
});

test("what a run shows is of the files that it began with, and not of those that are in force when it ends", async () => {
  const place = join(root, "goes-on");
  const run = `{ command: [sh, -c, "until test -e ${place}; do sleep 0.05; done"] }`;
  const watching = owed("look/watched", run).replace("every:", "watches: [ops/guide.md], every:");
  await owing({ "duties.yaml": watching, "guide.md": "as it was" });
  const before = (await duties.inForce()).commit;
  const begun = await show("look/watched");
  await owing({ "duties.yaml": watching, "guide.md": "as it is" });
  await writeFile(place, "");
  expect(await ended(begun)).toBe("succeeded");
  const [evidence] = await duties.evidence({ duty: "look/watched", release: null, limit: 1 });
  expect(evidence).toMatchObject({ outcome: "passed", commit: before });
  const standing = (await duties.standings({})).find(({ duty }) => duty.id === "look/watched");
  expect(standing).toMatchObject({ state: "overdue", why: "what it was shown of has changed since" });
});

test("a playbook without steps shows no duty", async () => {
  const given = { "duties.yaml": owed("look/read", "{ playbook: fix }"), "playbooks/fix.md": playbook("Read this.\n") };
  files = { "people.yaml": people, ...given };
  const { problems } = await duties.reader.look("commit-without-steps");
  expect(problems).toEqual([expect.stringContaining("nothing of the playbook fix runs")]);
  const asked = { commit: "c", by: "ada", requester: ada, release: null, slot: null };
  const duty = { id: "look/read", environment: null } as Duty;
  expect(() => planDutyRun(duty, { kind: "playbook", playbook: "fix", scheduled: true }, [], asked)).toThrow(
    expect.objectContaining({ code: "not_allowed_now" }),
  );
});

const playbook = (steps: string): string =>
  `---\nid: fix\nowner: lead\nreviewed: 2026-01-01\nreview_every: P3M\nescalation: [lead]\n---\n\n# Fix\n\n${steps}`;
const fence = (info: string, text: string): string => `\`\`\`${info}\n${text}\n\`\`\`\n\n`;

test("a playbook runs its steps in their order, asks before those that say so, and leaves plain fences alone", async () => {
  const place = join(root, "written");
  const steps = [
    fence("sh step=first", `echo first >> ${place}`),
    fence("sh", `echo never >> ${place}`),
    fence("sh step=second approval", `echo second >> ${place}`),
  ];
  await owing({ "playbooks/fix.md": playbook(steps.join("")) });
  const run = await actingAs(ada, () => runs.runPlaybook({ playbook: "fix", environment: null, by: "ada" }));
  // Pinned to the text that it began with.
  files = { ...files, "playbooks/fix.md": playbook(fence("sh step=other", "exit 1")) };
  const place0 = await under.engine.latestEvent();
  const waits = async (): Promise<boolean> =>
    (await under.engine.run(run)).jobs.some(({ name, state }) => name === "approval:second" && state === "waiting");
  if (!(await waits())) for await (const _event of under.engine.events({ after: place0 })) if (await waits()) break;
  expect(await readFile(place, "utf8")).toBe("first\n");
  const [gate] = await under.store.rows<{ digest: string }>("select digest from fairway.gates where run = $1", [run]);
  await actingAs(localActor("toni"), () =>
    under.engine.approve(run, { by: "toni", answer: "yes", digest: gate?.digest ?? "", note: "" }),
  );
  expect(await ended(run)).toBe("succeeded");
  expect(await readFile(place, "utf8")).toBe("first\nsecond\n");
  await expect(runs.runPlaybook({ playbook: "nothing", environment: null, by: "ada" })).rejects.toMatchObject({
    code: "not_found",
  });
});

test("what a step wrote is kept up to a mebibyte, and the evidence has its sum", async () => {
  await owing({
    "playbooks/fix.md": playbook(fence("js step=loud", 'process.stdout.write("a line\\n".repeat(300_000))')),
    "duties.yaml":
      "duties:\n  fix:\n    title: Fix it\n    owner: lead\n    every: P7D\n    from: 2026-01-04\n    run: { playbook: fix }\n",
  });
  const run = await show("fix");
  expect(await ended(run)).toBe("succeeded");
  const [found] = await duties.evidence({ duty: "fix", release: null, limit: 1 });
  const [artifact] = found?.artifacts ?? [];
  expect(artifact).toMatchObject({ name: "log of step:loud", sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
  expect(artifact?.bytes).toBeGreaterThan(1024 * 1024 - 20_000);
  expect(artifact?.bytes).toBeLessThan(1024 * 1024 + 200);
});

test("a probe says whether a key works, and keeps nothing of the answer", async () => {
  const server = createServer((request, response) => {
    response.statusCode = request.headers["authorization"] === "Bearer good-key-of-kaiko" ? 200 : 401;
    response.end("a secret answer");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const { port } = server.address() as AddressInfo;
    const probe = `{ probe: { url: "http://127.0.0.1:${port}/", headers: { Authorization: "Bearer {{secret}}" } } }`;
    const health = `health: { every: P7D, from: 2026-01-04, run: ${probe} }`;
    await owing({
      "credentials.yaml": `credentials:\n  kaiko: { vendor: Kaiko, kind: key, environments: [production], owner: lead, store: KAIKO, ${health} }\n`,
    });
    const duty = "credential/kaiko@production:health";
    await control.set({ environment: "production", name: "KAIKO", value: "good-key-of-kaiko", actor: ada });
    expect(await ended(await show(duty))).toBe("succeeded");
    await control.set({ environment: "production", name: "KAIKO", value: "dead-key-of-kaiko", actor: ada });
    expect(await ended(await show(duty))).toBe("failed");
    const found = await duties.evidence({ duty, release: null, limit: 2 });
    expect(found).toMatchObject([
      { outcome: "failed", facts: { status: 401 } },
      { outcome: "passed", facts: { status: 200 } },
    ]);
    expect(JSON.stringify(found)).not.toMatch(/secret answer|key-of-kaiko/);
    // Nobody answers there any more: that says nothing of the key.
    await new Promise((resolve) => server.close(resolve));
    expect(await ended(await show(duty))).toBe("errored");
    const [silent] = await duties.evidence({ duty, release: null, limit: 1 });
    expect(silent).toMatchObject({ outcome: "skipped", note: expect.stringContaining("did not answer") });
  } finally {
    server.close();
  }
});

test("a key of AWS that is refused is red, and where AWS does not answer nobody knows more than before", async () => {
  const health = "health: { every: P7D, from: 2026-01-04, run: { awsKey: { id: AWS_ID, region: eu-central-1 } } }";
  await owing({
    "credentials.yaml": `credentials:\n  aws: { vendor: AWS, kind: access key, environments: [production], owner: lead, store: AWS_KEY, ${health} }\n`,
  });
  const duty = "credential/aws@production:health";
  await control.set({ environment: "production", name: "AWS_ID", value: "AKIA1", actor: ada });
  for (const [value, ends, outcome] of [
    ["good-key-of-aws", "succeeded", "passed"],
    ["dead-key-of-aws", "failed", "failed"],
    ["silence", "errored", "skipped"],
  ] as const) {
    await control.set({ environment: "production", name: "AWS_KEY", value, actor: ada });
    expect(await ended(await show(duty))).toBe(ends);
    const [found] = await duties.evidence({ duty, release: null, limit: 1 });
    expect(found?.outcome).toBe(outcome);
    expect(JSON.stringify(found)).not.toMatch(/key-of-aws|AKIA1/);
  }
});

test("a password is exchanged: the new one works and the old one is refused, or else it is a part of an exchange", async () => {
  const admin = under.database.connectionString;
  const role = `app_${under.database.name.slice(-8)}`;
  const first = addressFor(admin, role, newPassword());
  await letIn(admin, first);
  const set = (name: string, value: string) => control.set({ environment: "production", name, value, actor: ada });
  await set("DATABASE_URL", first);
  const rotation = "run: { rotation: { driver: postgres-role, admin: ADMIN_URL } }";
  await owing({
    "credentials.yaml": `credentials:\n  db: { vendor: PostgreSQL, kind: password, environments: [production], owner: lead, store: DATABASE_URL, rotate: { every: P3M, from: 2026-01-31, ${rotation} } }\n`,
  });
  const duty = "credential/db@production:rotate";
  // Nobody may change roles yet: nothing is changed, and it is on record as no exchange.
  await ended(await show(duty));
  expect((await source.lookUp("production", ["DATABASE_URL"]))["DATABASE_URL"]).toBe(first);
  expect(await shown(duty)).toEqual(["partial"]);
  await set("ADMIN_URL", admin);
  for (const expected of [`${role}_b`, role]) {
    const before = (await source.lookUp("production", ["DATABASE_URL"]))["DATABASE_URL"] ?? "";
    expect(await ended(await show(duty))).toBe("succeeded");
    const { DATABASE_URL: after = "", ...rest } = await source.lookUp("production", [
      "DATABASE_URL",
      "DATABASE_URL_NEXT",
    ]);
    expect([new URL(after).username, rest]).toEqual([expected, {}]);
    expect([await isLetIn(after), await isLetIn(before)]).toEqual([true, false]);
  }
  const [evidence] = await duties.evidence({ duty, release: null, limit: 1 });
  expect(evidence).toMatchObject({ outcome: "passed", facts: { new_works: true, old_refused: true, role } });
  expect(JSON.stringify(evidence)).not.toContain(new URL(first).password);
  await under.store.rows(`drop role ${role}_b`);
  await under.store.rows(`drop role ${role}`);
});

test("an exchange that ended after the new key was stored goes on with it when tried again, and shuts out the one before", async () => {
  const admin = under.database.connectionString;
  const role = `again_${under.database.name.slice(-8)}`;
  const first = addressFor(admin, role, newPassword());
  await letIn(admin, first);
  const set = (name: string, value: string) => control.set({ environment: "staging", name, value, actor: ada });
  const kept = async (name: string) => (await source.lookUp("staging", [name]))[name] ?? "";
  await set("APP_URL", first);
  await set("ADMIN_URL", admin);
  const rotation = "run: { rotation: { driver: postgres-role, admin: ADMIN_URL } }";
  await owing({
    "credentials.yaml": `credentials:\n  app: { vendor: PostgreSQL, kind: password, environments: [staging], owner: lead, store: APP_URL, consumers: [api], rotate: { every: P3M, from: 2026-01-31, ${rotation} } }\n`,
  });
  const duty = "credential/app@staging:rotate";
  stuck = new FairwayError("not_allowed_now", "the environment is frozen");
  try {
    await ended(await show(duty));
  } finally {
    stuck = null;
  }
  const second = await kept("APP_URL");
  expect([new URL(second).username, await shown(duty)]).toEqual([`${role}_b`, ["partial"]]);
  expect([await isLetIn(first), await isLetIn(second)]).toEqual([true, true]);
  expect(await ended(await show(duty))).toBe("succeeded");
  expect(await kept("APP_URL")).toBe(second);
  expect([await isLetIn(first), await isLetIn(second)]).toEqual([false, true]);
  expect(await kept("APP_URL_NEXT")).toBe("");
  await under.store.rows(`drop role ${role}_b`);
  await under.store.rows(`drop role ${role}`);
});

test("a key that another store exchanges is exchanged there, and given to those who use it", async () => {
  const rotation = (verify: string): string =>
    `run: { rotation: { driver: aws-secrets-manager, secret: shop/stripe, region: eu-central-1, account: '123456789012'${verify} } }`;
  const owe = (verify: string): Promise<void> =>
    owing({
      "credentials.yaml": `credentials:\n  stripe: { vendor: Stripe, kind: key, environments: [production], owner: lead, consumers: [api], rotate: { every: P3M, from: 2026-01-31, ${rotation(verify)} } }\n`,
    });
  const check = `, verify: [sh, -euc, 'case "$FAIRWAY_KEY" in key-rotation/*) exit 0 ;; *refused*) exit 1 ;; *) exit 0 ;; esac']`;
  await owe("");
  const duty = "credential/stripe@production:rotate";
  // There is nobody there who could: nothing is changed.
  await ended(await show(duty));
  expect(await shown(duty)).toEqual(["partial"]);
  vault.set("shop/stripe", "v1");
  const newest = async () => (await duties.evidence({ duty, release: null, limit: 1 }))[0];
  // Exchanged it is; that the old one is refused nobody has seen.
  expect(await ended(await show(duty))).toBe("failed");
  expect(await newest()).toMatchObject({ outcome: "partial", note: expect.stringContaining("verify") });
  await owe(check);
  expect(await ended(await show(duty))).toBe("failed");
  expect(await newest()).toMatchObject({ outcome: "partial", note: expect.stringContaining("still let in") });
  lastInVault = "key-that-is-refused";
  const before = vault.get("shop/stripe");
  const run = await show(duty);
  expect(await ended(run)).toBe("succeeded");
  const facts = { before, now: `rotation/${run}`, new_works: true, old_refused: true };
  expect(await newest()).toMatchObject({ outcome: "passed", facts });
  expect(JSON.stringify(await newest())).not.toMatch(/key-rotation|key-that/);
});

test("a key that is kept elsewhere and refused is never used, and one that services do not get is taken back", async () => {
  const calls = join(root, "calls");
  const owe = (verify: string): Promise<void> =>
    owing({
      "credentials.yaml": `credentials:\n  own: { vendor: V, kind: key, environments: [production], owner: lead, consumers: [api], rotate: { every: P3M, from: 2026-01-31, run: { rotation: { driver: aws-secrets-manager, secret: shop/own, region: eu-central-1, create: [sh, -euc, 'echo new-rotation/$FAIRWAY_ROTATION'], verify: [sh, -euc, '${verify}'], revoke: [sh, -euc, 'echo "$FAIRWAY_KEY" >> ${calls}'] } } } }\n`,
    });
  const duty = "credential/own@production:rotate";
  const newest = async () => (await duties.evidence({ duty, release: null, limit: 1 }))[0];
  const first = staged.current;
  await owe("exit 1");
  const refused = await show(duty);
  expect(await ended(refused)).toBe("failed");
  expect(await newest()).toMatchObject({ outcome: "partial", note: expect.stringContaining("the new key is refused") });
  expect(staged).toEqual({ current: first, pending: null, previous: null });
  // Its vendor does not keep it either, and nobody has taken the old one away.
  expect((await readFile(calls, "utf8")).trim()).toBe(`new-rotation/${refused}`);
  await rm(calls);
  await owe("case $FAIRWAY_KEY in first-*) exit 1 ;; esac");
  deployed = refused;
  try {
    expect(await ended(await show(duty))).toBe("failed");
  } finally {
    deployed = null;
  }
  expect(await newest()).toMatchObject({
    note: expect.stringMatching(/did not get the new key.*the old one is current/u),
  });
  expect(staged.current).toBe(first);
  // Until then nobody has taken any key away.
  await expect(readFile(calls)).rejects.toThrow(/ENOENT/u);
  staged.pending = null;
  const run = await show(duty);
  expect(await ended(run)).toBe("succeeded");
  expect(staged).toEqual({ current: `new-rotation/${run}`, pending: null, previous: first });
  expect((await readFile(calls, "utf8")).trim()).toBe(first);
});

test("a key of any vendor is exchanged by programs: it is in no log, and an exchange tried again makes no second", async () => {
  const vendor = join(root, "vendor");
  await mkdir(vendor);
  const set = (name: string, value: string) => control.set({ environment: "vendor", name, value, actor: ada });
  const kept = async (name: string) => (await source.lookUp("vendor", [name]))[name] ?? "";
  const first = "first-key-of-the-vendor";
  await writeFile(join(vendor, first), "");
  await set("VENDOR_KEY", first);
  const program = (text: string): string => `[sh, -euc, ${JSON.stringify(text)}]`;
  const create = `made="made-$FAIRWAY_ROTATION-key"; touch "${vendor}/$made"; echo "$made"`;
  const verify = `test -e "${vendor}/$FAIRWAY_KEY" || exit 1`;
  const rotation = (revoke: string): string =>
    `{ rotation: { driver: command, create: ${program(create)}, verify: ${program(verify)}, revoke: ${program(revoke)} } }`;
  const owe = (revoke: string) =>
    owing({
      "credentials.yaml": `credentials:\n  vendor: { vendor: V, kind: key, environments: [vendor], owner: lead, store: VENDOR_KEY, rotate: { every: P3M, from: 2026-01-31, run: ${rotation(revoke)} } }\n`,
    });
  const duty = "credential/vendor@vendor:rotate";
  await owe("exit 3");
  const stopped = await show(duty);
  expect(await ended(stopped)).toBe("failed");
  const second = await kept("VENDOR_KEY");
  expect([second, await shown(duty)]).toEqual([`made-${stopped}-key`, ["partial"]]);
  // What says that it took the key away and did not: the old one still works.
  await owe("true");
  expect(await ended(await show(duty))).toBe("failed");
  await owe(`rm -f "${vendor}/$FAIRWAY_KEY"`);
  expect(await ended(await show(duty))).toBe("succeeded");
  expect([await kept("VENDOR_KEY"), await kept("VENDOR_KEY_NEXT"), await readdir(vendor)]).toEqual([
    second,
    "",
    [second],
  ]);
  expect((await duties.evidence({ duty, release: null, limit: 1 }))[0]).toMatchObject({
    outcome: "passed",
    facts: { new_works: true, old_refused: true },
  });
  const logs = await readdir(join(root, "steps"), { recursive: true, withFileTypes: true });
  for (const one of logs.filter((entry) => entry.isFile()))
    expect(await readFile(join(one.parentPath, one.name), "utf8")).not.toContain(second);
});

test("whoever changes roles is not the one whose key is exchanged", async () => {
  const admin = under.database.connectionString;
  const set = (name: string, value: string) => control.set({ environment: "own", name, value, actor: ada });
  await set("APP_URL", admin);
  await set("ADMIN_URL", admin);
  const rotation = "run: { rotation: { driver: postgres-role, admin: ADMIN_URL } }";
  await owing({
    "credentials.yaml": `credentials:\n  own: { vendor: PostgreSQL, kind: password, environments: [own], owner: lead, store: APP_URL, rotate: { every: P3M, from: 2026-01-31, ${rotation} } }\n`,
  });
  await ended(await show("credential/own@own:rotate"));
  expect((await source.lookUp("own", ["APP_URL"]))["APP_URL"]).toBe(admin);
  const [evidence] = await duties.evidence({ duty: "credential/own@own:rotate", release: null, limit: 1 });
  expect(evidence?.note).toContain("nothing was changed");
});

import { fileURLToPath } from "node:url";
import { dayAfter, dayOf, periodOf } from "@fairway/core";
import fc from "fast-check";
import { Temporal } from "temporal-polyfill";
import { expect, test } from "vitest";
import { cronClock } from "./cron-clock.ts";
import { dutyJsonSchema } from "./duty-forms.ts";
import { withDrillLog } from "./drill-log.ts";
import type { LoadedDuties } from "./load-duties.ts";
import { loadDuties } from "./load-duties.ts";
import { playbookSteps } from "./playbook-steps.ts";
import { rolesOfNobody } from "./roles-of-nobody.ts";
import { dutyFiles, people } from "./testing/duty-files.ts";

const { write, load, problems } = dutyFiles();
const duty = (rest: string, name = "drill/db"): string =>
  `duties:\n  ${name}:\n    title: Drill\n    owner: lead\n    ${rest}\n`;

const credential = (rest: string): string =>
  `credentials:\n  pay:\n    vendor: V\n    kind: key\n    environments: [production]\n    owner: lead\n    store: PAY_KEY\n    ${rest}\n`;
const probed = (rest: string): string =>
  credential(`health: { every: P7D, from: 2026-01-01, run: { probe: { url: "https://x.example", ${rest} } } }`);
const asset = (rest: string): string =>
  `assets:\n  faq:\n    title: T\n    owner: lead\n    at: ops/people.yaml\n    every: P1M\n    from: 2026-01-31\n    ${rest}\n`;

test("the duties of the example are read whole, with a row for each task of its matrix", () => {
  const example = fileURLToPath(new URL("../../../../examples/blockbuilders", import.meta.url));
  const loaded = loadDuties(example, { commit: "abc", today: "2026-11-22" });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems, null, 2));
  const { duties, gates } = loaded.plan;
  expect(duties.length).toBeGreaterThan(30);
  expect([...new Set(duties.flatMap(({ task }) => task ?? []))].toSorted()).toEqual([
    "Backup validation & DR drills",
    "Compliance disclosure reviews",
    "Credential rotation & audit",
    "Customer support & incident comms",
    "Knowledge base & onboarding assets",
  ]);
  expect(gates).toMatchObject([{ environment: "production", owner: "cto" }]);
});

test("what a scan passes over has an owner, a reason and an end, and is told with its line where it has not", () => {
  write("ops/people.yaml", people);
  const entry = (rest: string): string => `  - { reason: made up, ${rest} }\n`;
  const well = entry("path: tests/keys/, owner: lead, until: 2027-01-31");
  write("ops/scan.yaml", `allow:\n${well}`);
  const loaded = load();
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  expect(loaded.plan.allowed).toMatchObject([{ path: "tests/keys/", owner: "lead", place: { line: 2 } }]);
  write(
    "ops/scan.yaml",
    `allow:\n${well}${entry("owner: lead, until: 2027-01-31")}${entry("path: a, owner: leed, until: 2027-01-31")}${entry("path: a, owner: lead, until: 2027-03-01")}`,
  );
  expect(problems()).toEqual([
    expect.stringMatching(/^ops\/scan.yaml:3:\d+ missing says neither/),
    expect.stringMatching(/^ops\/scan.yaml:4:\d+ unknown_name there is no role "leed"/),
    expect.stringMatching(/^ops\/scan.yaml:5:\d+ wrong_value lasts longer than 90 days/),
  ]);
  write("ops/scan.yaml", "allow:\n  - { path: a, reason: made up, until: 2027-01-31 }\n");
  expect(problems()).toEqual([expect.stringMatching(/^ops\/scan.yaml:2:\d+ missing .*owner/)]);
});

test("a scan looks at what it says: the files, all of the history, or the logs", () => {
  write("ops/people.yaml", people);
  const runs = { files: "scan: true", history: "scan: history", logs: "scan: logs", packet: "packet: true" };
  const owed = Object.entries(runs).map(
    ([name, run]) => `  ${name}: { title: T, owner: lead, every: P7D, from: 2026-01-01, run: { ${run} } }\n`,
  );
  write("ops/duties.yaml", `duties:\n${owed.join("")}`);
  const loaded = load();
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  expect(loaded.plan.duties.map(({ run }) => run)).toEqual([
    { kind: "scan", scheduled: true },
    { kind: "scan", scheduled: true, what: "history" },
    { kind: "scan", scheduled: true, what: "logs" },
    { kind: "packet", scheduled: true },
  ]);
});

test("a log of drills that was changed by hand is told with its line, and how it is written anew", () => {
  write("ops/people.yaml", people);
  const playbook = withDrillLog(
    "---\nid: restore\nowner: lead\nreviewed: 2026-01-01\nreview_every: P3M\nescalation: [lead]\n---\n\n# Restore\n",
    [],
  );
  write("ops/playbooks/restore.md", playbook);
  expect(problems()).toEqual([]);
  write("ops/playbooks/restore.md", playbook.replace("| Drill |", "| Drills |"));
  expect(problems()).toEqual([
    expect.stringMatching(/^ops\/playbooks\/restore.md:11:1 wrong_value the log of drills was changed by hand/),
  ]);
});

test("a repository without the folder owes nothing", () => {
  expect(load()).toMatchObject({ ok: true, plan: { duties: [], gates: [] } });
});

test("every problem of every file is told in one answer, with its place", () => {
  write("ops/people.yaml", `${people}    peple: []\n`);
  write("ops/duties.yaml", duty("evry: P3M"));
  write("ops/credential.yaml", "credentials: {}\n");
  write("ops/gates.yaml", "gates:\n  - { environment: production, require: [drill/*], owner: leed }\n");
  expect(problems()).toEqual([
    "ops/credential.yaml:1:1 unknown_name nothing reads credential.yaml",
    'ops/duties.yaml:5:5 unknown_key unknown key "evry" in drill/db',
    'ops/gates.yaml:2:59 unknown_name there is no role "leed"',
    'ops/people.yaml:4:5 unknown_key unknown key "peple" in lead',
  ]);
});

test("what is wrong in one part of a file hides nothing of the others", () => {
  write("ops/people.yaml", `${people}  gone: { people: [{ name: Bo, until: 2026-02-30 }] }\n`);
  write(
    "ops/duties.yaml",
    [
      "duties:",
      "  a: { title: T, owner: led, every: P1M, from: 2026-02-30 }",
      "  b: { title: T, owner: gone, evry: P1M }",
      '  c: { title: T, owner: lead, cron: "0 2 31 2 *", watches: [no/*.md] }',
      "  d: { title: T, owner: lead, every: P1M, every: P2M, done: 2027-01-01 }",
      "  e: { owner: lead, always: true }",
      "  f: { title: !!x T, owner: lead, always: true, run: { docs: { paths: [no/*.md] } } }",
      "",
    ].join("\n"),
  );
  write(
    "ops/gates.yaml",
    [
      "gates:",
      "  - { environment: production, require: [a], owner: 5 }",
      "  - { environment: production, require: [a, c, zz], owner: led }",
      "",
    ].join("\n"),
  );
  write(
    "ops/playbooks/p.md",
    "---\nid: p\nowner: led\nreviewed: 2027-01-01\nreview_every: P3M\nescalation: lead\n---\n\nText\n",
  );
  expect(problems()).toEqual([
    'ops/duties.yaml:2:25 unknown_name there is no role "led"',
    'ops/duties.yaml:2:48 wrong_value from must be a day of the calendar, such as 2026-01-31, not "2026-02-30"',
    'ops/duties.yaml:3:31 unknown_key unknown key "evry" in b',
    "ops/duties.yaml:4:3 missing it does not say from which day on",
    "ops/duties.yaml:4:37 impossible this time never comes",
    "ops/duties.yaml:4:61 path no file fits no/*.md",
    'ops/duties.yaml:5:43 duplicate the key "every" is there already',
    "ops/duties.yaml:5:61 impossible 2027-01-01 has not come yet",
    'ops/duties.yaml:6:3 missing e needs "title"',
    "ops/duties.yaml:7:15 syntax not valid YAML: Unresolved tag: tag:yaml.org,2002:x",
    "ops/duties.yaml:7:72 path no file fits no/*.md",
    "ops/gates.yaml:2:53 wrong_value owner must be the name of a role, such as devops-lead, not 5",
    'ops/gates.yaml:3:60 unknown_name there is no role "led"',
    'ops/people.yaml:4:39 wrong_value until must be a day of the calendar, such as 2026-01-31, not "2026-02-30"',
    'ops/playbooks/p.md:3:8 unknown_name there is no role "led"',
    "ops/playbooks/p.md:4:11 impossible 2027-01-01 has not come yet",
    'ops/playbooks/p.md:6:13 wrong_value escalation must be a list of roles, not "lead"',
  ]);
});

test("a waiver may not be let last longer than seven days", () => {
  write("ops/people.yaml", people);
  const waivers = (longest: string): void =>
    write("ops/gates.yaml", `gates: []\nwaivers: { longest: ${longest}, approvers: [lead] }\n`);
  waivers("P7D");
  expect(load()).toMatchObject({ ok: true, plan: { waivers: { longest: 7 * 86_400_000 } } });
  for (const longest of ["P8D", "P1M", "P1Y"]) {
    waivers(longest);
    expect(problems()).toEqual(["ops/gates.yaml:2:21 impossible a waiver lasts at most seven days"]);
  }
});

test("a role of people.yaml is asked for although there is none", () => {
  write("ops/duties.yaml", duty("always: true"));
  expect(problems()).toEqual(['ops/duties.yaml:4:12 unknown_name there is no role "lead"']);
});

test.each([
  ["a day that no calendar has", "every: P1M\n    from: 2026-13-45", "ops/duties.yaml:6:11 wrong_value"],
  ["a span that is none", "every: monthly\n    from: 2026-01-31", "ops/duties.yaml:5:12 wrong_value"],
  ["a schedule that never comes", 'cron: "0 2 31 2 *"\n    from: 2026-01-31', "ops/duties.yaml:5:11 impossible"],
  ["a schedule that is none", 'cron: "every night"\n    from: 2026-01-31', "ops/duties.yaml:5:11 wrong_value"],
  ["two cadences", "every: P1M\n    for: release", "ops/duties.yaml:6:5 impossible"],
  ["no cadence", "task: Drills", "ops/duties.yaml:2:3 missing"],
  ["no first day", "every: P1M", "ops/duties.yaml:2:3 missing"],
  ["a wait without a release", "every: P1M\n    from: 2026-01-31\n    wait: 24h", "ops/duties.yaml:7:5 impossible"],
  ["what was done tomorrow", "every: P1M\n    done: 2026-11-23", "ops/duties.yaml:6:11 impossible"],
  [
    "a role that nobody has",
    "every: P1M\n    from: 2026-01-31\n    escalation: [led]",
    "ops/duties.yaml:7:18 unknown_name",
  ],
  [
    "a pattern without a file",
    "every: P1M\n    from: 2026-01-31\n    watches: [docs/*.md]",
    "ops/duties.yaml:7:15 path",
  ],
  ["a key that is there twice", "every: P1M\n    every: P2M\n    from: 2026-01-31", "ops/duties.yaml:6:5 duplicate"],
  ["hours without their unit", "for: release\n    wait: 24", "ops/duties.yaml:6:11 wrong_value"],
  ["a grace without its unit", "every: P1M\n    from: 2026-01-31\n    grace: 6", "ops/duties.yaml:7:12 wrong_value"],
  [
    "a grace until it is due again",
    "every: P1D\n    from: 2026-01-31\n    grace: 24h",
    "ops/duties.yaml:7:12 impossible",
  ],
  ["a grace of what is always owed", "always: true\n    grace: 6h", "ops/duties.yaml:6:5 impossible"],
  ["a program without a name", 'always: true\n    run: { command: [""] }', "ops/duties.yaml:6:21 wrong_value"],
  ["files to watch that are none", "always: true\n    watches: []", "ops/duties.yaml:6:14 wrong_value"],
  [
    "a replay that counts all events as one",
    "always: true\n    run: { replay: { url: http://x, secret: S, events: [ops/*], effects: { url: http://x/, value: /n } } }",
    "ops/duties.yaml:6:5 wrong_value",
  ],
  ["a tag of YAML", "every: !!js/function P1M\n    from: 2026-01-31", "ops/duties.yaml:5:"],
])("%s is refused where it stands", (_what, rest, place) => {
  write("ops/people.yaml", people);
  write("ops/duties.yaml", duty(rest));
  const found = problems();
  expect(found).toHaveLength(1);
  expect(found[0]?.slice(0, place.length)).toBe(place);
});

test.each([
  [
    "a person who is only a name",
    "people.yaml",
    "roles: { lead: { people: [Ada] } }",
    "1:27 wrong_value people[0] must be a",
  ],
  [
    "a person without a name",
    "people.yaml",
    'roles: { lead: { people: [{ name: " " }] } }',
    "1:35 wrong_value name must say",
  ],
  ["a file with nothing in it", "duties.yaml", "# later", "1:1 missing there is nothing in it"],
  [
    "an environment that is there twice",
    "credentials.yaml",
    credential("rotate: { every: P3M, from: 2026-01-31 }").replace("[production]", "[production, production]"),
    "5:19 duplicate production is there twice",
  ],
  [
    "an exchange that a probe would show",
    "credentials.yaml",
    credential('rotate: { every: P3M, from: 2026-01-31, run: { probe: { url: "https://x/" } } }'),
    "8:52 impossible",
  ],
  [
    "a look that would exchange the key",
    "credentials.yaml",
    credential("health: { every: P3M, from: 2026-01-31, run: { rotation: { driver: postgres-role, admin: A } } }"),
    "8:52 impossible",
  ],
  [
    "a misspelt place of the key",
    "credentials.yaml",
    probed('headers: { key: "{{ secret }}" }'),
    "8:45 wrong_value nothing",
  ],
  ["a header of two lines", "credentials.yaml", probed('headers: { key: "a\\nb" }'), "8:45 wrong_value its headers"],
  [
    "an address without a host",
    "credentials.yaml",
    probed("").replace("x.example", ""),
    "8:45 wrong_value its address",
  ],
  ["a figure that is always well", "education.yaml", asset("kpi: { name: x }"), "8:5 missing any figure would be well"],
  [
    "a figure that never is",
    "education.yaml",
    asset("kpi: { name: x, atLeast: 5, atMost: 1 }"),
    "8:5 impossible no figure",
  ],
  [
    "a figure that nobody may ask for",
    "education.yaml",
    asset('kpi: { name: x, atLeast: 1, url: "https://x/", headers: { a: "{{secret}}" } }'),
    "8:5 missing nobody knows which secret",
  ],
  [
    "a backup that nobody says when to make",
    "backups.yaml",
    "backups:\n  files: { environment: production, owner: lead, driver: restic, repository: /r, password: P, paths: [/srv] }\n",
    "2:3 missing files says not when it is backed up",
  ],
  [
    "a notice of hours without their unit",
    "notice.yaml",
    "owner: lead\nto: [lead]\npack: [ops/*]\nwait: 24\n",
    "4:7 wrong_value wait must have a unit",
  ],
])("%s is refused where it stands, and nothing else is said", (_what, file, text, place) => {
  write("ops/people.yaml", people);
  write(`ops/${file}`, text);
  expect(problems()).toEqual([expect.stringContaining(`ops/${file}:${place}`)]);
});

test("a value that stands where a secret is named is refused and shown nowhere", () => {
  write("ops/people.yaml", people);
  const values = [`${"sk_"}live_0123456789abcdefghij`, "postgres://app:hunter22@db/app", `${"AGE"}-SECRET-KEY-1QQQQ`];
  for (const value of values) {
    write("ops/credentials.yaml", credential("rotate: { every: P3M, from: 2026-01-31 }").replace("PAY_KEY", value));
    const told = problems();
    expect(told).toEqual([
      expect.stringContaining("ops/credentials.yaml:7:12 wrong_value store must be the name of a secret"),
    ]);
    expect(told[0]).not.toContain(value.slice(0, 12));
  }
});

test("aliases that stand for too much, and files that are too large, are refused", () => {
  write("ops/people.yaml", people);
  const bomb = Array.from({ length: 9 }, (_, index) => `  a${index}: &a${index} [${`*a${index - 1},`.repeat(9)}]`);
  write("ops/duties.yaml", `duties:\n  a: &a-1 [x]\n${bomb.join("\n").replaceAll("*a-1", "x")}\n`);
  expect(problems()[0]).toContain("too_large");
  write("ops/duties.yaml", `# ${"x".repeat(1024 * 1024)}\n`);
  expect(problems()[0]).toContain("too_large");
});

test("a gate that asks for what nobody owes is refused", () => {
  write("ops/people.yaml", people);
  write("ops/duties.yaml", duty("every: P1M\n    from: 2026-01-31\n    environment: staging"));
  write("ops/gates.yaml", "gates:\n  - environment: production\n    owner: lead\n    require: [drill/*]\n");
  expect(problems()).toEqual(["ops/gates.yaml:4:15 unknown_name no duty fits drill/*"]);
});

const playbook = (front: string): string =>
  `---\nid: restore\nowner: lead\nreview_every: P3M\nescalation: [lead]\n${front}\n---\n\nText\n`;

test("a playbook is to be gone through again in its time, and when what it watches has changed", () => {
  write("ops/people.yaml", people);
  write("main.tf", "one");
  write("ops/playbooks/restore.md", playbook("reviewed: 2026-11-01\nwatches: [main.tf]\nstate_refs: [main.tf]"));
  const before = load();
  expect(before).toMatchObject({
    ok: true,
    plan: {
      duties: [{ id: "playbook/restore", cadence: { kind: "rolling", done: "2026-11-01", from: "2027-02-01" } }],
    },
  });
  write("main.tf", "two");
  const after = load();
  const digest = (loaded: LoadedDuties): unknown => loaded.ok && loaded.plan.duties[0]?.digest;
  expect(digest(before)).not.toBe(digest(after));
});

test("a playbook that was reviewed tomorrow, or speaks of state that is not there, is refused in its own lines", () => {
  write("ops/people.yaml", people);
  write("ops/playbooks/restore.md", playbook("reviewed: 2026-11-23\nstate_refs: [gone.tf, ../main.tf]"));
  expect(problems()).toEqual([
    "ops/playbooks/restore.md:6:11 impossible 2026-11-23 has not come yet",
    "ops/playbooks/restore.md:7:14 path there is no gone.tf in the repository",
    "ops/playbooks/restore.md:7:23 path there is no ../main.tf in the repository",
  ]);
  write("ops/playbooks/restore.md", "# Restore\n");
  expect(problems()[0]).toContain("missing");
  write("ops/playbooks/restore.md", playbook("reviewed: 2026-13-45"));
  expect(problems()[0]).toContain("6:11 wrong_value");
});

test("only fences that say so are steps, however they are drawn", () => {
  const text = [
    "```sh",
    "plain",
    "```",
    "````sh step=one approval",
    "```sh step=inner",
    "```",
    "````",
    "  ~~~sh step=two idempotent",
    "echo",
    "~~~",
    "`sh step=three`",
  ].join("\n");
  expect(playbookSteps(text)).toMatchObject([
    { name: "one", language: "sh", text: "```sh step=inner\n```", approval: true, idempotent: false, line: 4 },
    { name: "two", text: "echo", approval: false, idempotent: true },
  ]);
});

test.each([
  ["one that is not closed", "```sh step=a\ntrue", "9:1 wrong_value the fence of a is not closed"],
  ["one without a language", "``` step=a\ntrue\n```", "9:1 wrong_value this is meant as a step, and is none"],
  ["one without a name", "```sh step=\ntrue\n```", "9:1 wrong_value this is meant as a step, and is none"],
  ["one in other signs", "```sh {step=a}\ntrue\n```", "9:1 wrong_value this is meant as a step, and is none"],
  ["one in a list", "1. Do\n\n   ```sh step=a\n   true\n   ```\n", null],
  ["one further in", "- Do\n\n      ```sh step=a\n      true\n      ```", "11:1 wrong_value a step begins at"],
  ["one behind a quotation mark", "> ```sh step=a\n> true\n> ```", "9:1 wrong_value a step begins at"],
  ["a misspelt approval", "```sh step=a aproval\ntrue\n```", '9:1 wrong_value nobody knows what "aproval" means'],
  ["one with nothing to run", "```sh step=a\n\n```", "9:1 wrong_value there is nothing in a to run"],
  ["one that has no time", "```sh step=a timeout=0s\ntrue\n```", "9:1 wrong_value a would be ended before it begins"],
  ["one that nothing runs", "```ruby step=a\nputs\n```", '9:1 wrong_value nothing runs "ruby"'],
  [
    "one that an open fence swallows",
    "```sh\nplain\n\n```sh step=a\ntrue\n```",
    "12:1 wrong_value this step stands in a fence that is still open",
  ],
])("a step of a playbook that nobody would run as it was meant is told: %s", (_what, text, place) => {
  write("ops/people.yaml", people);
  write("ops/playbooks/restore.md", playbook("reviewed: 2026-11-01").replace("Text\n", `${text}\n`));
  expect(problems().map((found) => found.slice(0, `ops/playbooks/restore.md:${place}`.length))).toEqual(
    place === null ? [] : [`ops/playbooks/restore.md:${place}`],
  );
});

test("what is meant for Fairway and lies where nothing reads it is told, and what others keep there is not", () => {
  write("ops/people.yaml", people);
  write("ops/aws/credentials.yml", "credentials: {}\n");
  write("ops/playbooks/restore.markdown", playbook("reviewed: 2026-11-01"));
  write("ops/helm/values.yaml", "replicas: 2\n");
  expect(problems()).toEqual([
    "ops/aws/credentials.yml:1:1 unknown_name nothing reads credentials.yml",
    "ops/playbooks/restore.markdown:1:1 unknown_name nothing reads restore.markdown",
  ]);
});

test("editors have a schema of every file", () => {
  for (const file of [
    "people.yaml",
    "duties.yaml",
    "credentials.yaml",
    "backups.yaml",
    "gates.yaml",
    "playbook",
  ] as const)
    expect(dutyJsonSchema(file)).toMatchObject({ type: "object", additionalProperties: false });
});

test("days are counted as a calendar library counts them", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 40_000 }),
      fc.integer({ min: 0, max: 400 }),
      fc.integer({ min: 0, max: 400 }),
      (day, months, days) => {
        const from = dayOf(day * 86_400_000);
        const expected = Temporal.PlainDate.from(from).add({ months }).add({ days }).toString();
        expect(dayAfter(from, { months, days })).toBe(expected);
      },
    ),
    { numRuns: 200 },
  );
  expect(periodOf("P3M")).toEqual({ months: 3, days: 0 });
});

test("a schedule goes by UTC, whatever the zone of the machine", () => {
  const at = Date.parse("2026-03-29T00:00:00.000Z");
  const time = (millis: number | null): string => new Date(millis ?? 0).toISOString();
  expect(time(cronClock.after("15 2 * * *", at))).toBe("2026-03-29T02:15:00.000Z");
  expect(time(cronClock.after("15 2 * * *", at + 8_100_000))).toBe("2026-03-30T02:15:00.000Z");
  expect(time(cronClock.before("15 2 * * *", at + 8_100_000))).toBe("2026-03-29T02:15:00.000Z");
  expect(cronClock.after("0 2 31 2 *", at)).toBeNull();
});

test("a role that nobody has any more is told in the line that relies on it, and its plan holds", () => {
  write("ops/people.yaml", `${people}  left:\n    people: [{ name: Bo, until: 2026-11-21 }]\n`);
  write(
    "ops/duties.yaml",
    `${duty("escalation: [left]\n    every: P1M\n    from: 2026-12-31")}  look/at: { title: Look, owner: left, always: true }\n`,
  );
  write(
    "ops/gates.yaml",
    "gates:\n  - { environment: production, require: [drill/*], owner: lead }\nwaivers:\n  approvers: [left]\n",
  );
  const loaded = load();
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const told = (day: string): readonly string[] =>
    rolesOfNobody(loaded.plan, day).map(({ file, line, message, fix }) => `${file}:${line} ${message}: ${fix ?? ""}`);
  expect(told("2026-11-21")).toEqual([]);
  expect(told("2026-11-22")).toEqual([
    "ops/duties.yaml:8 nobody is left any more, who owes look/at: name somebody for left in ops/people.yaml, or give it to another role",
    "ops/gates.yaml:4 nobody is left any more, who may waive (ops/gates.yaml:4), and is relied on elsewhere once: name somebody for left in ops/people.yaml, or another role in ops/gates.yaml:4",
  ]);
});

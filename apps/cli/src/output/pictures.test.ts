import { stripVTControlCharacters } from "node:util";
import { FairwayError, errorCodes } from "@fairway/core";
import stringWidth from "string-width";
import { describe, expect, test } from "vitest";
import { actedOn, aJob, aPlan, aRun, aStatus, anEnvironment, before, hostile, now, wide } from "../testing/shapes.ts";
import { planLines } from "./plan-lines.ts";
import { exitCodeFor, exitCodes, refusalJson, refusalLines } from "./refusal.ts";
import { runTree } from "./run-tree.ts";
import { statusLines } from "./status-lines.ts";
import { table } from "./table.ts";
import { ago, between, span } from "./times.ts";

const plain = (lines: readonly string[]): string => lines.map((line) => stripVTControlCharacters(line)).join("\n");

describe("a table", () => {
  const rows = [
    ["run-1", "succeeded", "Show what a thing is worth"],
    ["run-12", "failed", wide],
  ];

  test("has columns of even width", () => {
    expect(plain(table(["run", "state", "title"], rows, 80))).toBe(
      ["run     state      title", "run-1   succeeded  Show what a thing is worth", `run-12  failed     ${wide}`].join(
        "\n",
      ),
    );
  });

  test("cuts the last column first", () => {
    expect(plain(table(["run", "state", "title"], rows, 40))).toBe(
      [
        "run     state      title",
        "run-1   succeeded  Show what a thing is…",
        "run-12  failed     配置を読み込み、サー…",
      ].join("\n"),
    );
  });
});

test("times are said as people say them", () => {
  const spans = [0, 449, 9_960, 59_999, 185_000, 7_800_000, 400_000_000].map(span);
  expect(spans).toEqual(["0.0 s", "0.4 s", "10 s", "59 s", "3 min 5 s", "2 h 10 min", "4 d"]);
  expect(ago(before(0.4), now)).toBe("just now");
  expect(ago(before(8.7), now)).toBe("8 s ago");
  expect(ago(before(185), now)).toBe("3 min ago");
  expect(ago(before(7800), now)).toBe("2 h ago");
  expect(between(null, null, now)).toBe("");
  expect(between(before(20), before(8), now)).toBe("12 s");
  expect(between(before(12), null, now)).toBe("12 s");
});

test("a run is a title and a branch for each job", () => {
  expect(plain(runTree(aRun(), 80, now))).toBe(
    [
      "● release of aaaaaaa (Show what a thing is worth)  run-17  running  12 s",
      "├─ ✔ prepare         4.0 s",
      "├─ ✔ check:api:test  4.0 s",
      "├─ ● build:api       node build.mjs  8.0 s",
      "└─ ○ release",
    ].join("\n"),
  );
});

test("a job that failed shows why, and those after it that they did not run", () => {
  const run = aRun({
    state: "failed",
    endedAt: before(1),
    jobs: [
      aJob({ state: "failed", reason: "test said no: exit code 1\n  expected 200\n  received 500" }),
      aJob({ name: "release", state: "pending", startedAt: null, endedAt: null }),
    ],
  });
  expect(plain(runTree(run, 80, now))).toBe(
    [
      "✖ release of aaaaaaa (Show what a thing is worth)  run-17  failed  11 s",
      "├─ ✖ check:api:test  4.0 s",
      "│     test said no: exit code 1",
      "│       expected 200",
      "│       received 500",
      "└─ ○ release         not run",
    ].join("\n"),
  );
});

test("a status says what runs where, what is locked and what waits", () => {
  const status = aStatus({
    environments: [
      anEnvironment({ lock: { by: "grace", reason: "stock-taking", since: before(7200), until: null } }),
      anEnvironment({ name: "staging", current: null, services: [] }),
    ],
    active: [{ ...aRun(), id: "run-18", title: "promote r2 to production", state: "waiting" }],
    problems: ["the database is down: the disk is full"],
  });
  expect(plain(statusLines(status, 80, now))).toBe(
    [
      "marketplace  http://127.0.0.1:7300",
      "! the database is down: the disk is full",
      "",
      "production  r1  aaaaaaa  3 min ago  Show what a thing is worth",
      "  http://shop.localhost:8080",
      "  locked by grace 2 h ago: stock-taking",
      "  ✔ api-gateway  2/2 ready  http://api-gateway.production.localhost:8080",
      "",
      "staging  nothing runs here yet",
      "",
      "on its way",
      "◐ run-18  promote r2 to production",
      "    → fairway run show run-18",
    ].join("\n"),
  );
});

test("a status says how much more is on its way than stands there", () => {
  const status = aStatus({ active: [{ ...aRun(), id: "run-18" }], open: 73 });
  expect(plain(statusLines(status, 80, now))).toContain("and 72 more: fairway runs --active --limit 500");
});

test("a status says what is kept warm, and how long", () => {
  const [service] = anEnvironment().services;
  if (service === undefined) throw new Error("an environment has a service");
  const warm = { release: "r1", until: new Date(now + 61_000).toISOString(), replicas: 2 };
  const status = aStatus({ environments: [anEnvironment({ services: [{ ...service, warm }] })] });
  expect(plain(statusLines(status, 80, now))).toContain("      2 of r1 kept warm for a rollback, 2 min more");
});

test("a status says where contracts are, which have no replicas", () => {
  const [service] = anEnvironment().services;
  if (service === undefined) throw new Error("an environment has a service");
  const [address, implementation] = [`0x${"1".repeat(40)}`, `0x${"2".repeat(40)}`];
  const chain = { release: "r1", contracts: [{ name: "shop", chain: 31337, address, implementation }] };
  const market = { ...service, name: "market", desired: 1, ready: 1, urls: [], chain };
  const lines = (of: typeof service): string =>
    plain(statusLines(aStatus({ environments: [anEnvironment({ services: [of] })] }), 80, now));
  expect(lines(market)).toContain("  ✔ market    on chain 31337, of r1\n      shop at 0x1111");
  expect(lines(market)).toContain(implementation);
  expect(lines({ ...market, ready: 0, problem: "the code differs" })).toContain(
    "on chain 31337, of r1  the code differs",
  );
  expect(lines({ ...market, ready: 0, chain: null })).toContain("✖ market    on no chain yet");
});

test("a status says how each release is used, and what is closed", () => {
  const [service] = anEnvironment().services;
  if (service === undefined) throw new Error("an environment has a service");
  const minute = { seconds: 60, requests: 204, requestsPerSecond: 3.4, errors: 0, p99: 12.5 };
  const services = [
    {
      ...service,
      maintenance: "Back at ten",
      traffic: [
        { ...minute, release: "r1" },
        { ...minute, release: "r2", requestsPerSecond: 0.0167, errors: 1, p99: null },
      ],
    },
    { ...service, name: "worker", traffic: null, urls: [] },
  ];
  expect(plain(statusLines(aStatus({ environments: [anEnvironment({ services })] }), 80, now))).toBe(
    [
      "marketplace  http://127.0.0.1:7300",
      "",
      "production  r1  aaaaaaa  3 min ago  Show what a thing is worth",
      "  http://shop.localhost:8080",
      "  ✔ api-gateway  2/2 ready  http://api-gateway.production.localhost:8080",
      "    closed for its users: Back at ten",
      "    r1  3.4 requests/s  0 errors  p99 12.5 ms",
      "    r2  0.0167 requests/s  1 error",
      "  ✔ worker       2/2 ready",
    ].join("\n"),
  );
});

test("a plan is read from top to bottom before a yes", () => {
  expect(
    plain(
      planLines(aPlan({ retired: ["worker"], obstacles: ["production takes only what staging has verified"] }), 80),
    ),
  ).toBe(
    [
      "promote r2 to production",
      "aaaaaaa Show what a thing is worth by Ada",
      "r1 runs there now",
      "",
      "service      action   replicas  strategy         after",
      "catalog      restart  2         rolling 100/200  –",
      "api-gateway  replace  3         rolling 50/150   catalog",
      "  → api-gateway may go down to 2 of 3 while it is replaced; 100 and 200 percent",
      "  never take any away first",
      "worker ends: the release no longer has it",
      "",
      "needs 1 approval",
      `digest sha256:${"d".repeat(64)}`,
      "✖ production takes only what staging has verified",
    ].join("\n"),
  );
});

describe("a refusal", () => {
  const refused = new FairwayError("locked", "production is locked by grace", {
    hint: "ask grace, or: fairway unlock production",
  });

  test("says what was refused, and what to do", () => {
    expect(plain(refusalLines(refused, 80))).toBe(
      "error production is locked by grace [locked]\n→ ask grace, or: fairway unlock production",
    );
    expect(refusalJson(refused)).toEqual({
      error: {
        code: "locked",
        message: "production is locked by grace",
        hint: "ask grace, or: fairway unlock production",
        retryable: false,
        problems: [],
      },
    });
  });

  test("has an exit code for every error there is: 1 for a no, 2 for not knowing", () => {
    expect(Object.keys(exitCodes).sort()).toEqual(Object.keys(errorCodes).sort());
    expect(exitCodeFor(refused)).toBe(1);
    expect(exitCodeFor({ code: "database_unavailable", message: "came over the wire" })).toBe(2);
    expect(exitCodeFor(new TypeError("a fault of our own"))).toBe(2);
  });

  test("keeps what is hostile out of the terminal", () => {
    const lines = refusalLines(new FairwayError("bad_request", hostile, { problems: [hostile], hint: hostile }), 80);
    expect(plain(lines)).not.toMatch(actedOn);
  });
});

describe.each([80, 40])("in %i columns", (width) => {
  const long = `${hostile} ${wide} ${"word ".repeat(30)}${"x".repeat(100)}`;
  const pictures: Readonly<Record<string, () => readonly string[]>> = {
    "a run": () =>
      runTree(
        aRun({
          title: long,
          state: "failed",
          attention: { why: long, action: "fairway run retry run-17", interrupted: null },
          jobs: [
            aJob({ name: `rollout:${"n".repeat(60)}`, state: "running", message: long, endedAt: null }),
            aJob({ name: wide, state: "failed", reason: long, startedAt: before(400_000) }),
          ],
        }),
        width,
        now,
      ),
    "a status": () =>
      statusLines(
        aStatus({
          project: "p".repeat(40),
          problems: [long],
          active: [{ ...aRun(), title: long, attention: { why: long, action: long, interrupted: null } }],
          environments: [
            anEnvironment({
              name: "e".repeat(40),
              moving: "run-123456",
              lock: { by: wide, reason: long, since: before(1), until: before(-60) },
              mixed: [{ service: "s".repeat(60), release: "r".repeat(60) }],
              quarantine: { by: wide, reason: long, at: before(60) },
              services: [
                {
                  ...{ name: "s".repeat(40), desired: 3, ready: 1, urls: [], replicas: [], problem: long },
                  maintenance: long,
                  warm: { release: "r".repeat(60), replicas: 3, until: before(-600) },
                  traffic: [
                    {
                      ...{
                        release: "r".repeat(60),
                        seconds: 60,
                        requests: 1,
                        requestsPerSecond: 1e6,
                        errors: 1e6,
                        p99: 1e6,
                      },
                    },
                  ],
                },
              ],
            }),
          ],
        }),
        width,
        now,
      ),
    "a plan": () =>
      planLines(
        aPlan({
          revision: { ...aPlan().revision, subject: long, author: long },
          rollouts: aPlan().rollouts.map((rollout) => ({
            ...rollout,
            service: "s".repeat(40),
            after: ["a".repeat(40), "b".repeat(40)],
          })),
          leftOut: [{ service: "inference", reason: long }],
          obstacles: [long],
        }),
        width,
      ),
    "a table": () => table(["one", "two", "three"], [[wide, long.replaceAll(hostile, ""), wide]], width),
    "a refusal": () => refusalLines(new FairwayError("internal", long, { problems: [long], hint: long }), width),
  };

  test.each(Object.keys(pictures))("%s is never wider, whatever is in it", (name) => {
    const lines = pictures[name]?.() ?? [];
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.map((line) => stringWidth(line)).filter((columns) => columns > width)).toEqual([]);
    expect(lines.filter((line) => line.includes("\n"))).toEqual([]);
  });
});

import { expect, test } from "vitest";
import type { Asked } from "./testing/daemon-stand-in.ts";
import { standInForDaemon } from "./testing/daemon-stand-in.ts";
import { runCli } from "./testing/run-cli.ts";

const flag = "/api/v1/environments/production/flags/button-colour/rollout";

// What the command prints of it is of no matter here: the stand-in answers with an empty list.
test.concurrent.each<[command: string, place: string, asked: Partial<Asked>]>([
  [
    "runs --kind deployment --state failed --by dana --text r8 --env staging -n 5",
    "GET /api/v1/runs",
    {
      path: "/api/v1/runs?limit=5&active=false&env=staging&kind=deployment&state=failed&who=dana&text=r8",
    },
  ],
  ["audit STRIPE_KEY", "GET /api/v1/audit", { path: "/api/v1/audit?subject=STRIPE_KEY&limit=30" }],
  [
    "audit list STRIPE_KEY --until 2026-11-22",
    "GET /api/v1/audit",
    { path: "/api/v1/audit?subject=STRIPE_KEY&until=2026-11-22&limit=30" },
  ],
  ["preview list --ended", "GET /api/v1/previews", { path: "/api/v1/previews?ended=true&limit=50" }],
  [
    "flags rollout production button-colour 10 --variant blue",
    `POST ${flag}`,
    { body: expect.objectContaining({ percent: 10, variant: "blue" }) },
  ],
  [
    "duties attest drill/database --at 2026-11-20T09:00:00+01:00 --corrects 1017",
    "POST /api/v1/duties/evidence",
    { body: expect.objectContaining({ observedAt: "2026-11-20T08:00:00.000Z", corrects: 1017 }) },
  ],
  [
    "roles grant vera deployer --env staging --project shop",
    "POST /api/v1/roles",
    { body: { person: "vera", role: "deployer", environment: "staging", project: "shop" } },
  ],
  [
    "tokens create ci --env staging,previews --project shop --days 7",
    "POST /api/v1/tokens",
    { body: expect.objectContaining({ environments: ["staging", "previews"], projects: ["shop"], days: 7 }) },
  ],
])("`fairway %s` asks for just that", async (command, place, asked) => {
  const seen: Asked[] = [];
  const daemon = await standInForDaemon({ [place]: (one: Asked) => (seen.push(one), []) });
  await runCli(["--data", daemon.dataDirectory, "--json", ...command.split(" ")]);
  await daemon.close();
  expect(seen).toEqual([expect.objectContaining(asked)]);
});

test("`fairway duties --state` and `--owner` list those, say when there are none, and know their states", async () => {
  const duty = { title: "", why: "since Monday", waiver: null, last: null, dueAt: null };
  const duties = [
    { ...duty, id: "drill/database", owner: "ops", state: "overdue" },
    { ...duty, id: "access-review", owner: "security", state: "ok" },
  ];
  const daemon = await standInForDaemon({ "GET /api/v1/duties": { duties, problems: [], held: null, looked: null } });
  const ask = (...words: readonly string[]): ReturnType<typeof runCli> =>
    runCli(["--data", daemon.dataDirectory, "duties", ...words]);
  const [overdue, none, bogus] = await Promise.all([
    ask("--state", "overdue"),
    ask("list", "--state", "ok", "--owner", "ops"),
    ask("--state", "late"),
  ]);
  await daemon.close();
  expect(overdue.stdout).toContain("drill/database");
  expect(overdue.stdout).not.toContain("access-review");
  expect(none).toMatchObject({ code: 0, stdout: "none of 2 is like that\n" });
  expect(bogus.code).toBe(1);
  expect(bogus.stderr).toContain("there are failing, overdue, unknown, due, ok");
});

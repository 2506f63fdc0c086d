import { expect, onTestFinished, test } from "vitest";
import { loadProject } from "./load.ts";
import { formatProblem } from "./problems.ts";
import { testRepository } from "./test-repository.ts";

const load = (notices: string): ReturnType<typeof loadProject> =>
  loadProject(
    testRepository(
      {
        "fairway.yaml": `name: a\nservices:\n  web: { run: node web.mjs }\nenvironments:\n  production: {}\nnotices:\n${notices}\n`,
      },
      onTestFinished,
    ),
  );

test("each place is read, with what it hears of", async () => {
  const loaded = await load(`
  team: { slack: { token: { secret: SLACK }, channel: C1 }, environments: [production] }
  hook: { webhook: { url: "https://example.com/hook", secret: { secret: HOOK } }, about: [release.made] }
  mail: { email: { server: "smtps://mail.example.com", from: f@example.com, to: [a@example.com] } }
  alerts: { alertmanager: { url: "https://alerts.example.com" } }
  outside: { deadMansSwitch: { url: { secret: SWITCH } } }
  tickets: { jira: { url: "https://acme.example", project: OPS, user: bot, token: { secret: JIRA } } }`);
  const notices = loaded.ok ? (loaded.project.notices ?? []) : [];
  expect(notices.map(({ name, place, environments }) => [name, place.kind, environments])).toEqual([
    ["team", "slack", ["production"]],
    ["hook", "webhook", null],
    ["mail", "email", null],
    ["alerts", "alertmanager", null],
    ["outside", "dead-mans-switch", null],
    ["tickets", "jira", null],
  ]);
  expect(notices.find(({ name }) => name === "outside")?.about).toEqual([]);
  expect(notices.find(({ name }) => name === "alerts")?.about).toContain("deployment.succeeded");
  expect(notices.map(({ about }) => about.includes("deployment.began"))).toEqual([
    true,
    false,
    true,
    false,
    false,
    false,
  ]);
});

test.each([
  ["  team: { environments: [production] }", "says nothing of which"],
  [
    "  team: { slack: { webhook: { secret: S } }, datadog: { apiKey: { secret: D } } }",
    "this one has slack and datadog",
  ],
  ["  team: { slack: { webhook: { secret: S } }, environments: [prodution] }", 'no environment "prodution"'],
  ["  team: { webhook: { url: file:///etc/passwd, secret: { secret: S } } }", "must be an address"],
  ["  team: { webhook: { url: https://me:pw@example.com, secret: { secret: S } } }", "must be an address"],
  ["  team: { slack: { webhook: { secret: S } }, about: [everything] }", "must be one of"],
  ["  team: { alertmanager: { url: https://a.example, user: me } }", "a user without a password is nobody"],
  [
    "  team: { deadMansSwitch: { url: { secret: S } }, about: [release.made] }",
    "hears of nothing but that Fairway is there",
  ],
  ["  team: { deadMansSwitch: { url: https://hc.example/uuid } }", "must be { secret: NAME }"],
])("%s is refused with its place", async (written, said) => {
  const loaded = await load(written);
  const problems = loaded.ok ? "" : loaded.problems.map(formatProblem).join("\n");
  expect(problems).toMatch(/fairway\.yaml:7:\d+ /);
  expect(problems).toContain(said);
});

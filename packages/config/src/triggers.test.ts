import type { Project } from "@fairway/core";
import { expect, onTestFinished, test } from "vitest";
import { explain, formatExplanation } from "./explain.ts";
import { loadProject } from "./load.ts";
import { formatProblem } from "./problems.ts";
import { testRepository } from "./test-repository.ts";
import { timeZoneProblem } from "./time-zone.ts";

const load = (written: string): ReturnType<typeof loadProject> =>
  loadProject(
    testRepository(
      {
        "fairway.yaml": `name: a\nservices:\n  web: { run: node web.mjs }\nenvironments:\n  staging: {}\n  production: {}\n${written}\n`,
        ".github/workflows/nightly.yml": "on: workflow_dispatch\njobs: {}\n",
      },
      onTestFinished,
    ),
  );
const problemsOf = async (written: string): Promise<string> => {
  const loaded = await load(written);
  return loaded.ok ? "" : loaded.problems.map(formatProblem).join("\n");
};
const projectOf = async (written: string): Promise<Project> => {
  const loaded = await load(written);
  if (!loaded.ok) throw new Error(loaded.problems.map(formatProblem).join("\n"));
  return loaded.project;
};

test("triggers are read with their filters, times, inputs and what they start", async () => {
  const { triggers } = await projectOf(`
triggers:
  staging: { on: { push: { branches: main, pathsIgnore: ["docs/**"] } }, deploy: staging }
  production: { on: { tag: { names: "v*", semver: ">=1.0.0" } }, deploy: production }
  anywhere: { on: { tag: { semver: "*", branch: null }, pullRequest: true }, release: { deploy: false } }
  nightly:
    on: { schedule: { cron: "0 2 * * *", timezone: Europe/Berlin }, manual: true, api: true }
    inputs: { suite: { type: choice, options: [smoke, full], default: full } }
    workflow: ./.github/workflows/nightly.yml
    environment: staging
    with: { suite: { input: suite }, retries: 2 }`);
  expect(triggers).toEqual([
    {
      name: "staging",
      on: [
        {
          kind: "push",
          branches: { ignore: false, patterns: ["main"] },
          paths: { ignore: true, patterns: ["docs/**"] },
        },
      ],
      inputs: [],
      starts: { kind: "deploy", environment: "staging" },
    },
    {
      name: "production",
      on: [{ kind: "tag", tags: { names: { ignore: false, patterns: ["v*"] }, semver: ">=1.0.0" }, branch: "main" }],
      inputs: [],
      starts: { kind: "deploy", environment: "production" },
    },
    {
      name: "anywhere",
      on: [
        { kind: "tag", tags: { names: null, semver: "*" }, branch: null },
        { kind: "pull-request", branches: null, paths: null, types: ["opened", "synchronize", "reopened"] },
      ],
      inputs: [],
      starts: { kind: "release", deploy: false },
    },
    {
      name: "nightly",
      on: [
        { kind: "schedule", cron: "0 2 * * *", timezone: "Europe/Berlin", catchUp: true },
        { kind: "manual" },
        { kind: "api" },
      ],
      inputs: [
        {
          name: "suite",
          type: "choice",
          description: null,
          required: false,
          default: "full",
          options: ["smoke", "full"],
        },
      ],
      starts: {
        kind: "workflow",
        file: ".github/workflows/nightly.yml",
        job: null,
        environment: "staging",
        inputs: { suite: { input: "suite" }, retries: 2 },
      },
    },
  ]);
});

test("a project without triggers and without a forge is what it was before there were any", async () => {
  const project = await projectOf("");
  expect(["triggers", "forge"].some((key) => key in project)).toBe(false);
  expect(project.environments.some((environment) => "onlyFrom" in environment)).toBe(false);
});

test("a forge and where an environment takes from are read and explained", async () => {
  const written = `forge: { github: { repository: acme/shop, app: { id: 7, key: { secret: KEY } }, webhookSecret: { secret: HOOK }, every: 10m } }`;
  expect((await projectOf(written)).forge).toEqual({
    kind: "github",
    repository: "acme/shop",
    remote: "origin",
    api: "https://api.github.com",
    login: { kind: "app", app: 7, installation: null, key: { secret: "KEY" } },
    webhookSecret: { secret: "HOOK" },
    formerWebhookSecret: null,
    every: 600_000,
    workflows: false,
    releases: false,
    allowPrivate: [],
  });
  expect((await projectOf("forge: { git: { remote: origin } }")).forge).toEqual({
    kind: "git",
    remote: "origin",
    every: 60_000,
    workflows: true,
  });
  const loaded = await load(written);
  const explained = loaded.ok ? explain(loaded, "forge.github.every") : undefined;
  expect(explained?.known && explained.settings.map(formatExplanation)).toEqual([
    expect.stringMatching(/^forge\.github\.every = "10m" {3}fairway\.yaml:7:/),
  ]);
});

test.each([
  ["on: { schedule: { cron: 0 2 31 2 * } }, release: true", /"0 2 31 2 \*" never comes/],
  ["on: { schedule: { cron: 99 * * * * } }, release: true", /is no time as cron has it/],
  ['on: { schedule: { cron: "* * * * * *" } }, release: true', /is no time as cron has it/],
  ["on: { schedule: { cron: 0 2 * * *, timezone: Europe/Berlim } }, release: true", /did you mean "Europe\/Berlin"/],
  ["on: { schedule: { cron: 0 2 * * *, timezone: CEST } }, release: true", /there is no time zone "CEST"/],
  ["on: { schedule: { cron: 0 2 * * *, timezone: EST } }, release: true", /does not say which clocks/],
  ["on: { schedule: { cron: 0 2 * * *, timezone: '+02:00' } }, release: true", /there is no time zone "\+02:00"/],
  ["on: { schedule: { cron: 0 2 * * *, timezone: UTC+2 } }, release: true", /there is no time zone/],
  ["on: { schedule: { cron: 0 2 * * *, timezone: Etc/GMT+2 } }, release: true", /the opposite of what it says/],
  ["on: { push: { branches: [] } }, release: true", /push must be true or|must name at least one/],
  ['on: { push: { branches: ["!main"] } }, release: true', /every pattern takes out/],
  ["on: { push: { branches: refs/heads/main } }, release: true", /fits nothing.*\n.*write main/],
  ["on: { push: { branches: main, branchesIgnore: old } }, release: true", /cannot both be given/],
  ["on: { tag: { semver: banana } }, release: true", /"banana" is no range of versions/],
  ["on: { tag: {} }, release: true", /says nothing of which tags/],
  ["on: {}, release: true", /it listens to nothing/],
  ["on: { push: true }", /says nothing of what/],
  ["on: { push: true }, release: true, deploy: staging", /starts one thing, and this one has release and deploy/],
  ["on: { push: true }, deploy: stagging", /there is no environment "stagging".*\n.*did you mean "staging"/],
  ["on: { push: true }, workflow: .github/workflows/none.yml", /the repository has no file/],
  ["on: { push: true }, workflow: ../outside.yml", /the repository has no file/],
  ["on: { pullRequest: true }, deploy: staging", /may be a stranger's/],
  ["on: { pullRequest: true }, plan: stagging", /there is no environment "stagging".*\n.*did you mean "staging"/],
  ["on: { pullRequest: true }, plan: staging", /staging has no infrastructure to plan/],
  ["on: { manual: true }, release: true, with: { a: 1 }", /with is for a workflow/],
  ["on: { manual: true }, inputs: { a: { type: choice } }, release: true", /a choice needs options/],
  ["on: { manual: true }, inputs: { a: { type: number, default: many } }, release: true", /not what a number may be/],
  ["on: { push: true }, inputs: { a: { required: true } }, release: true", /nobody is there to give it/],
  [
    "on: { manual: true }, workflow: .github/workflows/nightly.yml, with: { a: { input: b } }",
    /the trigger has no input "b"/,
  ],
  ["on: { cron: daily }, release: true", /unknown|means nothing|not a key/i],
])("{ %s } is refused with its place", async (trigger, problem) => {
  const said = await problemsOf(`triggers:\n  one: { ${trigger} }`);
  expect(said).toMatch(problem);
  expect(said).toMatch(/^fairway\.yaml:8:\d+ /m);
});

test.each([
  ["forge: { git: {}, github: { repository: a/b, token: { secret: T } } }", /names two/],
  ["forge: {}", /says nothing of where/],
  ["forge: { github: { repository: shop, token: { secret: T } } }", /must be owner\/name/],
  ["forge: { github: { repository: a/b } }", /does not say who we are/],
  ["forge: { github: { repository: a/b, token: plain } }", /must be \{ secret: NAME \}/],
  ["forge: { github: { repository: a/b, token: { secret: T }, api: http://github.example.com } }", /without TLS/],
  ['forge: { git: { remote: "ext::sh -c touch% pwned" } }', /must be the name of a remote/],
  ['forge: { git: { remote: "--upload-pack=touch" } }', /must be the name of a remote/],
  ["forge: { git: { every: 10ms } }", /must be at least 1s/],
])("%s is refused with its place", async (forge, problem) => {
  const said = await problemsOf(forge);
  expect(said).toMatch(problem);
  expect(said).toMatch(/^fairway\.yaml:7:\d+ /m);
});

test("an environment says where commits must come from, by tags, by a branch or by both", async () => {
  const loaded = await loadProject(
    testRepository(
      {
        "fairway.yaml":
          "name: a\nservices:\n  web: { run: node web.mjs }\nenvironments:\n  live: { onlyFrom: { tags: { semver: ^1 }, branch: main } }\n",
      },
      onTestFinished,
    ),
  );
  expect(loaded.ok && loaded.project.environments[0]?.onlyFrom).toEqual({
    tags: { names: null, semver: "^1" },
    branch: "main",
  });
});

test("names of time zones that say nothing of summer time are refused, and those of places are taken", () => {
  for (const good of ["UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "Etc/UTC"])
    expect([good, timeZoneProblem(good)]).toEqual([good, null]);
  for (const bad of [
    "",
    "utc+1",
    "Mars/Olympus",
    "CEST",
    "GMT",
    "../etc/passwd",
    "Europe/Berlin\0",
    "EST5EDT",
    "12345",
  ])
    expect([bad, timeZoneProblem(bad) === null]).toEqual([bad, false]);
});

import { expect, test } from "vitest";
import type { Environment, Project } from "../project/project.ts";
import { environmentWords } from "./environment-words.ts";

const environment = (name: string, more: Partial<Environment> = {}): Environment =>
  ({
    name,
    purpose: null,
    url: null,
    deploys: "on-request",
    promotesFrom: null,
    approvals: 0,
    placements: [{ service: "api", replicas: 2 }],
    ...more,
  }) as Environment;
const filter = (...patterns: readonly string[]) => ({ ignore: false, patterns });
const project: Project = {
  name: "shop",
  services: [],
  environments: [],
  triggers: [
    {
      name: "main",
      on: [{ kind: "push", branches: filter("main"), paths: null }],
      inputs: [],
      starts: { kind: "deploy", environment: "staging" },
    },
    {
      name: "nightly",
      on: [{ kind: "schedule", cron: "0 2 * * *", timezone: "Europe/Berlin", catchUp: true }],
      inputs: [],
      starts: { kind: "workflow", file: ".github/workflows/it.yml", job: null, environment: "staging", inputs: {} },
    },
  ],
};

test("what brings a release to an environment, and what runs there by itself, is told with when", () => {
  expect(environmentWords(project, environment("staging", { deploys: "automatically" })).starts).toEqual([
    "every release",
    "push main",
    "nightly: runs .github/workflows/it.yml as staging has it (0 2 * * * Europe/Berlin)",
  ]);
  expect(environmentWords(project, environment("production", { promotesFrom: "staging" })).starts).toEqual([
    "fairway promote production",
  ]);
});

test("the environment that previews begin from is told of them", () => {
  const previews = {
    inherits: "development",
    domain: "preview.example.com",
    pullRequests: true,
  } as Project["previews"];
  const { starts } = environmentWords({ ...project, previews }, environment("development"));
  expect(starts).toEqual([
    "fairway deploy development",
    "each pull request: a preview of it at pr-N.preview.example.com",
  ]);
});

test("what a deployment is held to, and the addresses by their names", () => {
  const production = environment("production", {
    promotesFrom: "staging",
    approvals: 2,
    approvalTerms: { from: [{ role: "approver" }] },
    onlyFrom: { tags: { names: filter("v*"), semver: null }, branch: "main" },
    notice: 24 * 3_600_000,
    url: "https://shop.example.com",
    urls: { frontend: "https://shop.example.com", backend: "https://api.example.com" },
  });
  const { protection, urls, scale } = environmentWords(project, production);
  expect(protection).toEqual([
    "2 approvals of approver",
    "verified in staging",
    "only tags v*",
    "only commits of main",
    "announced 24 h before",
  ]);
  expect(urls.map(({ name }) => name)).toEqual(["frontend", "backend"]);
  expect(scale).toEqual([{ service: "api", replicas: 2 }]);
});

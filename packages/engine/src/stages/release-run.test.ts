import { plainService } from "@fairway/conformance";
import type { Digest, Project, ReleaseId, Revision, RunId, Service, ServiceCheck } from "@fairway/core";
import { expect, test } from "vitest";
import { planReleaseRun, type ReleaseFacts } from "./release-run.ts";

const check = (name: string, over: Partial<ServiceCheck> = {}): ServiceCheck => ({
  name,
  argv: [name],
  directory: ".",
  timeout: 1000,
  env: {},
  ...over,
});

const service = (name: string, checks: readonly ServiceCheck[]): Service =>
  plainService(name, { checks, build: { commands: [], output: ".", inputs: ["."] }, run: null });

const revision = { sha: "a".repeat(40), short: "aaaaaaa", subject: "Begin", ref: "main" } as unknown as Revision;
const project: Project = {
  name: "shop",
  environments: [],
  services: [
    service("api", [check("lint"), check("types", { needs: ["lint"] }), check("test", { needs: ["types"] })]),
    service("web", [check("test")]),
  ],
};
const facts: ReleaseFacts = {
  project,
  revision,
  requestedBy: "ada",
  inputs: new Map([
    ["api", "sha256:api" as Digest],
    ["web", "sha256:web" as Digest],
  ]),
  reusable: new Map(),
  green: new Map(),
  absentTools: new Map(),
  lost: new Map(),
  leftOut: [],
  deploy: true,
};
const reusable: ReleaseFacts["reusable"] = new Map([
  ["web", { artifact: "sha256:w" as Digest, builtIn: "r4" as ReleaseId }],
]);

/** The jobs with what they wait for, and what is left out with its reason. */
function planned(over: Partial<ReleaseFacts>): { jobs: Record<string, readonly string[]>; notRun: unknown } {
  const { jobs, subject } = planReleaseRun({ ...facts, ...over });
  return {
    jobs: Object.fromEntries(jobs.map(({ name, needs }) => [name, needs])),
    notRun: (subject as { notRun: unknown }).notRun,
  };
}

test("checks wait for those they need, a build for all of them, and a release for the builds", () => {
  expect(planned({})).toEqual({
    jobs: {
      "prepare:api": [],
      "check:api/lint": ["prepare:api"],
      "check:api/types": ["prepare:api", "check:api/lint"],
      "check:api/test": ["prepare:api", "check:api/types"],
      "build:api": ["prepare:api", "check:api/lint", "check:api/types", "check:api/test"],
      "prepare:web": [],
      "check:web/test": ["prepare:web"],
      "build:web": ["prepare:web", "check:web/test"],
      release: ["build:api", "build:web"],
    },
    notRun: [],
  });
});

test("what was green for the same inputs, and what cannot run here, is left out and said", () => {
  const green: ReleaseFacts["green"] = new Map([["api/lint", { run: "run-7" as RunId, short: "1234567" }]]);
  const absentTools = new Map([["api/types", "tsc not found on this machine"]]);
  const { jobs, notRun } = planned({ green, absentTools, reusable });
  expect(jobs).toEqual({
    "prepare:api": [],
    "check:api/test": ["prepare:api"],
    "build:api": ["prepare:api", "check:api/test"],
    release: ["build:api"],
  });
  expect(notRun).toEqual([
    { check: "api/lint", why: "nothing changed since 1234567, where it was green (run-7)" },
    { check: "api/types", why: "tsc not found on this machine" },
    { check: "web/test", why: "nothing changed since r4, which was made of it" },
  ]);
});

test("for a tag everything is asked again, and an artifact that is there is not built twice", () => {
  const green: ReleaseFacts["green"] = new Map([["web/test", { run: "run-7" as RunId, short: "1234567" }]]);
  const { jobs, notRun } = planned({
    revision: { ...revision, ref: "v1", isTag: true },
    green,
    reusable,
    absentTools: new Map([["api/lint", "eslint not found on this machine"]]),
  });
  expect(jobs["check:web/test"]).toEqual(["prepare:web"]);
  expect(jobs["build:web"]).toBeUndefined();
  expect(jobs["release"]).toEqual(["build:api", "prepare:web", "check:web/test"]);
  expect(notRun).toEqual([{ check: "api/lint", why: "eslint not found on this machine" }]);
});

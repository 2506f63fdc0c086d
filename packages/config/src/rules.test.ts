import { expect, onTestFinished, test } from "vitest";
import { loadProject } from "./load.ts";
import { formatProblem } from "./problems.ts";
import { testRepository } from "./test-repository.ts";

async function complaints(yaml: string): Promise<readonly string[]> {
  const loaded = await loadProject(testRepository({ "api/": "", "fairway.yaml": yaml }, onTestFinished));
  return loaded.ok ? [] : loaded.problems.map((problem) => formatProblem(problem).split("\n")[0] ?? "");
}

test("circles are told once, at the reference that closes them", async () => {
  const yaml = `name: a
services:
  api: { path: api, run: x, dependsOn: [web] }
  web: { run: y, dependsOn: [api] }
environments:
  one: { promotesFrom: two, inherits: two }
  two: { inherits: one }
`;
  expect(await complaints(yaml)).toEqual([
    "fairway.yaml:3:41 services depend on each other in a circle: api → web → api",
    "fairway.yaml:6:24 environments promote to each other in a circle: one → two → one",
    "fairway.yaml:6:39 environments inherit from each other in a circle: one → two → one",
  ]);
});

test("names that lead nowhere get the nearest one that exists", async () => {
  const yaml = `name: a
services:
  api: { path: api, run: x, dependsOn: [apu] }
environments:
  staging: { services: { apl: { replicas: 2 } } }
  production: { promotesFrom: stagin, inherits: prod }
`;
  const loaded = await loadProject(testRepository({ "api/": "", "fairway.yaml": yaml }, onTestFinished));
  expect(loaded.ok || loaded.problems.map(({ line, column, message, fix }) => [line, column, message, fix])).toEqual([
    [3, 41, 'there is no service "apu"', 'did you mean "api"?'],
    [5, 26, 'there is no service "apl"', 'did you mean "api"?'],
    [6, 31, 'there is no environment "stagin"', 'did you mean "staging"?'],
    [6, 49, 'there is no environment "prod"', "known here: staging, production"],
  ]);
});

test("two letters that changed places are known for what they are", async () => {
  const yaml = "name: a\nservices:\n  api: { rnu: x }\n  web: { run: x, dependsOn: [pai] }\n";
  const loaded = await loadProject(testRepository({ "fairway.yaml": yaml }, onTestFinished));
  expect(loaded.ok || loaded.problems.map(({ message, fix }) => [message, fix])).toEqual([
    ['unknown key "rnu" in api', 'did you mean "run"?'],
    ['there is no service "pai"', 'did you mean "api"?'],
  ]);
});

test.each([
  ["an object that is none of the forms", "{ name: rolling }", 'unknown key "name" in strategy', "strategy must be"],
  ["a slip in a form's name", "{ canray: {} }", 'unknown key "canray" in strategy', 'did you mean "canary"?'],
  ["a form that is not complete", "{ canary: {} }", 'canary needs "steps"', "steps must be a list of steps"],
  ["a word", "rollling", "strategy must be", ""],
])("of a strategy, %s is told in words", async (_, strategy, message, fix) => {
  const yaml = `name: a\nservices:\n  web: { run: x, strategy: ${strategy} }\n`;
  const loaded = await loadProject(testRepository({ "fairway.yaml": yaml }, onTestFinished));
  expect(loaded.ok || loaded.problems).toEqual([
    expect.objectContaining({ line: 3, message: expect.stringContaining(message) }),
  ]);
  expect(loaded.ok ? "" : (loaded.problems[0]?.fix ?? "")).toContain(fix);
});

test("a span of time that is none is told once", async () => {
  const yaml = "name: a\nservices:\n  web: { run: x, health: { path: /, interval: 5 parsecs } }\n";
  expect(await complaints(yaml)).toEqual([expect.stringContaining("interval must be a span of time")]);
});

test("texts that no process and no database takes are refused wherever they are", async () => {
  const yaml = String.raw`name: a
services:
  web: { run: "node \0 x", env: { A: "\0", B: "\uD800" }, checks: { "t\0": x } }
`;
  expect(await complaints(yaml)).toEqual([
    "fairway.yaml:3:15 run holds a NUL character",
    "fairway.yaml:3:38 A holds a NUL character",
    "fairway.yaml:3:47 B holds half of a character",
    "fairway.yaml:3:69 a key holds a NUL character",
  ]);
});

test("a name whose service is wrong elsewhere is not also called unknown", async () => {
  const yaml = "name: a\nservices:\n  api: 3\n  web: { run: x, dependsOn: [api] }\n";
  expect(await complaints(yaml)).toEqual(["fairway.yaml:3:8 api must be an object that describes a service, not 3"]);
});

test("paths stay inside the repository and lead somewhere", async () => {
  const yaml = String.raw`name: a
services:
  a: { path: ../x, run: x }
  b: { path: /etc, run: y }
  c: { path: nowhere }
  d: { path: fairway.yaml }
  e: { path: api, checks: { t: { command: x, cwd: ../.. } }, build: { output: ../../x, inputs: [~/x, 'a\b'] } }
  f: { path: api, checks: { t: { command: x, cwd: .. } } }
`;
  expect(await complaints(yaml)).toEqual([
    'fairway.yaml:3:14 path leaves the repository: "../x"',
    'fairway.yaml:4:14 path must be relative, not "/etc"',
    'fairway.yaml:5:14 path leads nowhere: there is no folder "nowhere"',
    'fairway.yaml:6:14 path must be a folder, and "fairway.yaml" is a file',
    'fairway.yaml:7:51 cwd leaves the repository: "../.."',
    'fairway.yaml:7:79 output leaves the repository: "../../x"',
    'fairway.yaml:7:97 inputs[0] must be relative, not "~/x"',
    String.raw`fairway.yaml:7:102 inputs[1] has a character that a path may not have: "a\\b"`,
  ]);
});

test("bounds that cannot work are told where they were written, in the environment where they cannot", async () => {
  const yaml = `name: a
services:
  api:
    run: x
    replicas: 4
    strategy: { rolling: { maximumPercent: 150 } }
environments:
  staging: { services: { api: { replicas: 1 } } }
  production: {}
`;
  expect(await complaints(yaml)).toEqual([
    "fairway.yaml:6:15 api could not be rolled out in staging: at 1 replica these bounds allow neither a start nor a stop; lower minimumHealthyPercent or raise maximumPercent",
  ]);
});

test("two routes with the same host and path clash, whatever environments they are in", async () => {
  const yaml = `name: a
services:
  api: { run: x }
  web: { run: y }
environments:
  staging: { services: { api: { routes: [{ host: a.example }] }, web: { routes: [{ host: api.production.localhost }] } } }
  production: { services: { web: { routes: [{ host: b.example }, { host: a.example, path: / }] } } }
`;
  expect(await complaints(yaml)).toEqual([
    "fairway.yaml:7:17 api.production.localhost/ belongs to web in staging already",
    "fairway.yaml:7:66 a.example/ belongs to api in staging already",
  ]);
});

test("an environment in which nothing runs, and a place for what never runs, are problems", async () => {
  const yaml = `name: a
services:
  api: { run: x }
  lib: {}
environments:
  staging: { services: { api: { enabled: false }, lib: { replicas: 2 } } }
`;
  expect(await complaints(yaml)).toEqual([
    'fairway.yaml:6:3 nothing runs in staging: every service is disabled here or has no "run", "static" or "container"',
    'fairway.yaml:6:51 lib is not deployed anywhere, because it has no "run", "static" or "container"',
  ]);
});

test("a strategy is refused with what cannot work about it, and when its pauses outlast the deadline", async () => {
  const yaml = `name: a
services:
  one: { run: x, strategy: { canary: { steps: [{ weight: 50 }, { weight: 10 }] } } }
  two: { run: x, strategy: { linear: { step: 10, every: 5m } } }
  three: { run: x, strategy: blue-green }
  four: { run: x, strategy: { canary: { steps: [] } } }
  five: { run: x, strategy: green }
environments:
  staging: {}
`;
  expect(await complaints(yaml)).toEqual([
    expect.stringMatching(
      /^fairway\.yaml:3:\d+ one could not be rolled out in \w+: each step must have more weight than the one before$/u,
    ),
    expect.stringMatching(
      /^fairway\.yaml:4:\d+ two could not be rolled out in \w+: its pauses take 46m, and the environment's deadline is 30m$/u,
    ),
    expect.stringMatching(/^fairway\.yaml:6:\d+ .*at least one step/u),
    expect.stringMatching(/^fairway\.yaml:7:\d+ .*must be "rolling", "recreate"/u),
  ]);
});

test("a service is a program or a site of files, and not both", async () => {
  const yaml = `name: a
services:
  web: { static: { fallback: index.html } }
  both: { static: true, run: x }
  stored: { static: true, database: true }
`;
  expect(await complaints(yaml)).toEqual([
    'fairway.yaml:4:25 both has both "static" and "run", and files are only served',
    'fairway.yaml:5:27 stored has both "static" and "database", and files are only served',
  ]);
});

test("variables that Fairway sets cannot be set, and addresses must be addresses", async () => {
  const yaml = `name: a
services:
  api: { run: x, database: true, health: "//evil", env: { DATABASE_URL: x, "A-B": y, K: { secret: "a b" } } }
environments:
  staging: { variables: { GIT_SHA: x }, url: "ftp://x", services: { api: { routes: [{ host: "Shop:80", path: x }] } } }
`;
  expect(await complaints(yaml)).toEqual([
    'fairway.yaml:3:42 health must be a path that begins with one "/", without spaces and "#", not "//evil"',
    "fairway.yaml:3:59 DATABASE_URL cannot be set: database: true sets it",
    'fairway.yaml:3:76 "A-B" must be the name of an environment variable: letters, digits and _',
    "fairway.yaml:3:99 secret must be the name of a secret: letters, digits and _",
    "fairway.yaml:5:27 GIT_SHA cannot be set: Fairway sets it to the commit of the release",
    'fairway.yaml:5:46 url must be an address such as "https://shop.example.com", not "ftp://x"',
    'fairway.yaml:5:93 host must be a host name in small letters, without a port, or "*", not "Shop:80"',
    'fairway.yaml:5:110 path must be a path that begins with one "/", without spaces and "#", not "x"',
  ]);
});

test("approvals are fine in an environment that deploys automatically", async () => {
  expect(await complaints("name: a\nservices: { api: { run: x } }\nenvironments: { one: { approvals: 2 } }\n")).toEqual(
    [],
  );
});

test("checks that wait for nothing, for each other, or report what cannot be asked for are told so", async () => {
  const yaml = `name: a
services:
  api:
    path: api
    run: x
    checks:
      lint: { command: eslint ., report: eslint, needs: [tests] }
      test: { command: npm test, report: node-test }
      one: { command: x, needs: [two] }
      two: { command: x, needs: [one] }
      scan: { command: x, report: { format: sarif, file: ../../x.sarif } }
      other: { command: x, report: jest }
`;
  expect(await complaints(yaml)).toEqual([
    'fairway.yaml:7:58 api has no check "tests"',
    "fairway.yaml:8:42 the report of node-test can only be asked for where the command itself says --test",
    "fairway.yaml:9:33 checks wait for each other in a circle: one → two → one",
    'fairway.yaml:11:58 file leaves the repository: "../../x.sarif"',
    'fairway.yaml:12:36 report must be one of eslint, ruff, tsc, pytest, node-test, vitest, hardhat, forge, tap, or { format, file }, not "jest"',
  ]);
});

test("a container is of an image that is there or of one that is built, and never serves files", async () => {
  const digest = `registry.example.com/a@sha256:${"0".repeat(64)}`;
  const yaml = `name: a
services:
  built: { path: api, container: { dockerfile: Containerfile, args: { BASE: x }, port: 3000 } }
  plain: { path: api, container: {} }
  pinned: { path: api, container: { image: "${digest}" }, run: serve }
  both: { path: api, container: { image: "${digest}", args: {} } }
  files: { path: api, static: true, container: {} }
  moving: { path: api, container: { image: "nginx:latest" } }
environments:
  staging: {}
`;
  expect(await complaints(yaml)).toEqual([
    'fairway.yaml:6:140 both has an image that is there already, so "args" is never used',
    'fairway.yaml:7:37 files has both "static" and "container", and files are only served',
    'fairway.yaml:8:44 image must be an image by its digest: registry.example.com/api@sha256:…, not "nginx:latest"',
  ]);
});

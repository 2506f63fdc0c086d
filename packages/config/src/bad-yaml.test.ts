import { expect, onTestFinished, test } from "vitest";
import { loadProject } from "./load.ts";
import { formatProblems } from "./problems.ts";
import { testRepository } from "./test-repository.ts";

/** What is printed about a `fairway.yaml`, in a repository with a folder `api`. */
async function printed(yaml: string, file = "fairway.yaml"): Promise<readonly string[]> {
  const loaded = await loadProject(testRepository({ "api/": "", [file]: yaml }, onTestFinished));
  return loaded.ok ? [] : formatProblems(loaded.problems).split("\n");
}

test("all problems are told at once, each with its place and a fix", async () => {
  const yaml = `name: Shop
services:
  api:
    path: api
    replcas: 3
    run: node x.mjs
    env: { A: 1.10, PORT: "1", FAIRWAY_X: y }
    stop: { drain: 5 minutes }
    replicas: "3"
    dependsOn: [ap]
    checks: { t: [], u: a && b, v: { comand: x } }
environmnts: {}
`;
  expect(await printed(yaml)).toEqual([
    'fairway.yaml:1:7 name must be a name of small letters, digits and dashes that begins with a letter, 40 at most, not "Shop"',
    'fairway.yaml:5:5 unknown key "replcas" in api',
    '    did you mean "replicas"?',
    'fairway.yaml:7:15 A must be a text, or { secret: "NAME" }, not 1.1',
    '    put it in quotes: "1.10"',
    "fairway.yaml:7:21 PORT cannot be set: Fairway gives every replica its own port",
    "    choose another name, or take it out",
    "fairway.yaml:7:32 FAIRWAY_X cannot be set: names that begin with FAIRWAY_ are Fairway's own",
    "    choose another name, or take it out",
    'fairway.yaml:8:20 drain must be a span of time such as "500ms", "30s" or "5m", or a number of milliseconds, not "5 minutes"',
    'fairway.yaml:9:15 replicas must be a whole number from 0 to 100, not "3"',
    "    write 3 without quotes",
    'fairway.yaml:10:17 there is no service "ap"',
    '    did you mean "api"?',
    "fairway.yaml:11:18 t must name a program, not an empty list",
    'fairway.yaml:11:25 u uses "&", which only a shell understands, and commands are run without one',
    '    ask for a shell: ["bash", "-c", "a && b"]',
    'fairway.yaml:11:33 v needs "command"',
    '    command must be a command: "node server.mjs" or ["node", "server.mjs"]',
    'fairway.yaml:11:38 unknown key "comand" in v',
    '    did you mean "command"?',
    'fairway.yaml:12:1 unknown key "environmnts"',
    '    did you mean "environments"?',
  ]);
});

test("an alias bomb is refused before it goes off", async () => {
  const levels = "abcdefghi".split("").map((name, index, names) => {
    const held = index === 0 ? "x" : `*${names[index - 1]}`;
    return `${name}: &${name} [${Array(9).fill(held).join(", ")}]`;
  });
  expect(await printed(levels.join("\n"))).toEqual([
    "fairway.yaml:1:1 aliases (*name) stand for too much",
    "    write the repeated parts out, or use fewer aliases",
  ]);
});

test("keys that reach into prototypes are refused wherever they are", async () => {
  const yaml =
    "name: a\n__proto__: { x: 1 }\nservices:\n  constructor: {}\n  api: { path: api, env: { prototype: x, __proto__: y } }\n";
  expect(await printed(yaml)).toEqual([
    'fairway.yaml:2:1 the key "__proto__" is not allowed anywhere',
    "    choose another name",
    'fairway.yaml:4:3 the key "constructor" is not allowed anywhere',
    "    choose another name",
    'fairway.yaml:5:28 the key "prototype" is not allowed anywhere',
    "    choose another name",
    'fairway.yaml:5:42 the key "__proto__" is not allowed anywhere',
    "    choose another name",
  ]);
  expect(({} as Record<string, unknown>)["x"]).toBeUndefined();
});

test.each([
  ["5 MB", `name: a\n${"# x\n".repeat(1_300_000)}`, "1:1 the file has 5200008 bytes, and at most 1048576 are read"],
  ["a megabyte of brackets", "[".repeat(1_000_000), "1:65 the file is nested too deeply to be read"],
  ["a megabyte of braces", "{a: ".repeat(250_000), "1:257 the file is nested too deeply to be read"],
  ["lists in lists", "- ".repeat(500_000), "1:129 the file is nested too deeply to be read"],
  ["keys in keys", "? ".repeat(500_000), "1:129 the file is nested too deeply to be read"],
  [
    "100,000 keys",
    Array.from({ length: 100_000 }, (_, n) => `k${n}: 1`).join("\n"),
    "6667:8 the file has more than 20000 words and signs",
  ],
  ["anchors without end", "&a ".repeat(300_000), "1:60001 the file has more than 20000 words and signs"],
])("%s is refused at once", async (_, yaml, complaint) => {
  const before = process.cpuUsage();
  expect((await printed(yaml))[0]).toBe(`fairway.yaml:${complaint}`);
  // Of this process alone, whatever else the machine does: what is read to its end takes minutes.
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1_000_000).toBeLessThan(10);
});

test.each([
  ["", "1:1 the configuration is empty"],
  ["- a\n", "1:1 the configuration must be an object that describes a project, not a list"],
  ["name: a\nname: b\nservices: { api: {} }\n", '2:1 the key "name" is there already'],
  ["name: a\n\tservices: 1\n", "2:1 not valid YAML: Tabs are not allowed as indentation"],
  ["name: !!js/function 'x'\n", "1:7 not valid YAML: Unresolved tag: tag:yaml.org,2002:js/function"],
  ["name: a\n---\nname: b\n", "2:1 not valid YAML: the file holds several documents, and a configuration is one"],
  ["? [a, b]\n: 1\n", "1:3 a key must be a plain text"],
  ["name: a\nservices:\n  api:\n", "3:7 api must be an object that describes a service, not null"],
  ["name: a\r\nservices:\r\n  api: { path: api, nme: x }\r\n", '3:21 unknown key "nme" in api'],
])("%j has its problem at its place", async (yaml, complaint) => {
  expect((await printed(yaml))[0]).toBe(`fairway.yaml:${complaint}`);
});

test("a key that came by a merge is complained about where it was written", async () => {
  const yaml = "name: a\nservices:\n  api: &base { path: api, bad: 1 }\n  web: { <<: *base, run: node x.mjs }\n";
  expect((await printed(yaml)).filter((line) => line.startsWith("fairway"))).toEqual([
    'fairway.yaml:3:27 unknown key "bad" in api',
    'fairway.yaml:3:27 unknown key "bad" in web',
  ]);
});

test("JSON is read with its own places", async () => {
  const json = '{\n\t"$schema": "x",\n\t"name": "a",\n\t"services": {\n\t\t"api": { "path": "nowhere" }\n\t}\n}\n';
  expect((await printed(json, "fairway.json"))[0]).toBe(
    'fairway.json:5:20 path leads nowhere: there is no folder "nowhere"',
  );
});

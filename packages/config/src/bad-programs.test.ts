import { readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { evaluate, evaluationLimits, permissionFlag } from "./evaluate.ts";
import { loadProject } from "./load.ts";
import { formatProblems } from "./problems.ts";
import { testRepository } from "./test-repository.ts";

async function printed(program: string, files: Readonly<Record<string, string>> = {}): Promise<readonly string[]> {
  const root = testRepository({ "api/": "", ...files, "fairway.config.ts": program }, onTestFinished);
  const loaded = await loadProject(root);
  expect(readdirSync(root).toSorted()).toEqual(["api", "fairway.config.ts", ...Object.keys(files)].toSorted());
  return loaded.ok ? [] : formatProblems(loaded.problems).split("\n");
}

const mayOnlyRead =
  "    a configuration may read the files of its repository and nothing else; leave the rest to a check or a build command";

test("a syntax error is told without running anything", async () => {
  expect(await printed("export default {\n  name: 'a'\n  services: {}\n}\n")).toEqual([
    "fairway.config.ts:3:3 not valid TypeScript: Expected `,` or `}` but found `Identifier`",
  ]);
});

test("an error of the program has the place it has in TypeScript", async () => {
  const program = "type A = { x?: { y: number } };\nconst a: A = {} as A;\nexport default { name: 'x', b: a.x!.y };\n";
  expect(await printed(program)).toEqual([
    "fairway.config.ts:3:37 TypeError: Cannot read properties of undefined (reading 'y')",
  ]);
});

test("an error of an imported file is told in that file", async () => {
  expect(
    await printed("import './more.ts';\nexport default {};", { "more.ts": "\n\nthrow new Error('broken');" }),
  ).toEqual(["more.ts:3:7 Error: broken"]);
});

test("an import that is not there is told at the import", async () => {
  expect(await printed("import x from './nothing.ts';\nexport default { x };")).toEqual([
    "fairway.config.ts:1:15 Error: Cannot find module './nothing.ts'",
  ]);
});

test.each([
  ["write", "import { writeFileSync } from 'node:fs';\n  writeFileSync('x', 'x');", "2:16 tried to write a file: x"],
  [
    "start a program",
    "import { execFileSync } from 'node:child_process';\nexecFileSync('git');",
    "2:13 tried to start a program",
  ],
  [
    "start a thread",
    "import { Worker } from 'node:worker_threads';\nnew Worker('1', { eval: true });",
    "2:1 tried to start a thread",
  ],
  ["use the network", "await fetch('http://127.0.0.1:8080/');", "1:1 tried to use the network"],
  ["stop the daemon", "process.kill(process.ppid);", "1:9 tried to send a signal"],
  [
    "read elsewhere",
    "import { readFileSync } from 'node:fs';\nreadFileSync('/etc/passwd');",
    "2:13 tried to read outside of the repository: /etc/passwd",
  ],
])("a program may not %s", async (_, program, complaint) => {
  const [first, second] = await printed(`${program}\nexport default {};`);
  expect(first).toBe(`fairway.config.ts:${complaint}`);
  expect(second).toBe(mayOnlyRead);
});

test("a program sees no environment variables and reads its repository", async () => {
  const root = testRepository(
    {
      "package.json": '{ "name": "shop" }',
      "fairway.config.ts":
        "import manifest from './package.json';\nexport default { name: manifest.name, services: { api: { env: { ALL: JSON.stringify(process.env) } } } };",
    },
    onTestFinished,
  );
  const loaded = await loadProject(root);
  expect(loaded.ok && loaded.project.services[0]?.env).toEqual({ ALL: "{}" });
});

test("a program that exits, dies or exports nothing is told so", async () => {
  expect(await printed("process.exit(0);\nexport default {};")).toEqual([
    "fairway.config.ts:1:1 the program ended with exit code 0 before it gave a configuration",
    "    take the exit out",
  ]);
  expect(await printed("console.error('no database');\nprocess.exit(3);\nexport default {};")).toEqual([
    "fairway.config.ts:1:1 the program ended with exit code 3 before it gave a configuration",
    "    it said: no database",
  ]);
  expect(await printed("export const project = {};")).toEqual([
    "fairway.config.ts:1:1 exports nothing",
    "    export default defineProject({ … })",
  ]);
});

test.each([
  ["loops", "for (;;);\nexport default {};"],
  ["waits", "await new Promise(() => setInterval(() => {}, 1000));\nexport default {};"],
])("a program that %s for ever is killed at its deadline", async (_, program) => {
  const root = testRepository({ "fairway.config.ts": program }, onTestFinished);
  const outcome = await evaluate(join(root, "fairway.config.ts"), { ...evaluationLimits, deadline: 700 });
  expect(outcome).toEqual({ outcome: "timeout", after: 700 });
});

test("memory and output have a cap", async () => {
  const root = testRepository(
    {
      "memory.ts": "const all = [];\nfor (;;) all.push({ b: [1, 2, 3] });\nexport default {};",
      "output.ts": "export default { name: 'x'.repeat(1_000_000) };",
    },
    onTestFinished,
  );
  const small = { ...evaluationLimits, memoryMegabytes: 40, outputBytes: 100_000 };
  const memory = await evaluate(join(root, "memory.ts"), small);
  expect(memory.outcome === "ended" && memory.output).toContain("heap out of memory");
  expect(await evaluate(join(root, "output.ts"), small)).toEqual({ outcome: "too-large", bytes: 100_000 });
});

test("what is no data is told with its place", async () => {
  const program = `const loop: { again?: object } = {};
loop.again = loop;
export default {
  name: "a",
  services: { api: { path: "api", run: "node x", env: { A: undefined } } },
  environments: { s: {
    purpose: () => "x",
    approvals: 3n,
    verify: { a: ["x", undefined] },
    url: new URL("http://x"),
    deadline: NaN,
    services: loop,
    variables: new Map(),
  } },
};
`;
  expect((await printed(program)).filter((line) => line.startsWith("fairway"))).toEqual([
    "fairway.config.ts:7:14 purpose is a function, and a configuration is plain data",
    "fairway.config.ts:8:16 approvals is a BigInt, and a configuration is plain data",
    "fairway.config.ts:9:24 a[1] is undefined, and a configuration is plain data",
    "fairway.config.ts:10:10 url is an instance of URL, and a configuration is plain data",
    "fairway.config.ts:11:15 deadline is NaN, and a configuration is plain data",
    "fairway.config.ts:12:5 again is a reference to something around it, and a configuration is plain data",
    "fairway.config.ts:13:16 variables is an instance of Map, and a configuration is plain data",
  ]);
});

test("places are found through constants, spreads, types and the call; else at what is nearest", async () => {
  const program = `import { defineProject } from "@fairway/config";
const common = { path: "api", helth: "/x" } as const;
const env = { PORT: "1" };
const api = { ...common, run: "node x", env };
const make = (replicas: number) => ({ path: "api", replicas });
export default defineProject({
  name: "A",
  services: { api, web: make(500), "x-y": { ["path"]: "..", checks: { a: ["x", 1 as any] } } },
} satisfies object);
`;
  expect((await printed(program)).filter((line) => line.startsWith("fairway"))).toEqual([
    'fairway.config.ts:2:31 unknown key "helth" in api',
    "fairway.config.ts:3:15 PORT cannot be set: Fairway gives every replica its own port",
    'fairway.config.ts:7:9 name must be a name of small letters, digits and dashes that begins with a letter, 40 at most, not "A"',
    "fairway.config.ts:8:20 replicas must be a whole number from 0 to 100, not 500",
    'fairway.config.ts:8:55 path leaves the repository: ".."',
    "fairway.config.ts:8:80 a[1] must be a text, like every word of a command, not 1",
  ]);
});

test("two configurations are one too many, none is an error, and a link out of the repository is not followed", async () => {
  const two = testRepository({ "fairway.yaml": "", "fairway.config.ts": "" }, onTestFinished);
  expect(await loadProject(two)).toMatchObject({
    problems: [{ file: "fairway.config.ts", code: "duplicate", message: expect.stringContaining("also fairway.yaml") }],
  });
  const none = testRepository({}, onTestFinished);
  await expect(loadProject(none)).rejects.toMatchObject({ code: "config_not_found" });
  const linked = testRepository({}, onTestFinished);
  symlinkSync("/etc/passwd", join(linked, "fairway.yaml"));
  expect(await loadProject(linked)).toMatchObject({ problems: [{ code: "path" }] });
});

test.each([
  ["20.19.0", "--experimental-permission"],
  ["22.12.0", "--experimental-permission"],
  ["22.13.0", "--permission"],
  ["24.1.0", "--permission"],
])("Node %s has its permissions behind %s", (version, flag) => {
  expect(permissionFlag(version)).toBe(flag);
});

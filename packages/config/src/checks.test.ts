import type { Environment } from "@fairway/core";
import { expect, onTestFinished, test } from "vitest";
import { loadProject } from "./load.ts";
import { formatProblem } from "./problems.ts";
import { testRepository } from "./test-repository.ts";

const load = (environment: string): ReturnType<typeof loadProject> =>
  loadProject(
    testRepository(
      {
        "fairway.yaml": `name: a\nservices:\n  api: { run: x }\nenvironments:\n  staging:\n${environment.replaceAll(/^/gmu, "    ")}\n`,
        "tests/shop.json": "{}",
        "tests/shop.hurl": "",
        "tests/front.yaml": "",
      },
      onTestFinished,
    ),
  );

/** With what follows at the left margin. */
const loadAt = (written: string): ReturnType<typeof loadProject> =>
  loadProject(
    testRepository(
      { "fairway.yaml": `name: a\nservices:\n  api: { run: x }\nenvironments:\n  staging:\n    ${written}\n` },
      onTestFinished,
    ),
  );

async function environmentOf(written: string): Promise<Environment | undefined> {
  const loaded = await load(written);
  if (!loaded.ok) throw new Error(loaded.problems.map(formatProblem).join("\n"));
  return loaded.project.environments[0];
}

async function problemsOf(written: string): Promise<string> {
  const loaded = await load(written);
  return loaded.ok ? "none" : loaded.problems.map(formatProblem).join("\n");
}

test("each question becomes a command of Fairway's own program, with its words and what it gets", async () => {
  const environment = await environmentOf(`verify:
  a: node smoke.mjs
  b: { collection: ./tests/shop.json, folder: Orders, env: { KEY: { secret: KEY } }, retries: 2, timeout: 2m }
  c: { http: [tests/shop.hurl] }
  d: { smoke: true }
  e: { smoke: { path: /version, field: sha, services: [api] } }
  f: { journey: tests/front.yaml }
  g: { load: { service: api, p95: 200ms, slower: 20, duration: 3s } }
  h: { command: prove, report: tap }`);
  expect(environment?.verify.map(({ name, argv }) => `${name} ${argv.join(" ")}`)).toEqual([
    "a node smoke.mjs",
    "b fairway-check collection tests/shop.json --folder=Orders",
    "c fairway-check http tests/shop.hurl",
    "d fairway-check smoke",
    "e fairway-check smoke --path=/version --field=sha --service=api",
    "f fairway-check journey tests/front.yaml",
    "g fairway-check load --service=api --duration=3000 --p95=200 --slower=20",
    "h prove",
  ]);
  expect(environment?.verify[1]).toMatchObject({
    kind: "collection",
    retries: 2,
    timeout: 120_000,
    env: { KEY: { secret: "KEY" } },
  });
  expect(environment?.verify[0]).not.toHaveProperty("kind");
  expect(environment?.verify[7]).toMatchObject({ report: { tool: "tap" } });
});

test("a journey is made every hour from here where nothing else is said, and nothing is there where none is", async () => {
  const environment = await environmentOf("synthetics: { front: { journey: tests/front.yaml } }\nbake: 5m");
  expect(environment?.synthetics).toMatchObject([
    { name: "front", every: 3_600_000, locations: ["here"], timeout: 60_000 },
  ]);
  expect(environment?.bake).toBe(300_000);
  expect(await environmentOf("purpose: x")).not.toHaveProperty("synthetics");
});

test("a trigger verifies an environment that is there, at its time", async () => {
  const nightly = (environment: string): string =>
    `purpose: x\n  production: {}\ntriggers: { nightly: { on: { schedule: { cron: "0 2 * * *" } }, verify: ${environment} } }`;
  const loaded = await loadAt(nightly("staging"));
  expect(loaded.ok && loaded.project.triggers?.[0]?.starts).toEqual({ kind: "verify", environment: "staging" });
  const wrong = await loadAt(nightly("stagin"));
  expect(wrong.ok ? "" : wrong.problems.map(formatProblem).join()).toContain('there is no environment "stagin"');
});

test.each([
  ["verify: { a: { collection: tests/none.json } }", "leads nowhere"],
  ["verify: { a: { collection: ../x.json } }", "leaves the repository"],
  ["verify: { a: { http: tests/front.yaml } }", "a kind that nobody runs"],
  ["verify: { a: { smoke: { services: [apy] } } }", 'there is no service "apy"'],
  ["verify: { a: { load: { errors: 101 } } }", "a number from 0 to 100"],
  ["verify: { a: { journey: tests/shop.hurl } }", "no journey"],
  ["verify: { a: { collection: tests/shop.json, env: { GIT_SHA: x } } }", "GIT_SHA cannot be set"],
  ["verify: { a: { colection: tests/shop.json } }", "colection"],
  ["synthetics: { a: { journey: tests/front.yaml, every: 10 } }", "at least"],
  ["bake: 5m", "nothing to watch"],
])("%s is refused with its place", async (written, why) => {
  const said = await problemsOf(written);
  expect(said).toContain(why);
  expect(said).toMatch(/fairway\.yaml:\d+:\d+/u);
});

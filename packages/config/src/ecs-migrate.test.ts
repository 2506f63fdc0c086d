import { expect, onTestFinished, test } from "vitest";
import { loadProject } from "./load.ts";
import { formatProblem } from "./problems.ts";
import { testRepository } from "./test-repository.ts";

const load = (migrate: string): ReturnType<typeof loadProject> =>
  loadProject(
    testRepository(
      {
        "fairway.yaml": `name: a\nregistry: { server: registry.example.com/shop }\nservices:\n  web: { container: {} }\nenvironments:\n  production:\n    ecs: { region: eu-central-1, cluster: shop, services: { web: { migrate: ${migrate} } } }\n`,
        Dockerfile: "FROM scratch\n",
      },
      onTestFinished,
    ),
  );

test("a command that migrates inside AWS has a quarter of an hour, or what is written", async () => {
  for (const [timeout, expected] of [
    ["", 900_000],
    [", timeout: 1h", 3_600_000],
  ] as const) {
    const loaded = await load(`{ command: [alembic, upgrade, head]${timeout} }`);
    if (!loaded.ok) throw new Error(loaded.problems.map(formatProblem).join("\n"));
    expect(loaded.project.environments[0]?.placements[0]?.ecs?.migrate).toEqual({
      command: ["alembic", "upgrade", "head"],
      timeout: expected,
    });
  }
});

test("a command as one text, or without a word, is refused where it stands", async () => {
  for (const written of ["{ command: alembic upgrade head }", "{ command: [] }", "{ timeout: 5m }"]) {
    const loaded = await load(written);
    expect(loaded.ok ? "" : loaded.problems.map(formatProblem).join("\n")).toMatch(/^fairway\.yaml:7:\d+/u);
  }
});

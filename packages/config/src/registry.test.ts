import { expect, onTestFinished, test } from "vitest";
import { explain, formatExplanation } from "./explain.ts";
import { loadProject } from "./load.ts";
import { formatProblem } from "./problems.ts";
import { testRepository } from "./test-repository.ts";

const load = (registry: string, container = "{}"): ReturnType<typeof loadProject> =>
  loadProject(
    testRepository(
      {
        "fairway.yaml": `name: a\n${registry}\nservices:\n  web: { container: ${container} }\nenvironments:\n  live: {}\n`,
        Dockerfile: "FROM scratch\n",
      },
      onTestFinished,
    ),
  );
const problemsOf = async (registry: string, container?: string): Promise<readonly string[]> => {
  const loaded = await load(registry, container);
  return loaded.ok ? [] : loaded.problems.map(formatProblem);
};

test("a registry is taken as it is written, and explained; without one there is none", async () => {
  const loaded = await load(
    "registry: { server: registry.example.com:5000/shop, username: ci, password: { secret: TOKEN }, ca: /etc/ca.pem, keep: 20 }",
    '{ platforms: ["linux/amd64", "linux/arm64"] }',
  );
  if (!loaded.ok) throw new Error(loaded.problems.map(formatProblem).join("\n"));
  expect(loaded.project.registry).toEqual({
    server: "registry.example.com:5000/shop",
    login: { username: "ci", password: { secret: "TOKEN" } },
    ca: "/etc/ca.pem",
    keep: 20,
  });
  expect(loaded.project.services[0]?.container?.platforms).toEqual(["linux/amd64", "linux/arm64"]);
  const explanation = explain(loaded, "registry.server");
  expect(explanation.known && explanation.settings.map(formatExplanation)).toEqual([
    expect.stringMatching(/^registry\.server = "registry\.example\.com:5000\/shop" {3}fairway\.yaml:2:/),
  ]);
  const none = await load("");
  expect(none.ok && "registry" in none.project).toBe(false);
});

test.each([
  ["registry: { server: https://registry.example.com }", /server must be a host/],
  ["registry: { server: shop }", /server must be a host/],
  ["registry: { server: registry.example.com, username: ci }", /"password" is missing/],
  ["registry: { server: registry.example.com, password: open }", /password must be \{ secret: NAME \}/],
  ["registry: { server: registry.example.com, insecure: true }", /is not at this machine's loopback/],
  ["registry: { server: 127.0.0.1.example.com, insecure: true }", /is not at this machine's loopback/],
  ["registry: { server: registry.example.com, ca: ca.pem }", /ca must be an absolute path/],
  ["registry: { server: registry.example.com, keep: 0 }", /keep must be a whole number/],
])("%s is refused with its place", async (registry, problem) => {
  expect((await problemsOf(registry)).join("\n")).toMatch(problem);
  expect((await problemsOf(registry)).join("\n")).toMatch(/fairway\.yaml:2:/);
});

test("several platforms need a registry, and one does not", async () => {
  expect((await problemsOf("", '{ platforms: ["linux/amd64", "linux/arm64"] }')).join("\n")).toMatch(
    /kept in a registry only/,
  );
  expect(await problemsOf("", '{ platforms: ["linux/arm64"] }')).toEqual([]);
  expect(
    await problemsOf("registry: { server: localhost:5000, insecure: true }", '{ platforms: ["linux/amd64"] }'),
  ).toEqual([]);
});

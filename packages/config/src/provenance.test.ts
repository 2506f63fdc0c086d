import { expect, onTestFinished, test } from "vitest";
import { explain, formatExplanation } from "./explain.ts";
import { loadProject } from "./load.ts";
import { formatProblem } from "./problems.ts";
import { testRepository } from "./test-repository.ts";

const load = (provenance: string): ReturnType<typeof loadProject> =>
  loadProject(
    testRepository(
      { "fairway.yaml": `name: a\n${provenance}\nservices:\n  web: { run: node . }\nenvironments:\n  live: {}\n` },
      onTestFinished,
    ),
  );
const identity = "identity: { issuer: https://accounts.example.com, subject: release@example.com }";

test("Sigstore is taken as it is written, and explained; without it only the key signs", async () => {
  const loaded = await load(
    `provenance: { sigstore: { fulcio: https://fulcio.example.com, token: { secret: TOKEN }, trustedRoot: /etc/root.json, ${identity} } }`,
  );
  if (!loaded.ok) throw new Error(loaded.problems.map(formatProblem).join("\n"));
  expect(loaded.project.provenance).toEqual({
    sigstore: {
      fulcio: "https://fulcio.example.com",
      token: { secret: "TOKEN" },
      trustedRoot: "/etc/root.json",
      identity: { issuer: "https://accounts.example.com", subject: "release@example.com" },
    },
  });
  const explanation = explain(loaded, "provenance.sigstore.trustedRoot");
  expect(explanation.known && explanation.settings.map(formatExplanation)).toEqual([
    expect.stringMatching(/^provenance\.sigstore\.trustedRoot = "\/etc\/root\.json" {3}fairway\.yaml:2:/),
  ]);
  const none = await load("");
  expect(none.ok && "provenance" in none.project).toBe(false);
});

test.each([
  [`{ sigstore: { ${identity} } }`, /trustedRoot/],
  ["{ sigstore: { trustedRoot: /etc/root.json } }", /identity/],
  [`{ sigstore: { trustedRoot: root.json, ${identity} } }`, /trustedRoot must be an absolute path/],
  [`{ sigstore: { trustedRoot: /r, fulcio: fulcio.example.com, ${identity} } }`, /fulcio must be a base URL/],
  [`{ sigstore: { trustedRoot: /r, token: eyJ, ${identity} } }`, /token must be \{ secret: NAME \}/],
  ["{ sigstore: { trustedRoot: /r, identity: { issuer: x } } }", /subject/],
  ["{}", /sigstore/],
])("provenance: %s is refused with its place", async (written, problem) => {
  const loaded = await load(`provenance: ${written}`);
  const problems = loaded.ok ? [] : loaded.problems.map(formatProblem);
  expect(problems.join("\n")).toMatch(problem);
  expect(problems.join("\n")).toMatch(/fairway\.yaml:2:/);
});

import { fileURLToPath } from "node:url";
import { beforeAll, expect, test } from "vitest";
import { runCli } from "../testing/run-cli.ts";
import type { DocSection } from "./read-sections.ts";
import { readSections, sectionsOf } from "./read-sections.ts";
import { searchSections } from "./search-sections.ts";

let sections: readonly DocSection[];
beforeAll(
  async () => void (sections = await readSections(fileURLToPath(new URL("../../../../docs", import.meta.url)), "docs")),
);

// As somebody asks who has not read them.
test.each([
  ["how do I roll back a bad release", "how-to/roll-back.md"],
  ["give a service a secret", "how-to/secrets.md"],
  ["deploy every pull request as a preview", "how-to/previews.md"],
  ["slack message when a deployment fails", "how-to/notices.md"],
  ["two people have to approve production", "how-to/approvals-and-freezes.md"],
  ["restore a backup", "how-to/drill-a-restore.md"],
  ["canary with error rate", "how-to/analyse-a-rollout.md"],
  ["run github actions workflow locally", "how-to/run-a-workflow.md"],
  ["start at boot with systemd", "how-to/run-as-a-service.md"],
  ["rotate an api key every quarter", "how-to/duties.md"],
  ["zero downtime postgres migration", "how-to/migrate-databases.md"],
  ["feature flag for ten percent of users", "how-to/feature-flags.md"],
])('whoever asks "%s" finds %s on the first screen', (question, page) => {
  const pages = searchSections(sections, question, 5).map(({ file }) => file);
  expect(pages).toContain(`docs/${page}`);
});

test("words that are written otherwise, or with a slip, are found too, and none where nothing is about them", () => {
  const pages = (words: string): readonly string[] => searchSections(sections, words, 5).map(({ file }) => file);
  expect(pages("quarantined releases")).toContain("docs/how-to/quarantine.md");
  expect(pages("kubernets quarrantine")).toContain("docs/how-to/quarantine.md");
  expect(pages("xyzzy plugh")).toEqual([]);
});

test("a page is its sections with their lines, and what stands in a fence is no heading", () => {
  const page = "# Notices\n\nTell people.\n\n```sh\n# not this\n```\n\n## When `it` is [gone](x.md)\n\nCalls.\n";
  expect(sectionsOf("docs/a.md", page)).toEqual([
    { file: "docs/a.md", line: 1, page: "Notices", heading: "Notices", text: "Tell people.\n\n```sh\n# not this\n```" },
    { file: "docs/a.md", line: 9, page: "Notices", heading: "When it is gone", text: "Calls." },
  ]);
});

test("the command names file and line, says what it begins with, and ends with 1 where nothing is found", async () => {
  const found = await runCli(["manual", "dead", "man's", "switch", "-n", "1"]);
  expect(found.code).toBe(0);
  expect(found.stdout).toMatch(
    /^Tell people what happens › When Fairway itself is gone\n {2}docs\/how-to\/notices\.md:\d+\n {2}Who tells you that/u,
  );
  expect(await runCli(["manual", "xyzzy"])).toMatchObject({
    code: 1,
    stdout: expect.stringContaining("docs/README.md"),
  });
});

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { LinkAnswer } from "@fairway/core";
import type { KnownLink } from "./check-links.ts";
import { checkLinks, linkState } from "./check-links.ts";
import { lintDocs } from "./lint-docs.ts";

function folder(files: Readonly<Record<string, string>>): string {
  const made = mkdtempSync(join(tmpdir(), "docs-"));
  onTestFinished(() => rmSync(made, { recursive: true }));
  mkdirSync(join(made, "docs"));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(made, name), text);
  return made;
}

test("the form of Markdown and links within the repository are looked at, with file and line", async () => {
  const root = folder({
    "docs/a.md": "# A\n\n### Too deep\n\n[there](b.md) [nowhere](c.md) [no heading](b.md#none) [heading](b.md#two)\n",
    "docs/b.md": "# B\n\n## Two\n\n[out](https://example.com/x#part) and <https://example.com/x>\n",
  });
  const { files, findings, links } = await lintDocs(root, ["docs/*"]);
  expect(files).toBe(2);
  expect(findings.map(({ file, line, code }) => `${file}:${line} ${code}`)).toEqual([
    "docs/a.md:3 MD001",
    "docs/a.md:5 missing-file",
    "docs/a.md:5 missing-heading-in-file",
  ]);
  expect(links).toEqual([{ url: "https://example.com/x", file: "docs/b.md", line: 5 }]);
});

test("a repository's own configuration of markdownlint counts", async () => {
  const root = folder({ "docs/a.md": "# A\n\n### Too deep\n", ".markdownlint.yaml": "default: true\nMD001: false\n" });
  expect((await lintDocs(root, ["docs/*"])).findings).toEqual([]);
});

const day = 86_400_000;

test.each<[LinkAnswer, KnownLink["state"]]>([
  [{ status: 200, after: null }, "ok"],
  [{ status: 301, after: null }, "ok"],
  [{ status: 403, after: null }, "ok"],
  [{ status: 404, after: null }, "broken"],
  [{ status: 410, after: null }, "broken"],
  [{ status: 429, after: 1000 }, "unknown"],
  [{ status: 503, after: null }, "unknown"],
  [{ failure: "ENOTFOUND" }, "broken"],
  [{ failure: "refused" }, "broken"],
  [{ failure: "ETIMEDOUT" }, "unknown"],
])("what %j says of a page is that it is %s", (answer, state) => {
  expect(linkState(answer, null, "https://example.com/", 0).state).toBe(state);
});

test("what nobody can tell for three days is broken, and an answer in between begins anew", () => {
  const ask = (answer: LinkAnswer, before: KnownLink | null, at: number): KnownLink =>
    linkState(answer, before, "https://example.com/", at);
  const first = ask({ status: 503, after: null }, null, 0);
  expect(ask({ status: 429, after: null }, first, 3 * day - 1).state).toBe("unknown");
  expect(ask({ status: 429, after: null }, first, 3 * day).state).toBe("broken");
  const well = ask({ status: 200, after: null }, first, day);
  expect(ask({ status: 503, after: null }, well, 5 * day).state).toBe("unknown");
});

test("one question a second goes to a host, none after it asks to be left alone, and none that was answered this week", async () => {
  const asked: string[] = [];
  const pauses: number[] = [];
  const kept: KnownLink[] = [];
  const link = (url: string) => ({ url, file: "a.md", line: 1 });
  const known: KnownLink = {
    url: "https://one.example/old",
    state: "ok",
    why: "",
    checkedAt: 9 * day,
    unknownSince: null,
  };
  const found = await checkLinks(
    [
      "https://one.example/old",
      "https://one.example/a",
      "https://one.example/b",
      "https://two.example/a",
      "https://two.example/b",
    ].map(link),
    {
      ask: async (url) => {
        asked.push(url);
        return url.startsWith("https://two")
          ? { status: 429, after: 60_000 }
          : { status: url.endsWith("b") ? 404 : 200, after: null };
      },
      now: () => 10 * day,
      known: async () => [known],
      keep: async (links) => void kept.push(...links),
      pause: async (millis) => pauses.push(millis),
      signal: new AbortController().signal,
    },
  );
  expect(asked.toSorted()).toEqual(["https://one.example/a", "https://one.example/b", "https://two.example/a"]);
  expect(pauses).toEqual([1_000]);
  expect(found).toEqual({
    findings: [{ file: "a.md", line: 1, code: "broken-link", message: "https://one.example/b: it answers 404" }],
    unknown: 2,
  });
  expect(kept).toHaveLength(4);
});

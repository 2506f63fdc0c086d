// Keeps the documentation true where a machine can tell: every link leads somewhere, and every `fairway …` that is shown
// is a command with these options.

import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { expect, test } from "vitest";
import { program } from "../apps/cli/src/program.ts";
import { shownCommands, wrongWith } from "./docs/shown-commands.ts";

const root = join(import.meta.dirname, "..");
const skipped = new Set(["node_modules", "dist", ".git", ".cache", ".fairway", "fixtures"]);

function pagesIn(directory: string): readonly string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    if (entry.isDirectory()) return skipped.has(entry.name) ? [] : pagesIn(join(directory, entry.name));
    return entry.name.endsWith(".md") ? [join(directory, entry.name)] : [];
  });
}

const pages = pagesIn(root).map((file) => ({ name: relative(root, file), file, text: readFileSync(file, "utf8") }));

/** Code is shown, not meant: what looks like a link in it is none. */
const withoutCode = (text: string): string => text.replaceAll(/^```[\s\S]*?^```/gm, "").replaceAll(/`[^`\n]*`/g, "`");

/** The names that a page's headings get as anchors. */
const anchorsOf = (text: string): readonly string[] =>
  [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );

test.each(pages)("every link of $name leads somewhere", ({ file, text }) => {
  const links = [...withoutCode(text).matchAll(/\]\(([^()\s]+)\)/g)].map(([, link = ""]) => link);
  const broken = links.filter((link) => {
    if (/^[a-z]+:/.test(link)) return false;
    const [path = "", anchor] = link.split("#");
    const target = path === "" ? file : join(dirname(file), path);
    if (!existsSync(target)) return true;
    return anchor !== undefined && !anchorsOf(readFileSync(target, "utf8")).includes(anchor);
  });
  expect(broken).toEqual([]);
});

test.each(pages)("every command that $name shows exists", ({ text }) => {
  const root = program();
  expect(shownCommands(text).flatMap((words) => wrongWith(root, words))).toEqual([]);
});

test("a command that does not exist is found", () => {
  const shown = [
    "`fairway relase`",
    "```sh\nfairway release --fast # quick\nfairway deploy\n$ fairway run shw run-1\n```",
  ].join("\n");
  expect(shownCommands(shown).flatMap((words) => wrongWith(program(), words))).toEqual([
    "fairway relase: there is no relase",
    "fairway release --fast: there is no --fast",
    "fairway deploy: environment is missing",
    "fairway run shw run-1: there is no shw",
  ]);
});

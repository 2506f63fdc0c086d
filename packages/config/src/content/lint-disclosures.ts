import { createHash } from "node:crypto";
import { existsSync, readFileSync, realpathSync, statSync } from "node:fs";
import { extname, join } from "node:path";
import type { DisclosureFinding } from "@fairway/core";
import { didYouMean, sortProblems, type Problem } from "../problems.ts";
import type { DutySource } from "../duties/read-duty-file.ts";
import { readDutyFile } from "../duties/read-duty-file.ts";
import type { WatchedFiles } from "../duties/watched-files.ts";
import { watchedFiles } from "../duties/watched-files.ts";
import type { WrittenDisclosureRule, WrittenDisclosures } from "./disclosure-forms.ts";
import { disclosuresForm } from "./disclosure-forms.ts";
import { linesOfPhrase } from "./find-phrase.ts";
import type { VisibleBlock } from "./visible-text.ts";

/** What a checkout shows its users, held against its rules. */
export interface LintedDisclosures {
  readonly findings: readonly DisclosureFinding[];
  /** How many files were read. */
  readonly files: number;
  /** Of what people see in them and of the rules: it changes when one of those does, and not with anything else. */
  readonly digest: string;
}

const file = "ops/disclosures.yaml";
const longest = 1024 * 1024;

/**
 * Holds what people see against `ops/disclosures.yaml` of a checkout. Null where it has none; problems where that cannot be
 * read or names what is not there.
 */
export async function lintDisclosures(
  directory: string,
): Promise<LintedDisclosures | { readonly problems: readonly Problem[] } | null> {
  const root = realpathSync(directory);
  if (!existsSync(join(root, file))) return null;
  const source = readDutyFile(root, file, disclosuresForm);
  const { content } = source;
  const all = watchedFiles(root);
  const problems = [...source.problems, ...(content === null ? [] : disclosureProblems(source, content, all))];
  if (content === null || problems.length > 0) return { problems: sortProblems(problems) };
  const pages = new Map<string, readonly VisibleBlock[] | null>();
  for (const path of pagesOf(content, all)) pages.set(path, await visibleIn(root, path));
  const findings = content.rules.flatMap((rule) => findingsOf(rule, content.phrases, { all, pages }));
  const unread = [...pages].flatMap(([path, blocks]): readonly DisclosureFinding[] =>
    blocks === null
      ? [{ file: path, line: 1, code: "unreadable", message: "nobody can tell what people see of it" }]
      : [],
  );
  const hash = createHash("sha256").update(JSON.stringify(content));
  for (const [path, blocks] of pages)
    hash.update(JSON.stringify([path, (blocks ?? []).map(({ kind, text }) => [kind, text])]));
  const sorted = [...unread, ...findings].toSorted(
    (one, other) => (one.file < other.file ? -1 : one.file > other.file ? 1 : 0) || one.line - other.line,
  );
  return { findings: sorted, files: pages.size, digest: hash.digest("hex") };
}

/** What is wrong with the rules themselves. */
export function disclosureProblems(
  source: DutySource<unknown>,
  { phrases, rules }: WrittenDisclosures,
  all: WatchedFiles,
): readonly Problem[] {
  const names = source.namesBelow("phrases") ?? Object.keys(phrases);
  const asked = rules.flatMap(({ require = [] }) => require);
  // Of what only follows from a rule that is wrong, that alone is told.
  const isWhole =
    !source.isPart &&
    asked.every((name) => names.includes(name)) &&
    rules.every(({ require = [], forbid = [] }) => require.length + forbid.length > 0);
  const unasked = isWhole ? names.filter((name) => !asked.includes(name)) : [];
  const wrong = rules.flatMap(({ paths, require = [], forbid = [], with: beside = [] }, index) => {
    const at = ["rules", index] as const;
    const fits = (key: string, patterns: readonly string[]): readonly Problem[] =>
      patterns.flatMap((pattern, place) =>
        all.matching(pattern).length > 0
          ? []
          : [source.problem([...at, key, place], "path", `no file fits ${pattern}`, "name files of the repository")],
      );
    return [
      ...fits("paths", paths),
      ...fits("with", beside),
      ...require.flatMap((name, place) =>
        names.includes(name)
          ? []
          : [
              source.problem(
                [...at, "require", place],
                "unknown_name",
                `there is no phrase "${name}"`,
                didYouMean(name, names) ?? "add it to `phrases`",
              ),
            ],
      ),
      ...(require.length + forbid.length === 0
        ? [source.problem(at, "missing", "it asks for nothing", "give it `require` or `forbid`", "key")]
        : []),
    ];
  });
  return [
    ...wrong,
    ...unasked.map((name) =>
      source.problem(
        ["phrases", name],
        "missing",
        `no page has to show "${name}"`,
        "name it in `require` of a rule, or take it away",
        "key",
      ),
    ),
  ];
}

/** The files of all rules, sorted. */
const pagesOf = ({ rules }: WrittenDisclosures, all: WatchedFiles): readonly string[] =>
  [...new Set(rules.flatMap(({ paths, with: beside = [] }) => [...paths, ...beside].flatMap(all.matching)))].toSorted();

interface Pages {
  readonly all: WatchedFiles;
  readonly pages: ReadonlyMap<string, readonly VisibleBlock[] | null>;
}

function findingsOf(
  { paths, mentions, require = [], forbid = [], with: beside = [] }: WrittenDisclosureRule,
  phrases: Readonly<Record<string, string>>,
  { all, pages }: Pages,
): readonly DisclosureFinding[] {
  const seenBeside = [...new Set(beside.flatMap(all.matching))].flatMap((path) => pages.get(path) ?? []);
  return [...new Set(paths.flatMap(all.matching))].flatMap((path): readonly DisclosureFinding[] => {
    const blocks = pages.get(path) ?? null;
    if (blocks === null) return [];
    const mentioned = mentions?.flatMap((phrase) => linesOfPhrase(blocks, phrase, true)).toSorted((a, b) => a - b);
    const forbidden = forbid.flatMap((phrase) =>
      linesOfPhrase(blocks, phrase, true).map((line): DisclosureFinding => ({
        file: path,
        line,
        code: "forbidden",
        message: `says "${phrase}", which no page may say`,
      })),
    );
    if (mentioned?.length === 0) return forbidden;
    const missing = require
      .filter((name) => linesOfPhrase([...blocks, ...seenBeside], phrases[name] ?? "", false).length === 0)
      .map((name): DisclosureFinding => {
        const message = `does not show the disclosure "${name}": ${phrases[name] ?? ""}`;
        return { file: path, line: mentioned?.[0] ?? 1, code: "missing", message };
      });
    return [...forbidden, ...missing];
  });
}

/** What people see of a file; null for what nobody can read. The readers are loaded when they are needed. */
async function visibleIn(root: string, path: string): Promise<readonly VisibleBlock[] | null> {
  if (statSync(join(root, path)).size > longest) return null;
  const text = readFileSync(join(root, path), "utf8");
  switch (extname(path).toLowerCase()) {
    case ".md":
    case ".markdown":
      return (await import("./visible-pages.ts")).visibleInMarkdown(text);
    case ".html":
    case ".htm":
      return (await import("./visible-pages.ts")).visibleInHtml(text);
    case ".tsx":
    case ".jsx":
    case ".ts":
    case ".js":
      return (await import("./visible-components.ts")).visibleInComponents(path, text);
    case ".json":
    case ".yaml":
    case ".yml":
      return (await import("./visible-catalogue.ts")).visibleInCatalogue(text);
    case ".txt":
      return [{ kind: "text", text, lines: linesOf(text) }];
    default:
      return null;
  }
}

function linesOf(text: string): readonly number[] {
  let line = 1;
  return text.split("").map((sign) => (sign === "\n" ? line++ : line));
}

import { existsSync, readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { Writable } from "node:stream";
import type { Nodes } from "mdast";
import { parse } from "yaml";
import { watchedFiles } from "../duties/watched-files.ts";

/** Something about a document that is to be mended. */
export interface DocsFinding {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** `MD001` of markdownlint, or `missing-file`, `missing-heading`, `broken-link`. */
  readonly code: string;
  readonly message: string;
}

/** A link out of the repository, and where it stands first. */
export interface OutsideLink {
  readonly url: string;
  readonly file: string;
  readonly line: number;
}

/** What was found of documents, and where their links lead outside. */
export interface LintedDocs {
  readonly files: number;
  readonly findings: readonly DocsFinding[];
  readonly links: readonly OutsideLink[];
}

/**
 * What holds where a repository has no configuration of markdownlint's own: long lines, HTML, any beginning, a title in front
 * matter and `$` are let be.
 */
const usual = {
  ...{ default: true, MD013: false, MD014: false, MD033: false, MD041: false },
  MD025: { front_matter_title: "" },
};
const configurations = [".markdownlint.json", ".markdownlint.jsonc", ".markdownlint.yaml", ".markdownlint.yml"];

/**
 * Looks at the Markdown files that patterns fit: their form by markdownlint, and links within the repository by
 * remark-validate-links.
 */
export async function lintDocs(directory: string, patterns: readonly string[]): Promise<LintedDocs> {
  const root = realpathSync(directory);
  const all = watchedFiles(root);
  const files = [...new Set(patterns.flatMap(all.matching))]
    .filter((file) => /\.(?:md|markdown)$/iu.test(file))
    .toSorted();
  const texts = new Map(files.map((file) => [file, readFileSync(join(root, file), "utf8")] as const));
  const findings = [...(await formOf(root, texts)), ...(await insideLinks(root, files))];
  const links = (await Promise.all([...texts].map(([file, text]) => outsideLinks(file, text)))).flat();
  return {
    files: files.length,
    findings: findings.toSorted(
      (one, other) =>
        (one.file < other.file ? -1 : one.file > other.file ? 1 : 0) ||
        one.line - other.line ||
        (one.code < other.code ? -1 : 1),
    ),
    links: [...new Map(links.toReversed().map((link) => [link.url, link])).values()].toReversed(),
  };
}

async function formOf(root: string, texts: ReadonlyMap<string, string>): Promise<readonly DocsFinding[]> {
  const { lint } = await import("markdownlint/promise");
  const own = configurations.find((name) => existsSync(join(root, name)));
  // JSON with comments is no YAML, but for its comments.
  const config =
    own === undefined
      ? usual
      : ((parse(readFileSync(join(root, own), "utf8").replaceAll(/^\s*\/\/.*$/gmu, "")) as typeof usual | null) ??
        usual);
  const results = await lint({ strings: Object.fromEntries(texts), config });
  return Object.entries(results).flatMap(([file, found]) =>
    found.map(({ lineNumber, ruleNames, ruleDescription, errorDetail }) => ({
      ...{ file, line: lineNumber, code: ruleNames[0] ?? "MD" },
      message: `${ruleDescription}${errorDetail === null || errorDetail === undefined ? "" : `: ${errorDetail}`}`,
    })),
  );
}

async function insideLinks(root: string, files: readonly string[]): Promise<readonly DocsFinding[]> {
  if (files.length === 0) return [];
  const [{ engine }, { unified }, ...plugins] = await Promise.all([
    import("unified-engine"),
    import("unified"),
    import("remark-parse"),
    import("remark-gfm"),
    import("remark-frontmatter"),
    import("remark-validate-links"),
  ]);
  const [reads, tables, front, links] = plugins.map((one) => one.default) as [never, never, never, never];
  const nowhere = new Writable({ write: (_piece, _encoding, done) => done() });
  return new Promise((resolve, reject) => {
    engine(
      {
        ...{ processor: unified().use(reads).use(tables).use(front), cwd: root, files: [...files] },
        ...{ plugins: [[links, { repository: false, root }]], extensions: ["md", "markdown"] },
        ...{ out: false, output: false, streamOut: nowhere, streamError: nowhere },
        ...{ detectConfig: false, detectIgnore: false },
      },
      (thrown, _code, context) => {
        if (thrown) return reject(thrown);
        resolve(
          (context?.files ?? []).flatMap((file) =>
            file.messages.map((message) => ({
              ...{ file: file.path, line: message.line ?? 1, code: message.ruleId ?? "link" },
              message: message.reason,
            })),
          ),
        );
      },
    );
  });
}

async function outsideLinks(file: string, text: string): Promise<readonly OutsideLink[]> {
  const [{ unified }, { default: reads }, { default: tables }, { default: front }] = await Promise.all([
    import("unified"),
    import("remark-parse"),
    import("remark-gfm"),
    import("remark-frontmatter"),
  ]);
  const found: OutsideLink[] = [];
  const walk = (node: Nodes): void => {
    if (
      (node.type === "link" || node.type === "image" || node.type === "definition") &&
      /^https?:\/\//iu.test(node.url)
    )
      found.push({ url: node.url.replace(/#.*$/u, ""), file, line: node.position?.start.line ?? 1 });
    if ("children" in node) for (const child of node.children) walk(child);
  };
  walk(unified().use(reads).use(tables).use(front).parse(text));
  return found;
}

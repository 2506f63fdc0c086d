import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** A part of a page of the documentation, under its own heading. */
export interface DocSection {
  /** `docs/how-to/router.md`. */
  readonly file: string;
  /** Of its heading, the first of the file is 1. */
  readonly line: number;
  /** The page's own heading. */
  readonly page: string;
  /** The same where it stands before any other. */
  readonly heading: string;
  readonly text: string;
}

/** Reads the pages below a folder into their sections, in the order of their names. `name`: what the folder is called. */
export async function readSections(folder: string, name: string): Promise<readonly DocSection[]> {
  const files = (await readdir(folder, { recursive: true })).filter((file) => file.endsWith(".md")).toSorted();
  const pages = await Promise.all(
    files.map(async (file) =>
      sectionsOf(`${name}/${file.replaceAll("\\", "/")}`, await readFile(join(folder, file), "utf8")),
    ),
  );
  return pages.flat();
}

/** The sections of a page. What stands in a fence is text, whatever it begins with. */
export function sectionsOf(file: string, markdown: string): readonly DocSection[] {
  const sections: { line: number; heading: string; text: string[] }[] = [];
  let fence: string | null = null;
  for (const [at, line] of markdown.split(/\r?\n/u).entries()) {
    const [, mark = null] = /^\s*(```+|~~~+)/u.exec(line) ?? [];
    if (mark !== null && (fence === null || line.trim() === fence)) fence = fence === null ? mark : null;
    const [, heading] = fence === null ? (/^#{1,6}\s+(.+?)\s*#*$/u.exec(line) ?? []) : [];
    if (heading !== undefined) sections.push({ line: at + 1, heading: plain(heading), text: [] });
    else sections.at(-1)?.text.push(line);
  }
  const page = sections[0]?.heading ?? file;
  return sections.map(({ line, heading, text }) => ({ file, line, page, heading, text: text.join("\n").trim() }));
}

/** Without the marks of links and code. */
export const plain = (markdown: string): string =>
  markdown.replaceAll(/\[([^\]]*)\]\([^)]*\)/gu, "$1").replaceAll(/[`*]/gu, "");

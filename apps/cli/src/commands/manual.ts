import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { FairwayError } from "@fairway/core";
import type { GlobalOptions } from "../context.ts";
import type { DocSection } from "../documentation/read-sections.ts";
import { plain, readSections } from "../documentation/read-sections.ts";
import { searchSections } from "../documentation/search-sections.ts";
import { bold, columns, dim, harmless, print, printJson, wrap } from "../output/terminal.ts";

/** `fairway manual`: exit code 1 says that nothing is about these words. */
export async function searchManual(
  words: readonly string[],
  options: GlobalOptions & { readonly limit?: string },
): Promise<number> {
  const asked = words.join(" ");
  const found = searchSections(await readSections(folderOfDocs(), "docs"), asked, Number(options.limit ?? 5));
  if (options.json) printJson(found);
  else if (found.length === 0) print(`nothing is about "${harmless(asked)}"; all pages: docs/README.md`);
  else for (const section of found) for (const line of linesOf(section)) print(line);
  return found.length === 0 ? 1 : 0;
}

function linesOf({ file, line, page, heading, text }: DocSection): readonly string[] {
  const prose = text.replaceAll(/^(```+|~~~+)[^]*?^\1$/gmu, "");
  const [first = ""] = prose.split(/\n\s*\n/u).filter((one) => /^\s*[\w`*[]/u.test(one));
  const words = plain(first).replaceAll(/\s+/gu, " ").trim();
  return [
    bold(harmless(heading === page ? page : `${page} › ${heading}`)),
    `  ${dim(`${file}:${line}`)}`,
    ...wrap(harmless(words.length > 200 ? `${words.slice(0, 199)}…` : words), columns(), "  "),
  ];
}

/** The pages lie beside the program, wherever that was cloned to. */
function folderOfDocs(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const docs = join(folder, "docs");
    if (existsSync(join(docs, "README.md"))) return docs;
    if (dirname(folder) === folder)
      throw new FairwayError("not_found", "the documentation does not lie beside this program", {
        hint: "search it in a clone of Fairway's repository, in docs/",
      });
  }
}

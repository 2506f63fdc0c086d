import { cwd } from "node:process";
import type { LinkAnswer } from "@fairway/core";
import type { GlobalOptions } from "../../context.ts";
import { harmless, print, printJson } from "../../output/terminal.ts";

const usual = ["docs/*.md", "README.md"];
const within = 15_000;

/** `fairway docs check`: exit code 1 says that something is to be mended. */
export async function checkDocs(
  [directory = cwd()]: readonly string[],
  options: GlobalOptions & { readonly path?: readonly string[]; readonly external?: boolean },
): Promise<number> {
  const { checkLinks, lintDocs } = await import("@fairway/config");
  const { files, findings, links } = await lintDocs(directory, options.path ?? usual);
  const { signal } = new AbortController();
  const outside =
    options.external === true
      ? await checkLinks(links, { ask, now: Date.now, known: async () => [], keep: async () => undefined, signal })
      : { findings: [], unknown: 0 };
  const all = [...findings, ...outside.findings];
  if (options.json) printJson({ files, findings: all, links: links.length, unknownLinks: outside.unknown });
  else {
    for (const { file, line, code, message } of all) print(`${harmless(file)}:${line} ${code} ${harmless(message)}`);
    const unknown = outside.unknown === 0 ? "" : `, ${outside.unknown} links of which nobody can tell now`;
    print(`${files} files, ${all.length === 0 ? "nothing" : all.length} to mend${unknown}`);
  }
  return all.length === 0 ? 0 : 1;
}

/** From the machine of whoever asks, as their browser would; the daemon's own audit goes nowhere that is not public. */
async function ask(url: string, signal: AbortSignal): Promise<LinkAnswer> {
  try {
    const { status, body } = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(within)]) });
    await body?.cancel();
    return { status, after: null };
  } catch (thrown) {
    const { cause, name } = thrown as { readonly cause?: { readonly code?: string }; readonly name?: string };
    return { failure: cause?.code ?? name ?? "it could not be reached" };
  }
}

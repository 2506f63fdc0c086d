import type { SecretLintCoreConfig } from "@secretlint/types";
import type { KnownHit } from "./known-values.ts";
import { isPlaceholder, secretPatterns } from "./secret-patterns.ts";

/** A place where a key stands that should not. It never holds the key. */
export interface Finding {
  readonly rule: string;
  readonly path: string;
  readonly line: number;
  /** Tells one key from another. */
  readonly fingerprint: string;
  /** The credential whose value it is; null where only its look tells. */
  readonly credential: string | null;
}

/** What texts are scanned with. */
export interface ScanParts {
  readonly known: (text: string) => readonly KnownHit[];
  /** Names a value without telling it. */
  readonly nameOf: (value: string) => string;
}

/** Scans a text of a file: by what is known, by how keys look, and by the rules of secretlint. */
export type ScanText = (path: string, text: string) => Promise<readonly Finding[]>;

/** More of one text is of no use to anybody. */
const mostOfOne = 100;

/** Loads secretlint, which is not there until somebody scans. */
export async function openScanner({ known, nameOf }: ScanParts): Promise<ScanText> {
  const [{ lintSource }, { creator }, { secretLintProfiler }] = await Promise.all([
    import("@secretlint/core"),
    import("@secretlint/secretlint-rule-preset-recommend"),
    import("@secretlint/profiler"),
  ]);
  // It keeps each mark for good and looks for every one among all of them, so that files took the longer the more there had
  // been (650 of them 42 s, 1 s without). Nobody reads the marks.
  secretLintProfiler.mark = () => undefined;
  const config: SecretLintCoreConfig = {
    rules: [{ id: "@secretlint/secretlint-rule-preset-recommend", rule: creator }],
  };
  return async (path, text) => {
    const found: {
      readonly rule: string;
      readonly at: number;
      readonly value: string;
      readonly credential: string | null;
    }[] = [];
    for (const { credential, at, value } of known(text)) found.push({ rule: "known-value", at, value, credential });
    for (const { rule, pattern } of secretPatterns)
      for (const match of text.matchAll(pattern)) {
        const value = match.groups?.["key"] ?? match[0];
        if (!isPlaceholder(value)) found.push({ rule, at: match.index, value, credential: null });
      }
    // What it gives back holds the whole text: only places are taken from it.
    const { messages } = await lintSource({
      source: { filePath: path, content: text, ext: path.slice(path.lastIndexOf(".")), contentType: "text" },
      options: { config, noPhysicFilePath: true },
    });
    for (const { ruleId, range } of messages) {
      const value = text.slice(range[0], range[1]);
      const rule = ruleId.replace("@secretlint/secretlint-rule-", "");
      if (!isPlaceholder(value)) found.push({ rule, at: range[0], value, credential: null });
    }
    const lineOf = linesOf(text);
    const findings = new Map<string, Finding>();
    for (const { rule, at, value, credential } of found) {
      const line = lineOf(at);
      // Known ones come first: whatever else has found the same place says less.
      const place = `${line} ${credential ?? ""}`;
      const isCovered = [...findings.values()].some((one) => one.line === line);
      if (findings.size >= mostOfOne || findings.has(place) || (credential === null && isCovered)) continue;
      findings.set(place, { rule, path, line, fingerprint: nameOf(value), credential });
    }
    return [...findings.values()];
  };
}

function linesOf(text: string): (at: number) => number {
  let [line, reached] = [1, 0];
  return (at) => {
    if (at < reached) [line, reached] = [1, 0];
    for (let next = text.indexOf("\n", reached); next !== -1 && next < at; next = text.indexOf("\n", reached)) {
      line += 1;
      reached = next + 1;
    }
    return line;
  };
}

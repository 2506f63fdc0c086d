import type { Annotation, Forge, ForgeReport } from "@fairway/core";
import { standingDisclosures } from "../content/content-control.ts";
import { contentOfCommit } from "../store/contents.ts";
import type { Sql } from "../store/store.ts";
import type { KeyedReport } from "./reports-of-run.ts";

const titles = {
  failure: "what users see is not as it must be",
  action_required: "somebody has to say yes to what users see",
  success: "what users see has its yes",
} as const;

/**
 * The check of a commit that says how what users see stands, or a status where a forge takes no checks; none where it has no
 * rules.
 */
export async function reportsOfDisclosures(
  sql: Sql,
  sha: string,
  takes: Forge["takes"],
): Promise<readonly KeyedReport[]> {
  const found = await contentOfCommit(sql, sha);
  if (found === null || found.disclosures === null) return [];
  const { state, findings, approved, digest } = await standingDisclosures(sql, found.disclosures);
  const annotations = findings.map(({ file, line, code, message }): Annotation => ({
    severity: "error",
    file,
    line,
    column: null,
    rule: code,
    message,
  }));
  const [name, title] = [
    "fairway/disclosures",
    findings.length === 0 ? titles[state] : `${findings.length} to be mended`,
  ];
  const key = `disclosures ${sha}`;
  if (!takes.has("check-run")) {
    // A status knows nobody who has to act: it waits.
    const waits = state === "action_required" ? "pending" : state;
    return [{ key, report: { kind: "status", sha, context: name, state: waits, description: title, url: null } }];
  }
  const report: ForgeReport = {
    ...{ kind: "check-run", sha, name, state, url: null, annotations, title },
    summary:
      approved === null
        ? `${titles[state]}. Digest ${digest.slice(0, 12)}.`
        : `${approved.by} said yes on ${approved.at.slice(0, 10)}. Digest ${digest.slice(0, 12)}.`,
  };
  return [{ key, report }];
}

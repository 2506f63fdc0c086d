import { cwd } from "node:process";
import type { DisclosuresShape } from "@fairway/api";
import { disclosureLine } from "@fairway/core";
import type { GlobalOptions } from "../../context.ts";
import { daemonClient, whoAsks } from "../../context.ts";
import { bold, harmless, print, printJson } from "../../output/terminal.ts";

/** `fairway disclosures check`: exit code 1 says that something is to be mended. */
export async function checkDisclosures(
  [directory = cwd()]: readonly string[],
  options: GlobalOptions,
): Promise<number> {
  const { lintDisclosures } = await import("@fairway/config");
  const found = await lintDisclosures(directory);
  if (options.json) printJson(found ?? { findings: [], files: 0 });
  if (found === null) {
    if (!options.json) print("there is no ops/disclosures.yaml: nothing is asked of what users see");
    return 0;
  }
  if ("problems" in found) {
    for (const { file, line, column, code, message } of options.json ? [] : found.problems)
      print(`${harmless(file)}:${line}:${column} ${code} ${harmless(message)}`);
    return 2;
  }
  if (options.json) return found.findings.length === 0 ? 0 : 1;
  for (const finding of found.findings) print(harmless(disclosureLine(finding)));
  if (found.findings.length === 0) print(`${found.files} files, nothing to mend; digest ${found.digest.slice(0, 12)}`);
  return found.findings.length === 0 ? 0 : 1;
}

/** `fairway disclosures show`. */
export async function showDisclosures([ref = "HEAD"]: readonly string[], options: GlobalOptions): Promise<void> {
  const client = await daemonClient(options);
  tell(await client.call("disclosures", { ref }), options);
}

/** `fairway disclosures approve`. */
export async function approveDisclosures(
  [ref = "HEAD"]: readonly string[],
  options: GlobalOptions & { readonly digest?: string; readonly note?: string },
): Promise<void> {
  const client = await daemonClient(options);
  const { digest = null, note = "" } = options;
  tell(await client.call("approveDisclosures", { by: whoAsks(), ref, digest, note }), options);
}

const sentences = {
  failure: "something is to be mended",
  action_required: "somebody has to say yes",
  success: "it has its yes",
} as const;

function tell(found: DisclosuresShape, { json }: GlobalOptions): void {
  if (json) return printJson(found);
  const { commit, digest, state, findings, approved } = found;
  print(bold(`${commit.slice(0, 12)}: ${sentences[state]}`));
  print(`  digest ${digest}`);
  for (const finding of findings) print(`  ${harmless(disclosureLine(finding))}`);
  if (approved !== null) print(`  ${harmless(approved.by)} said yes on ${approved.at.slice(0, 10)}`);
  if (state === "action_required")
    print(`  say yes: fairway disclosures approve ${commit.slice(0, 12)} --digest ${digest}`);
}

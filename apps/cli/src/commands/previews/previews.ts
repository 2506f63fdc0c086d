import { setTimeout as wait } from "node:timers/promises";
import type { PreviewShape } from "@fairway/api";
import { FairwayError } from "@fairway/core";
import type { GlobalOptions } from "../../context.ts";
import { daemonClient, whoAsks } from "../../context.ts";
import { table } from "../../output/table.ts";
import { harmless, print, printJson } from "../../output/terminal.ts";
import { ago } from "../../output/times.ts";
import { sure } from "../ask.ts";

interface WaitOptions extends GlobalOptions {
  readonly detach?: boolean;
}

const lookEvery = 300;

/** `fairway preview open`: waits until it answers. Exit code 1: it failed; 3: it waits for a person or for room. */
export async function openPreview(
  [ref = ""]: readonly string[],
  options: WaitOptions & { readonly name?: string },
): Promise<number> {
  const client = await daemonClient(options);
  let preview = await client.call("openPreview", { ref, name: options.name ?? null, by: whoAsks() });
  while (!options.detach && (preview.standing === "building" || preview.standing === "deploying")) {
    await wait(lookEvery);
    preview = await client.call("preview", { preview: preview.name });
  }
  if (options.json) printJson(preview);
  else lines(preview);
  return codeOf(preview);
}

const codeOf = ({ standing }: PreviewShape): number =>
  standing === "failed" ? 1 : standing === "asking" || standing === "waiting" ? 3 : 0;

/** `fairway preview close`: waits until it is gone. */
export async function closePreview([name = ""]: readonly string[], options: WaitOptions): Promise<void> {
  const client = await daemonClient(options);
  let preview = await client.call("closePreview", { preview: name, by: whoAsks() });
  while (!options.detach && preview.standing === "ending") {
    await wait(lookEvery);
    preview = await client.call("preview", { preview: name });
  }
  if (options.json) return printJson(preview);
  print(preview.standing === "ended" ? `${preview.name} is gone` : `${preview.name} is being taken away`);
}

/** `fairway preview list`. */
export async function listPreviews(
  _args: readonly string[],
  options: GlobalOptions & { readonly ended?: boolean; readonly limit?: string },
): Promise<void> {
  const client = await daemonClient(options);
  const found = await client.call("previews", {
    ended: options.ended === true ? "true" : "false",
    limit: options.limit ?? "50",
  });
  if (options.json) return printJson(found);
  if (found.length === 0) return print("There are no previews. Open one: fairway preview open BRANCH");
  const rows = found.map((preview) => [
    preview.name,
    preview.standing,
    preview.sha.slice(0, 7),
    harmless(preview.title.split("\n")[0] ?? ""),
    preview.url ?? "",
    ago(preview.usedAt, Date.now()),
  ]);
  for (const line of table(["preview", "standing", "commit", "of", "address", "last used"], rows)) print(line);
}

/** `fairway preview show`. */
export async function showPreview([name = ""]: readonly string[], options: GlobalOptions): Promise<void> {
  const client = await daemonClient(options);
  const preview = await client.call("preview", { preview: name });
  if (options.json) return printJson(preview);
  lines(preview);
}

/** `fairway preview approve`: of the commit that is named, or that somebody says yes to here. */
export async function approvePreview(
  [name = ""]: readonly string[],
  options: GlobalOptions & { readonly sha?: string },
): Promise<void> {
  const client = await daemonClient(options);
  const before = await client.call("preview", { preview: name });
  const question = `Let ${before.sha} of ${harmless(before.openedBy)} run on this machine?`;
  if (options.sha === undefined && !(await sure(question, options)))
    throw new FairwayError("not_allowed_now", "nothing was approved", {
      hint: `name the commit that you have looked at: fairway preview approve ${name} --sha ${before.sha}`,
    });
  const preview = await client.call("approvePreview", { preview: name, sha: options.sha ?? before.sha, by: whoAsks() });
  if (options.json) return printJson(preview);
  print(`${preview.name}: ${preview.sha.slice(0, 12)} is let in, without secrets`);
}

function lines(preview: PreviewShape): void {
  print(`${preview.name} is ${preview.standing}${preview.why === "" ? "" : `: ${harmless(preview.why)}`}`);
  if (preview.url !== null) print(`  ${preview.url}`);
  for (const host of preview.hosts) if (!(preview.url ?? "").includes(`//${host}`)) print(`  ${host}`);
  print(
    `  ${harmless(preview.title.split("\n")[0] ?? "")} (${preview.sha.slice(0, 12)}${preview.fork ? ", from a fork" : ""})`,
  );
  if (preview.run !== null) print(`  ${preview.run}`);
  if (preview.standing === "asking") print(`  let it in with: fairway preview approve ${preview.name}`);
  if (preview.endsAt !== null) print(`  nobody asking for it, it ends ${preview.endsAt}`);
}

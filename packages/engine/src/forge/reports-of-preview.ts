import type { ForgeReport } from "@fairway/core";
import { isTerminal } from "@fairway/core";
import type { Preview } from "../store/previews.ts";
import type { Run } from "../store/runs.ts";
import { runById } from "../store/runs.ts";
import type { Sql } from "../store/store.ts";

/** What a forge is told of the preview of a pull request as it stands now: one comment, and that it is gone once it is. */
export async function reportsOfPreview(
  sql: Sql,
  preview: Preview,
): Promise<readonly { readonly key: string; readonly report: ForgeReport }[]> {
  const { pull: number, name, sha, deployRun, releaseRun, releaseTurn, turn, state, why } = preview;
  if (number === null) return [];
  const made = releaseTurn === turn && releaseRun !== null ? await runById(sql, releaseRun) : null;
  const deployed = deployRun === null ? null : await runById(sql, deployRun);
  const text = `Fairway, for ${sha.slice(0, 7)}: ${sentence(preview, made, deployed)}`;
  const comment = {
    key: `comment ${number} preview`,
    report: { kind: "comment", number, topic: "preview", text } as const,
  };
  if (state !== "ended" || deployRun === null) return [comment];
  const gone: ForgeReport = {
    kind: "deployment",
    sha,
    environment: name,
    production: false,
    state: "inactive",
    description: `the preview has ended: ${why}`,
    environmentUrl: null,
    url: null,
  };
  return [comment, { key: `deployment ${deployRun}`, report: gone }];
}

/** Of words of Fairway's own, a commit and a name of letters and digits: nothing that whoever opened it wrote. */
function sentence(
  { name, state, url, sha, releaseTurn, turn }: Preview,
  made: Run | null,
  deployed: Run | null,
): string {
  switch (state) {
    case "waiting":
      return "the preview waits until another one has ended.";
    case "asking":
      return `this comes from a fork. Somebody has to let the commit in: \`fairway preview approve ${name} --sha ${sha}\``;
    case "ending":
      return "the preview is being taken away.";
    case "ended":
      return "the preview has ended.";
    case "open":
      break;
  }
  if (deployed?.state === "succeeded" && url !== null) return `the preview is at ${url}`;
  const last = deployed ?? made;
  if (last === null) return `the preview ${releaseTurn === turn ? "could not be" : "is about to be"} built.`;
  if (isTerminal(last.state) && last.state !== "succeeded")
    return `the preview could not be shown: ${last.id} ${last.state}.`;
  return `the preview is being ${deployed === null ? "built" : "started"} (${last.id}).`;
}

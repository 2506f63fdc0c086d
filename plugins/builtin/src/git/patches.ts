import type { Repository, Sha } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import type { GitAnswer } from "./run-git.ts";
import { runGit } from "./run-git.ts";

type Patches = NonNullable<Repository["patches"]>;

/** No line of a patch begins like this. */
const shown = [
  ...["log", "-p", "--cc", "--unified=0", "--full-index", "--no-color", "--no-ext-diff", "--no-textconv"],
  "--no-renames",
];
const quiet = ["--no-walk=unsorted", "--root", "--format=%x00commit %H", "--no-notes", "--stdin"];

/** What commits have added, a few of them at a time, the oldest first. */
export async function patchesOf(path: string, range: Parameters<Patches>[0]): ReturnType<Patches> {
  const { from, to, after, limit, withText = true } = range;
  const words = ["rev-list", "--reverse", "--topo-order", to, ...(from === null ? [] : [`^${from}`]), "--"];
  const listed = await runGit(path, words);
  if (!listed.ok) throw new FairwayError("revision_not_found", `cannot list the commits up to ${to}: ${listed.reason}`);
  const all = listed.output.split("\n").filter((line) => line !== "");
  // One that is not there any more was rewritten with what came after it: then all of them are looked at.
  const next = all.slice(after === null ? 0 : all.indexOf(after) + 1).slice(0, limit);
  const last = next.at(-1) ?? null;
  if (last === null || !withText) return { text: "", last, skipped: [] };
  return { last, ...(await textOf(path, next)) };
}

/** Halves what is more than can be read at once, down to one commit. */
async function textOf(
  path: string,
  commits: readonly Sha[],
): Promise<{ readonly text: string; readonly skipped: readonly Sha[] }> {
  const answer = await runGit(path, [...shown, ...quiet], { input: `${commits.join("\n")}\n`, timeout: 300_000 }).catch(
    ifTooMuch,
  );
  if (answer === null) {
    if (commits.length === 1) return { text: "", skipped: commits };
    const half = Math.ceil(commits.length / 2);
    const [one, other] = [await textOf(path, commits.slice(0, half)), await textOf(path, commits.slice(half))];
    return { text: `${one.text}\n${other.text}`, skipped: [...one.skipped, ...other.skipped] };
  }
  if (!answer.ok) throw new FairwayError("revision_not_found", `cannot read what commits added: ${answer.reason}`);
  return { text: answer.output, skipped: [] };
}

function ifTooMuch(thrown: unknown): GitAnswer | null {
  const { cause } = thrown as { readonly cause?: { readonly code?: string } };
  if (cause?.code === "ERR_CHILD_PROCESS_STDIO_MAXBUFFER") return null;
  throw thrown;
}

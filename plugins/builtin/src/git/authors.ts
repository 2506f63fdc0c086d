import type { CommitAuthor, Sha } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import { runGit } from "./run-git.ts";

/** `%aN` and `%aE` know a `.mailmap`: one person with several addresses is one. */
const described = "--format=%aN%x00%aE%x00%(trailers:key=Co-authored-by,valueonly,unfold,separator=%x00)%x1e";

/**
 * Who wrote the commits that `to` has and `from` has not, or helped to (`Co-authored-by`), each once. Without `from`, or
 * where it is not there any more, of `to` alone.
 */
export async function authorsOf(path: string, from: Sha | null, to: Sha): Promise<readonly CommitAuthor[]> {
  const known = from !== null && (await runGit(path, ["cat-file", "-e", `${from}^{commit}`])).ok;
  const range = known ? [to, `^${from}`] : ["-1", to];
  const answer = await runGit(path, ["log", "--encoding=UTF-8", described, ...range, "--"]);
  if (!answer.ok)
    throw new FairwayError("revision_not_found", `cannot read who wrote the commits up to ${to}: ${answer.reason}`);
  const all = answer.output.split("\x1e").flatMap((record) => {
    const [name = "", email = "", ...helpers] = record.trimStart().split("\0");
    return name === "" && email === "" ? [] : [{ name, email }, ...helpers.flatMap(helperOf)];
  });
  return [...new Map(all.map((one) => [`${one.name}\0${one.email.toLowerCase()}`, one])).values()];
}

/** `Dana Doe <dana@example.com>`; what is not of that form is a name. */
function helperOf(trailer: string): readonly CommitAuthor[] {
  const text = trailer.trim();
  if (text === "") return [];
  const [, name = "", email = ""] = /^(.*?)\s*<([^<>]*)>$/.exec(text) ?? [];
  return [email === "" ? { name: text, email: "" } : { name, email: email.trim() }];
}

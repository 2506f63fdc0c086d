import { lstat } from "node:fs/promises";
import type { DeleteProbe, PlannedDeleteProbe } from "@fairway/core";
import { askProgram } from "./ask-program.ts";

// Runs as whoever makes backups: first whether the file may be written over, which harms nothing, and only then whether it may
// be deleted.
const tries = `
const fs = require("node:fs");
const [file] = process.argv.slice(1);
const attempt = (work) => { try { work(); return "done"; } catch (thrown) { return thrown.code ?? String(thrown); } };
const wrote = attempt(() => fs.closeSync(fs.openSync(file, "r+")));
const deleted = attempt(() => fs.unlinkSync(file));
console.log(JSON.stringify({ wrote, deleted }));
`;

/** What the kernel says to whoever may not: https://man7.org/linux/man-pages/man2/unlink.2.html */
const refusals = ["EACCES", "EPERM", "EROFS"];

/**
 * Tries to delete a file of a repository as whoever makes the backups. Whether it is still there is looked at, and not only
 * what was said.
 */
export async function probeDeletion({ file, as }: PlannedDeleteProbe, signal: AbortSignal): Promise<DeleteProbe> {
  if (!(await isThere(file)))
    return {
      outcome: "untried",
      why: `${file} is not there: put a file there that nobody needs, as whoever keeps the copy`,
    };
  const words = [process.execPath, "-e", tries, file];
  const group =
    as === null ? "" : (await askProgram({ file: "id", args: ["-g", as] }, { within: 60_000, signal })).wrote.trim();
  if (as !== null && group === "") return { outcome: "untried", why: `there is no user ${as} on this machine` };
  // With all groups that it has: one of them may be the one that may delete.
  const whose =
    as === null
      ? { file: words[0] ?? "", args: words.slice(1) }
      : { file: "setpriv", args: [`--reuid=${as}`, `--regid=${group}`, "--init-groups", "--", ...words] };
  const { wrote, said } = await askProgram(whose, { within: 60_000, signal });
  const answer = answerIn(wrote);
  const who = as ?? "the daemon's user";
  if (!(await isThere(file)))
    return { outcome: "done", why: `${who} could delete ${file}: whoever breaks in can, too` };
  if (answer === null)
    return { outcome: "untried", why: `nobody could try it as ${who}: ${said.split("\n").at(-1) ?? ""}` };
  if (answer.wrote === "done")
    return { outcome: "done", why: `${who} could write over ${file}, which is as good as deleting it` };
  return refusals.includes(answer.deleted) && refusals.includes(answer.wrote)
    ? { outcome: "refused", why: `${who} may neither delete nor change ${file}: ${answer.deleted}` }
    : { outcome: "untried", why: `${who} could not try it on ${file}: ${answer.wrote}, ${answer.deleted}` };
}

function answerIn(text: string): { readonly wrote: string; readonly deleted: string } | null {
  try {
    return JSON.parse(text) as { readonly wrote: string; readonly deleted: string };
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return null;
    throw thrown;
  }
}

const isThere = (file: string): Promise<boolean> =>
  lstat(file).then(
    () => true,
    (thrown: NodeJS.ErrnoException) => {
      if (thrown.code === "ENOENT") return false;
      // The daemon may not even look: whether it is there is then what the probe says.
      if (thrown.code === "EACCES") return true;
      throw thrown;
    },
  );

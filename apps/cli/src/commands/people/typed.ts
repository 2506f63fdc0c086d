import { isCancel, password as askHidden, text as askText } from "@clack/prompts";
import { FairwayError, passwordProblem } from "@fairway/core";

/** More than any secret; somebody has piped the wrong file. */
const longest = 4096;
/** Beside the answer, which a program may read. */
const output = process.stderr;

/**
 * A secret, from the first line of what is piped in or typed without being shown. Never from an argument, which everybody on
 * the machine can read. Throws `bad_request` when there is none.
 */
export async function typedSecret(question: string): Promise<string> {
  const secret = process.stdin.isTTY ? await hidden(question) : await firstLine();
  if (secret !== "") return secret;
  throw new FairwayError("bad_request", `${question}: nothing was given`, {
    hint: "type it where it is asked for, or pipe it in on the first line",
  });
}

/** A new password: typed twice, until both are the same and it is one that is taken, or piped in once. */
export async function newPassword(question: string): Promise<string> {
  if (!process.stdin.isTTY) return typedSecret(question);
  const first = await hidden(question, (typed) => {
    const found = passwordProblem(typed);
    return found === null ? undefined : found.hint === undefined ? found.problem : `${found.problem}: ${found.hint}`;
  });
  await hidden("The same again", (typed) => (typed === first ? undefined : "this is another one"));
  return first;
}

/** A word that is no secret. Throws `bad_request` where nobody can be asked. */
export async function typedWord(question: string, option: string): Promise<string> {
  if (!process.stdin.isTTY || !process.stderr.isTTY)
    throw new FairwayError("bad_request", `nobody can be asked here: ${question}`, { hint: `say it with ${option}` });
  const validate = (typed: string | undefined): string | undefined => needed(typed?.trim());
  const answer = await askText({ message: question, validate, output });
  if (isCancel(answer)) throw givenUp(question);
  return answer.trim();
}

async function hidden(question: string, check?: (typed: string) => string | undefined): Promise<string> {
  const validate = (typed: string | undefined): string | undefined => needed(typed) ?? check?.(typed ?? "");
  const answer = await askHidden({ message: question, validate, output });
  if (isCancel(answer)) throw givenUp(question);
  return answer;
}

const needed = (typed: string | undefined): string | undefined =>
  typed === undefined || typed === "" ? "type something, or press Ctrl-C to give up" : undefined;

/** Whoever presses Ctrl-C is asked nothing more, and nothing has been done. */
const givenUp = (question: string): FairwayError =>
  new FairwayError("bad_request", `${question}: nothing was typed, so nothing was done`);

/** Without the end of the line; what follows it is nobody's. */
async function firstLine(): Promise<string> {
  let read = "";
  process.stdin.setEncoding("utf8");
  for await (const part of process.stdin) {
    read += String(part);
    if (read.includes("\n") || read.length > longest) break;
  }
  return (read.split(/\r?\n/, 1)[0] ?? "").slice(0, longest);
}

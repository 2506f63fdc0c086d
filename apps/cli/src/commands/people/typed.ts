import { isCancel, password as askHidden, text as askText } from "@clack/prompts";
import { FairwayError } from "@fairway/core";
import { isInteractive } from "../../output/terminal.ts";

/** More than any secret; somebody has piped the wrong file. */
const longest = 4096;

/**
 * A secret, from the first line of what is piped in or typed without being shown. Never from an argument, which everybody on the
 * machine can read. Throws `bad_request` when there is none.
 */
export async function typedSecret(question: string): Promise<string> {
  const secret = process.stdin.isTTY ? await hidden(question) : await firstLine();
  if (secret !== "") return secret;
  throw new FairwayError("bad_request", `${question}: nothing was given`, {
    hint: "type it where it is asked for, or pipe it in on the first line",
  });
}

/** A new password: typed twice, or piped in once. */
export async function newPassword(question: string): Promise<string> {
  const password = await typedSecret(question);
  if (!process.stdin.isTTY || (await hidden("The same again")) === password) return password;
  throw new FairwayError("bad_request", "these were two different passwords");
}

/** A word that is no secret. Throws `bad_request` where nobody can be asked. */
export async function typedWord(question: string, option: string): Promise<string> {
  if (!isInteractive() || !process.stdin.isTTY)
    throw new FairwayError("bad_request", `nobody can be asked here: ${question}`, { hint: `say it with ${option}` });
  const answer = await askText({ message: question });
  return isCancel(answer) ? "" : answer.trim();
}

async function hidden(question: string): Promise<string> {
  const answer = await askHidden({ message: question });
  return isCancel(answer) ? "" : answer;
}

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

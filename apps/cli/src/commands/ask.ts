import { confirm, isCancel, select } from "@clack/prompts";
import { FairwayError } from "@fairway/core";
import type { GlobalOptions } from "../context.ts";
import { isInteractive } from "../output/terminal.ts";

/** Asks a person before something that matters. Where nobody can be asked, `--yes` must have answered already. */
export async function sure(question: string, options: GlobalOptions): Promise<boolean> {
  if (options.yes) return true;
  if (!isInteractive() || options.json)
    throw new FairwayError("bad_request", `nobody can be asked here: ${question}`, {
      hint: "answer beforehand with --yes",
    });
  const answer = await confirm({ message: question, initialValue: false });
  return !isCancel(answer) && answer;
}

/** Asks a person to choose; the first is what Enter takes. Where nobody can be asked the name must have been given. */
export async function oneOf(question: string, names: readonly string[], options: GlobalOptions): Promise<string> {
  const refused = new FairwayError("bad_request", `nobody can be asked here: ${question}`, {
    hint: `name one: ${names.join(", ")}`,
  });
  if (options.yes || !isInteractive() || options.json) throw refused;
  const answer = await select({ message: question, options: names.map((name) => ({ value: name, label: name })) });
  if (isCancel(answer)) throw refused;
  return answer;
}

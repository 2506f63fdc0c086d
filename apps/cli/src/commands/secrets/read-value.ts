import { readFile } from "node:fs/promises";
import { isCancel, password } from "@clack/prompts";
import { FairwayError, messageOf } from "@fairway/core";
import type { GlobalOptions } from "../../context.ts";

/**
 * The value of a secret: from a file, from what is piped in, or typed unseen. Never from the command line, which everybody on
 * the machine can read. One line end at its end is left off. Throws `bad_request`.
 */
export async function readValue(name: string, file: string | undefined, options: GlobalOptions): Promise<string> {
  if (file !== undefined && file !== "-") return withoutEnd(await readFileOf(file));
  if (!process.stdin.isTTY) return withoutEnd(await readInput());
  if (options.json || file === "-") throw nobody(name);
  const typed = await password({ message: `The value of ${name}` });
  if (isCancel(typed)) throw new FairwayError("bad_request", `${name} was given no value`);
  return typed;
}

/** The text of a file, `-` for what is piped in. Throws `bad_request`. */
export const readText = (file: string): Promise<string> => (file === "-" ? readInput() : readFileOf(file));

async function readFileOf(file: string): Promise<string> {
  const bytes = await readFile(file).catch((thrown: unknown) => {
    throw new FairwayError("bad_request", `could not read ${file}: ${messageOf(thrown)}`);
  });
  return utf8(bytes, file);
}

async function readInput(): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of process.stdin) parts.push(part as Buffer);
  return utf8(Buffer.concat(parts), "the input");
}

function utf8(bytes: Buffer, from: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new FairwayError("bad_request", `${from} is not UTF-8 text`, { hint: "encode it: base64" });
  }
}

const withoutEnd = (text: string): string => text.replace(/\r?\n$/, "");

const nobody = (name: string): FairwayError =>
  new FairwayError("bad_request", `nobody can be asked here for the value of ${name}`, {
    hint: `pipe it in, or: fairway secrets set ${name} --from-file FILE`,
  });

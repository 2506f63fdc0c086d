import type { ExecFileException } from "node:child_process";
import { execFile } from "node:child_process";
import type { Millis } from "@fairway/core";
import { FairwayError, longestSecret } from "@fairway/core";

/** A program that prints a secret. */
export interface SecretProgram {
  /** The store, as people call it. */
  readonly store: string;
  readonly argv: readonly [string, ...string[]];
  /** Whether what it says of an error tells no secret, so that people may read it. */
  readonly tellsNothing: boolean;
  /** What to do when it does not give the secret. */
  readonly hint: string;
  readonly timeout?: Millis;
}

/** How long a store may take to answer. */
export const answerWithin: Millis = 10_000;

/**
 * What a program prints, without the end of its last line. No shell reads its words. Throws `secrets_unavailable` when it is
 * not there, fails or does not end in time; what it printed until then is in no error.
 */
export async function printedSecret(program: SecretProgram): Promise<string> {
  const { argv, timeout = answerWithin } = program;
  const [name, ...words] = argv;
  return new Promise((resolve, reject) => {
    const options = { timeout, killSignal: "SIGKILL", maxBuffer: longestSecret + 1024, encoding: "utf8" } as const;
    const child = execFile(name, words, options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout.replace(/\r?\n$/, ""));
      else reject(refusal(program, error, stderr));
    });
    // A program that asks must not wait for an answer.
    child.stdin?.on("error", () => undefined);
    child.stdin?.end();
  });
}

function refusal(program: SecretProgram, error: ExecFileException, stderr: string): FairwayError {
  const { store, argv, tellsNothing, timeout = answerWithin } = program;
  const { killed = false } = error;
  const code: unknown = error.code;
  if (code === "ENOENT")
    return unavailable(`${argv[0]}, by which secrets of ${store} are read, is not installed`, program);
  if (code === "ERR_CHILD_PROCESS_STDIO_MAXBUFFER")
    return unavailable(`${store} gave more than ${longestSecret / 1024} KiB`, program);
  if (killed) return unavailable(`${store} did not answer within ${timeout / 1000} s`, program, true);
  const said = tellsNothing ? (stderr.trim().split("\n").at(-1) ?? "").slice(0, 300) : "";
  const how = typeof code === "number" ? `${argv[0]} ended with exit code ${code}` : `${argv[0]} did not end well`;
  return unavailable(`${store} gave no secret: ${said === "" ? how : said}`, program, true);
}

const unavailable = (message: string, { hint }: SecretProgram, retryable = false): FairwayError =>
  new FairwayError("secrets_unavailable", message, { hint, retryable });

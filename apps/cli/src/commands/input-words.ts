import { FairwayError } from "@fairway/core";

/** Inputs as they are given on the command line, `NAME=VALUE` each. Throws `bad_request`. */
export function inputsOf(words: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    words.map((word) => {
      const at = word.indexOf("=");
      if (at < 1) throw new FairwayError("bad_request", `"${word}" is no input`, { hint: "give it as NAME=VALUE" });
      return [word.slice(0, at), word.slice(at + 1)];
    }),
  );
}

import { FairwayError, longestSecret } from "@fairway/core";

/** Refuses what no program could be given, or what is no secret. Says nothing of the value. Throws `bad_request`. */
export function assertSecretValue(name: string, value: string): void {
  const no = (why: string, hint: string): FairwayError =>
    new FairwayError("bad_request", `the value of ${name} ${why}`, { hint });
  if (value === "") throw no("is empty", "to take a secret away: fairway secrets remove");
  if (Buffer.byteLength(value) > longestSecret)
    throw no(`has more than ${longestSecret / 1024} KiB`, "keep what is so long in a file of its own");
  if (value.includes("\0")) throw no("has a NUL character, which no variable can hold", "encode it: base64");
  if (/\p{Surrogate}/u.test(value)) throw no("is not UTF-8 text", "encode it: base64");
}

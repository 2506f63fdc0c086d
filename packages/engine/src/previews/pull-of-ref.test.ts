import { expect, test } from "vitest";
import { pullOfRef } from "./pull-of-ref.ts";

const known = (pulls: readonly number[], revisions: readonly string[]) => ({
  isPull: async (number: number) => pulls.includes(number),
  isRevision: async (ref: string) => revisions.includes(ref),
});

test.each([
  ["a short commit that has no letter is a commit", "3761194", known([], ["3761194"]), null],
  ["an open pull request comes first", "3761194", known([3_761_194], ["3761194"]), 3_761_194],
  ["a number that nothing has is a pull request's", "12", known([], []), 12],
  ["what is marked is a pull request's, whatever git knows", "#12", known([], ["#12", "12"]), 12],
  ["and so by the name of its preview", "pr-12", known([], ["pr-12"]), 12],
  ["a branch is no pull request", "feature-12", known([12], ["feature-12"]), null],
])("%s", async (_name, ref, names, number) => {
  expect(await pullOfRef(ref, names)).toBe(number);
});

import { createHash } from "node:crypto";
import { FairwayError } from "@fairway/core";

/** With a service's name and what is put between them it is one label of a host, which has at most 63 letters. */
const longest = 16;
const plain = /^[a-z](?:[a-z0-9]|-(?!-)){0,15}$/u;

/**
 * What a preview of a ref is called: the ref itself where that can be part of a host, else what is left of it with a digest of
 * the whole, so that no two refs have the same. Whatever a branch is called, this is letters, digits and dashes.
 */
export function labelOfRef(ref: string): string {
  if (isLabel(ref)) return ref;
  const digest = createHash("sha256").update(ref).digest("hex").slice(0, 6);
  const words = ref
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/gu, "-")
    .replaceAll(/^[-0-9]+|-+$/gu, "")
    .slice(0, longest - digest.length - 1)
    .replaceAll(/-+$/gu, "");
  return `${words === "" ? "ref" : words}-${digest}`;
}

/** Names of pull requests' previews are theirs alone. */
const isLabel = (name: string): boolean => plain.test(name) && !name.endsWith("-") && !/^pr-\d+$/u.test(name);

/** Refuses a name that cannot be part of a host, or could be taken for a pull request's. Throws `bad_request`. */
export function assertLabel(name: string): void {
  if (isLabel(name)) return;
  throw new FairwayError("bad_request", `${JSON.stringify(name.slice(0, 100))} cannot be the name of a preview`, {
    hint: `names are small letters, digits and single dashes, begin with a letter and have at most ${longest}; pr-12 is that of a pull request`,
  });
}

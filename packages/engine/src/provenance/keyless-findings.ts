import { readFile } from "node:fs/promises";
import type { KeylessSigner, Release } from "@fairway/core";
import type { KeylessProof } from "./keyless-proof.ts";
import { statementType } from "./statement.ts";
import type { ReleaseFinding } from "./verify-release.ts";
import { contradiction } from "./verify-release.ts";

/**
 * Looks at whether a release was signed by whom its own project names, where that names anybody. Needs no network. Its
 * project is part of what its digest is taken over, so that nobody takes the question away.
 */
export async function keylessFindings(
  signer: KeylessSigner | undefined,
  release: Release,
  proof: KeylessProof | null,
): Promise<readonly ReleaseFinding[]> {
  const sigstore = release.project.provenance?.sigstore;
  if (sigstore === undefined) return [];
  const no = (detail: string): readonly ReleaseFinding[] => [{ what: "sigstore", ok: false, detail }];
  if (proof === null) return no("its bundle is gone");
  if (signer === undefined) return no("nothing here verifies it");
  const configured = await rootIn(sigstore.trustedRoot);
  const opened = await signer.open(proof.bundle, statementType, configured ?? proof.trustedRoot, sigstore.identity);
  if (!opened.ok) return no(opened.reason);
  const contrary = contradiction(Buffer.from(opened.payload), release);
  if (contrary !== null) return no(contrary);
  const found = { what: "sigstore", ok: true, detail: `by ${opened.signedBy}` };
  return configured === null
    ? [
        {
          ...found,
          note: true,
          detail: `${found.detail}, by the trusted root kept with it: ${sigstore.trustedRoot} is not there`,
        },
      ]
    : [found];
}

/** The file of now before the copy of then: an authority that is trusted no more is taken out of it. */
const rootIn = (file: string): Promise<string | null> =>
  readFile(file, "utf8").catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === "ENOENT") return null;
    throw thrown;
  });

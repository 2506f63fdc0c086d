import type { ProjectProvenance } from "@fairway/core";
import type { Ledger } from "./ledger.ts";
import type { Provenance, Sigstore } from "./project-config.ts";

/** Nothing where there is none, so that such a project is the same as before releases could be signed so. */
export function resolveProvenance(written: Provenance | undefined, ledger: Ledger): ProjectProvenance | undefined {
  if (written === undefined) return undefined;
  const { fulcio, rekor, token, trustedRoot, identity } = written.sigstore;
  const own = <Key extends keyof Sigstore>(key: Key, value: NonNullable<Sigstore[Key]>): NonNullable<Sigstore[Key]> =>
    ledger.own<NonNullable<Sigstore[Key]>>(["provenance", "sigstore", key], value, value);
  return {
    sigstore: {
      ...(fulcio === undefined ? {} : { fulcio: own("fulcio", fulcio) }),
      ...(rekor === undefined ? {} : { rekor: own("rekor", rekor) }),
      ...(token === undefined ? {} : { token: own("token", token) }),
      trustedRoot: own("trustedRoot", trustedRoot),
      identity: own("identity", identity),
    },
  };
}

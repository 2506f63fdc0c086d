import type { SigningIdentity } from "../project/project-provenance.ts";

/** What signing takes besides the document. Kept in memory only: it holds a token. */
export interface KeylessAccess {
  /** Absent for the public one. */
  readonly fulcio?: string | undefined;
  /** Absent for the public one. */
  readonly rekor?: string | undefined;
  /** An OpenID Connect identity token: whoever it names has signed. */
  readonly token: string;
}

/** What a bundle holds, when it was signed by whom it must be. */
export type KeylessOpened =
  | { readonly ok: true; readonly payload: string; readonly signedBy: string }
  | { readonly ok: false; readonly reason: string };

/**
 * Signs documents by who somebody is, with a key that is used once: an authority certifies it, and a public log writes down
 * when it was used.
 */
export interface KeylessSigner {
  /**
   * Answers with the bundle (JSON) that proves the signature. May be repeated, and each time leaves one more entry in the
   * log. Throws `signing_unavailable` (retryable) when the authority or the log does not answer in time, `signing_refused`
   * when one says no.
   */
  sign(type: string, payload: string, access: KeylessAccess): Promise<string>;
  /**
   * Opens a bundle by the authorities and logs of a trusted root (JSON), without any network. Throws `signing_refused` for a
   * root that is none.
   */
  open(bundle: string, type: string, trustedRoot: string, identity: SigningIdentity): Promise<KeylessOpened>;
}

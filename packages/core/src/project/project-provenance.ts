/** How the releases of a project are signed besides by the key of this installation. */
export interface ProjectProvenance {
  readonly sigstore: ProjectSigstore;
}

/** With which services of Sigstore a project's releases are signed, and whom their signatures must be by. */
export interface ProjectSigstore {
  /** The authority that certifies who signs. Absent for the public one. */
  readonly fulcio?: string | undefined;
  /** The log in which every signature is written down. Absent for the public one. */
  readonly rekor?: string | undefined;
  /** The secret with the identity token, one of those of builds. Absent where the daemon's environment has it. */
  readonly token?: { readonly secret: string } | undefined;
  /** Absolute, on the machine of the daemon: the authorities and logs that are trusted. */
  readonly trustedRoot: string;
  readonly identity: SigningIdentity;
}

/** Who has signed, as a certificate says it. */
export interface SigningIdentity {
  /** Who vouches for it: `https://token.actions.githubusercontent.com`. */
  readonly issuer: string;
  /** An address or a URI, to the letter. */
  readonly subject: string;
}

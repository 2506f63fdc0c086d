/** That a release was signed by who somebody is, and what that is verified by when the file with it is not there. */
export interface KeylessProof {
  /** A Sigstore bundle, JSON. */
  readonly bundle: string;
  /** The authorities and logs that were trusted then, JSON. */
  readonly trustedRoot: string;
}

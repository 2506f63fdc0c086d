/** Where a project keeps its feature flags, when that is not Fairway's own store. */
export interface ProjectFlags {
  readonly source: "unleash" | "launchdarkly";
  /** The base URL, without a slash at its end. */
  readonly url: string;
  /** The name of the secret with the key that reads an environment's flags; looked up in that environment. */
  readonly key: { readonly secret: string };
}

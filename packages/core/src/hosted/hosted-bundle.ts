/** What a release gives a platform: the folder of its artifact, and its variables. */
export interface HostedBundle {
  readonly directory: string;
  readonly sha: string;
  readonly env: Readonly<Record<string, string>>;
  /** Tells these variables from others, secrets' values among them, and tells nothing of a value. */
  readonly variables: string;
}

/** Which account and region are spoken to, and as whom. */
export interface AwsAccess {
  readonly region: string;
  /** Twelve digits; refused when the credentials belong to another. Null when any may be meant. */
  readonly account: string | null;
  /** Of the AWS configuration files, SSO included. Null for the usual chain: environment, web identity, container, instance. */
  readonly profile: string | null;
  /** The ARN of a role that is taken on for each session. */
  readonly role: string | null;
  /** Who vouches for the daemon where a role is taken on without keys: its own issuer. Left out for the credentials above. */
  readonly identity?: "fairway";
}

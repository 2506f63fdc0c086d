import type { Timestamp } from "../units.ts";

/** Somebody or something that can do things in an account, as a review of access asks about it. */
export interface AccountPrincipal {
  readonly principal: string;
  readonly kind: "user" | "role" | "root";
  /** How the platform names it for good. */
  readonly arn: string;
  /** Policies and groups, by name. */
  readonly access: readonly string[];
  /** Null where the platform knows of no use. */
  readonly lastUsed: Timestamp | null;
  /** Services that it used in the last 90 days, the latest first; null where nobody asked. */
  readonly used: readonly string[] | null;
  /** What a reviewer should see first: `no MFA`, `key of 400 days`. */
  readonly concerns: readonly string[];
}

/** Who can do what in an account, as the platform itself said it at a moment. */
export interface AccessReport {
  /** `aws:123456789012`. */
  readonly system: string;
  readonly at: Timestamp;
  readonly principals: readonly AccountPrincipal[];
}

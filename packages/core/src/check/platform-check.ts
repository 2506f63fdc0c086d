import type { AwsAccess, BalancerPlacement } from "../environment/environment-aws.ts";

/** How grave a finding in an image is, the gravest first, in ECR's words. */
export const scanSeverities = ["CRITICAL", "HIGH", "MEDIUM", "LOW", "INFORMATIONAL", "UNDEFINED"] as const;

/** One of AWS's words for how grave a finding is. */
export type ScanSeverity = (typeof scanSeverities)[number];

/** A question that a platform answers about what runs, and no program of ours. */
export type PlatformCheck =
  /** Whether any of these alarms of CloudWatch fires. */
  | { readonly asks: "alarms"; readonly access: AwsAccess; readonly alarms: readonly string[] }
  /** What the first run of a canary of CloudWatch Synthetics says that began after the question. */
  | { readonly asks: "canary"; readonly access: AwsAccess; readonly canary: string }
  /** What the registry found in the images of the release, from this severity on. */
  | { readonly asks: "scan"; readonly failsAt: ScanSeverity }
  /** Whether the load balancer calls every replica healthy. */
  | { readonly asks: "targets"; readonly balancers: readonly AskedBalancer[] };

/** A load balancer that is asked about the replicas behind it. */
export interface AskedBalancer extends BalancerPlacement {
  /** Those that must have a replica there; releases from before say nothing of it. */
  readonly services?: readonly string[];
}

/** What a platform is asked about besides. */
export interface PlatformQuestion {
  readonly environment: string;
  /** The images of the release, with their digests, of services that have one. */
  readonly images: readonly { readonly service: string; readonly image: string; readonly digest: string }[];
  /** When the question was first asked: what happened before says nothing. */
  readonly since: Date;
}

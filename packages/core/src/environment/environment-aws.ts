/** Which account and region of AWS are spoken to, and as whom. */
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

/** Where objects of S3 are kept; the prefix ends with a slash, or is empty. */
export interface S3Place {
  readonly bucket: string;
  readonly prefix: string;
}

/** What of AWS an environment uses besides running services on it. */
export interface EnvironmentAws {
  readonly access: AwsAccess;
  /** Whether each service on ECS has a dashboard of CloudWatch that notices lead to. */
  readonly dashboards: boolean;
  /** Where all that is on record of each release that came here is kept, for good; null where it is not. */
  readonly archive: AwsArchive | null;
}

/** An archive of S3 that nothing is written over in. */
export interface AwsArchive extends S3Place {
  /** How long nobody may take an object away; null where the bucket's own rule counts. */
  readonly hold: { readonly mode: "governance" | "compliance"; readonly days: number } | null;
}

/** An Application Load Balancer that carries the public traffic of a service to Fairway's machine. */
export interface BalancerPlacement {
  readonly access: AwsAccess;
  /** The ARN of the listener whose rules Fairway writes; what others wrote there stays. */
  readonly listener: string;
  readonly vpc: string;
  /** This machine, as the load balancer reaches it: an address of the VPC. */
  readonly address: string;
  /** Where its routing table is kept. */
  readonly tables: S3Place;
}

/** A dashboard of one service, and where people look at it; known before it is made. */
export interface ServiceDashboard {
  readonly name: string;
  readonly url: string;
}

/** What the dashboard of a service is called, and its address in AWS's console. Pure. */
export function dashboardOf(region: string, environment: string, service: string): ServiceDashboard {
  const name = `fairway-${environment}-${service}`.replaceAll(/[^\w-]/gu, "-");
  return {
    name,
    url: `https://${region}.console.aws.amazon.com/cloudwatch/home?region=${region}#dashboards/dashboard/${name}`,
  };
}

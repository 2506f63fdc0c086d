import type {
  AccessReport,
  MetricsSource,
  Millis,
  S3Place,
  ScanSeverity,
  ServiceDashboard,
  Verdict,
} from "@fairway/core";
import type { AlbPlace } from "./alb/alb-listener.ts";
import type { AlbRouter } from "./alb/alb-router.ts";
import { albRouter } from "./alb/alb-router.ts";
import type { AwsBackup } from "./backup/aws-backup.ts";
import { awsBackup } from "./backup/aws-backup.ts";
import type { DashboardParts } from "./cloudwatch/dashboard.ts";
import { edgeOf, ensureDashboard } from "./cloudwatch/dashboard.ts";
import { alarmsVerdict, canaryVerdict, cloudwatchMetrics } from "./cloudwatch/metrics.ts";
import { keepImages, policyThreats } from "./ecr/ecr-repository.ts";
import { scanCheck } from "./ecr/scan-check.ts";
import { accessReport } from "./iam/access-review.ts";
import type { S3Archive } from "./s3/s3-archive.ts";
import { archiveProblems, s3Archive } from "./s3/s3-archive.ts";
import type { SecretRotation } from "./secrets/secret-rotation.ts";
import { secretRotation } from "./secrets/secret-rotation.ts";
import type { AwsSession } from "./session/aws-session.ts";

/** What of AWS an account and a region offer besides running services. Nothing is loaded or asked before the first call. */
export interface AwsServices {
  /** A listener of an Application Load Balancer as a router, whose tables are kept in S3. */
  router(place: AlbPlace, tables: S3Place): AlbRouter;
  archive(place: S3Place): S3Archive;
  /** What stands against keeping evidence in a bucket. */
  archiveProblems(bucket: string): Promise<readonly string[]>;
  backup(): AwsBackup;
  rotation(secret: string): SecretRotation;
  /** Holds the images that releases need against every lifecycle policy; answers with digests that are not there. */
  keepImages(repository: string, digests: readonly string[], holder: string): Promise<readonly string[]>;
  /** Rules of a repository's lifecycle policy that may take away what releases need, as sentences. */
  lifecycleThreats(repository: string): Promise<readonly string[]>;
  /** What ECR found in an image; null while it is scanned. */
  scan(image: Parameters<typeof scanCheck>[1], failsAt?: ScanSeverity): Promise<Verdict | null>;
  metrics(options?: { readonly window?: Millis }): MetricsSource;
  alarms(names: readonly string[]): Promise<Verdict>;
  canary(name: string, since: Date): Promise<Verdict | null>;
  dashboard(parts: Omit<DashboardParts, "balancer">): Promise<ServiceDashboard>;
  /** Who can do what in the account, and with `used` what they used lately. */
  accessReport(options?: { readonly used?: boolean }): Promise<AccessReport>;
}

export const awsServices = (session: AwsSession): AwsServices => ({
  router: (place, tables) => albRouter({ session, place, tables }),
  archive: (place) => s3Archive(session, place),
  archiveProblems: (bucket) => archiveProblems(session, bucket),
  backup: () => awsBackup(session),
  rotation: (secret) => secretRotation(session, secret),
  keepImages: (repository, digests, holder) => keepImages(session, repository, digests, holder),
  lifecycleThreats: (repository) => policyThreats(session, repository),
  scan: (image, failsAt) => scanCheck(session, image, failsAt),
  metrics: (options) => cloudwatchMetrics(session, options),
  alarms: (names) => alarmsVerdict(session, names),
  canary: (name, since) => canaryVerdict(session, name, since),
  dashboard: async (parts) => ensureDashboard(session, { ...parts, balancer: await edgeOf(session, parts.placement) }),
  accessReport: (options) => accessReport(session, options),
});

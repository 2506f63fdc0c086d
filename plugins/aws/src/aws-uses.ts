import type {
  AccessReport,
  AwsAccess,
  AwsArchive,
  AwsKeyProbe,
  BalancerPlacement,
  CloudWatchAddress,
  EcsPlacement,
  ManagedBackups,
  MetricsSource,
  Millis,
  PlannedAwsBackup,
  PlatformCheck,
  PlatformQuestion,
  SecretRotator,
  TrafficRouter,
  Verdict,
} from "@fairway/core";
import { FairwayError, followedRouter } from "@fairway/core";
import type { AlbRouter } from "./alb/alb-router.ts";
import { answerPlatform } from "./answer-platform.ts";
import { managedAwsBackups } from "./backup/managed-backups.ts";
import { ecrHost } from "./ecr/ecr-repository.ts";
import { tryAwsKey } from "./iam/try-aws-key.ts";
import type { Aws } from "./open-aws.ts";
import { storedExchange } from "./secrets/stored-exchange.ts";
import type { AwsSessionOptions } from "./session/aws-session.ts";
import { awsSession } from "./session/aws-session.ts";

/**
 * What Fairway does with AWS besides running services there, in the words of its ports. Nothing is asked before its first call.
 */
export interface AwsUses {
  metrics(address: CloudWatchAddress): MetricsSource;
  askPlatform(check: PlatformCheck, question: PlatformQuestion): Promise<Verdict | null>;
  dashboard(of: {
    readonly environment: string;
    readonly service: string;
    readonly placement: EcsPlacement;
  }): Promise<void>;
  archive(
    place: { readonly access: AwsAccess; readonly archive: AwsArchive },
    name: string,
    bytes: Uint8Array,
  ): Promise<boolean>;
  /**
   * Holds the images that releases need in ECR, whatever its lifecycle policies say. Answers with what stands against it, as
   * sentences; null for other registries.
   */
  holdImages(
    host: string,
    repository: string,
    digests: readonly string[],
    holder: string,
  ): Promise<readonly string[] | null>;
  /** Backups that AWS makes, keeps and tries; `secret` gives the values of names in the store. */
  openManagedBackups(
    planned: PlannedAwsBackup,
    secret: (name: string) => Promise<string>,
  ): ManagedBackups | Promise<ManagedBackups>;
  /** Who can do what in an account, and with `used` what they used lately. */
  accessReport(access: AwsAccess, options?: { readonly used?: boolean }): Promise<AccessReport>;
  /** Whether AWS takes an access key. Throws for what could not be found out. */
  tryAwsKey(of: AwsKeyProbe, keys: { readonly id: string; readonly secret: string }): Promise<Verdict>;
  /** Has Secrets Manager exchange its secrets. */
  readonly rotator: SecretRotator;
  /** The router of this machine, which a load balancer follows for one route. */
  balanced(own: TrafficRouter, placement: BalancerPlacement, route: string): TrafficRouter;
}

const minute: Millis = 60_000;
const day: Millis = 86_400_000;

export function awsUses(aws: Aws, options: AwsSessionOptions = {}): AwsUses {
  const routers = new Map<string, AlbRouter>();
  const followed = new Map<string, ReturnType<typeof followedRouter>>();
  const drawn = new Map<string, Millis>();
  /** Buckets that hold what is kept in them. */
  const fit = new Set<string>();

  /** One for each listener: what it has applied it remembers. */
  function routerOf({ access, listener, vpc, tables }: BalancerPlacement): AlbRouter {
    const key = JSON.stringify([access, listener, vpc, tables]);
    const router = routers.get(key) ?? aws.at(access).router({ listener, vpc }, tables);
    routers.set(key, router);
    return router;
  }

  return {
    metrics: ({ access, window }) => aws.at(access).metrics({ window }),
    askPlatform: (check, question) => answerPlatform({ at: aws.at, routerOf }, check, question),

    async dashboard({ environment, service, placement }) {
      // Nobody changes it but by hand, so once an hour is enough.
      const key = JSON.stringify([environment, service, placement]);
      if (performance.now() - (drawn.get(key) ?? Number.NEGATIVE_INFINITY) < 60 * minute) return;
      await aws.at(placement).dashboard({ environment, service, placement });
      drawn.set(key, performance.now());
    },

    async archive({ access, archive: { bucket, prefix, hold } }, name, bytes) {
      const kept = aws.at(access).archive({ bucket, prefix });
      if (hold !== null && !fit.has(bucket)) {
        const problems = await aws.at(access).archiveProblems(bucket);
        if (problems.length > 0)
          throw new FairwayError("not_allowed_now", `nothing can be held: ${problems.join("; ")}`, {
            hint: "make a bucket with versions and object lock, or take `hold` out",
          });
        fit.add(bucket);
      }
      const retention = hold === null ? undefined : { mode: hold.mode, until: new Date(Date.now() + hold.days * day) };
      const about = { type: "application/zip", ...(retention === undefined ? {} : { retention }) };
      // What was kept first stays, though more is known since.
      return (await kept.keep(name, bytes, about)).kept === "now";
    },

    async holdImages(host, repository, digests, holder) {
      const place = ecrHost(host);
      if (place === null) return null;
      const services = aws.at({ ...place, profile: null, role: null });
      const missing = await services.keepImages(repository, digests, holder);
      return [
        ...missing.map((digest) => `${repository}@${digest} is needed by a release, and is not there`),
        ...(await services.lifecycleThreats(repository)).map(
          (threat) => `the lifecycle policy of ${repository}: ${threat}`,
        ),
      ];
    },

    async openManagedBackups(planned, secret) {
      const { region, credentials } = planned;
      const access = { region, account: null, profile: null, role: null };
      const keys =
        credentials === undefined
          ? {}
          : {
              keys: {
                accessKeyId: await secret(credentials.accessKeyId),
                secretAccessKey: await secret(credentials.secretAccessKey),
              },
            };
      return managedAwsBackups(awsSession(access, { ...options, ...keys }), planned);
    },

    accessReport: (access, asked) => aws.at(access).accessReport(asked),

    tryAwsKey: (of, keys) => tryAwsKey(of, keys, options),

    rotator: {
      current: async ({ access, secret }) => (await aws.at(access).rotation(secret).stages()).current,
      begin: async ({ access, secret }, key) => void (await aws.at(access).rotation(secret).askLambda(key)),
      isOver: ({ access, secret }, key) => aws.at(access).rotation(secret).isRotated(key),
      values: ({ access, secret }) => aws.at(access).rotation(secret).values(),
      own: ({ access, secret }, key) => storedExchange(aws.at(access).rotation(secret), secret, key),
    },

    balanced(own, placement, route) {
      const key = JSON.stringify(placement);
      const found =
        followed.get(key) ??
        followedRouter({
          own,
          follower: routerOf(placement),
          address: placement.address,
          again: minute,
          now: () => performance.now(),
        });
      followed.set(key, found);
      return found.forRoute(route);
    },
  };
}

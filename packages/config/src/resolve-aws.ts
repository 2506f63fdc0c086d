import type { AwsAccess, BalancerPlacement, EnvironmentAws, Service } from "@fairway/core";
import type { Ledger } from "./ledger.ts";
import type { Path } from "./path.ts";
import type { AwsArchiveConfig, EnvironmentConfig } from "./project-config.ts";

/** Account, region and who, as they are written wherever AWS is configured. */
export interface WrittenAccess {
  readonly region: string;
  readonly account?: string | undefined;
  readonly profile?: string | undefined;
  readonly role?: string | undefined;
  readonly identity?: "fairway" | undefined;
}

/** The same with its defaults filled in. */
export const accessOf = ({ region, account, profile, role, identity }: WrittenAccess): AwsAccess => ({
  region,
  account: account ?? null,
  profile: profile ?? null,
  role: role ?? null,
  ...(identity === undefined ? {} : { identity }),
});

const ownPrefix = "fairway/";

/** Whom of AWS the checks of an environment ask; null where it names nobody. */
export const accessOfEnvironment = ({ aws, ecs }: Pick<EnvironmentConfig, "aws" | "ecs">): AwsAccess | null => {
  const written = aws ?? ecs;
  return written === undefined ? null : accessOf(written);
};

/** What of AWS an environment uses besides; nothing where it says nothing. Never inherited. */
export function resolveAws(
  environment: Path,
  { aws }: Pick<EnvironmentConfig, "aws">,
  ledger: Ledger,
): { readonly aws?: EnvironmentAws } {
  if (aws === undefined) return {};
  const at: Path = [...environment, "aws"];
  const access = accessOf(aws);
  return {
    aws: {
      access: ledger.own<AwsAccess>(at, access, access),
      dashboards: ledger.own<boolean>([...at, "dashboards"], aws.dashboards, false),
      archive: ledger.own<EnvironmentAws["archive"]>([...at, "archive"], archiveOf(aws.archive), null),
    },
  };
}

const archiveOf = (written: AwsArchiveConfig | undefined): EnvironmentAws["archive"] | undefined =>
  written === undefined
    ? undefined
    : {
        bucket: written.bucket,
        prefix: written.prefix ?? ownPrefix,
        hold: written.hold ?? null,
      };

/** Who carries the public traffic of a service that runs here; nothing where nobody does. */
export function resolveBalancer(
  environment: Path,
  service: Service,
  { aws, ecs }: Pick<EnvironmentConfig, "aws" | "ecs">,
  ledger: Ledger,
): { readonly balancer?: BalancerPlacement } {
  const written = aws?.balancer;
  if (aws === undefined || written === undefined || ecs?.services[service.name] !== undefined) return {};
  if (written.services?.includes(service.name) === false) return {};
  const { listener, vpc, address, tables } = written;
  const placement: BalancerPlacement = {
    access: accessOf(aws),
    ...{ listener, vpc, address },
    tables: { bucket: tables.bucket, prefix: tables.prefix ?? ownPrefix },
  };
  return {
    balancer: ledger.own<BalancerPlacement>(
      [...environment, "services", service.name, "balancer"],
      placement,
      placement,
    ),
  };
}

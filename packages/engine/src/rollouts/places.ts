import type {
  AccessReport,
  Argv,
  AwsAccess,
  AwsArchive,
  AwsKeyProbe,
  BalancerPlacement,
  ChainPlacement,
  CloudWatchAddress,
  ContractLedger,
  ControllerSwitch,
  EcsPlacement,
  EcsPreviews,
  HealthCheck,
  Hosted,
  HostedBundle,
  HostedLedger,
  MetricsSource,
  PlannedContracts,
  PlatformCheck,
  PlatformQuestion,
  PreviewOnEcs,
  ReleaseId,
  Replica,
  ReplicaEvidence,
  ReplicaSpec,
  RouteDefaults,
  RouterTraffic,
  SecretRotator,
  ServiceContracts,
  StopLimits,
  Target,
  Verdict,
  Waker,
} from "@fairway/core";

/** One service of one environment, and all that a target must know to run it. */
export interface Place {
  readonly environment: string;
  readonly service: string;
  readonly route: RouteDefaults;
  readonly health: HealthCheck;
  readonly stop: StopLimits;
  readonly specOf: (release: ReleaseId, ordinal: number) => Promise<ReplicaSpec>;
  /** Who carries its public traffic besides the router here; absent where nobody does. */
  readonly balancer?: BalancerPlacement | undefined;
  /** Absent for what runs on this machine. */
  readonly ecs?: EcsPlace | undefined;
  /** Absent for what is no set of contracts. */
  readonly contracts?: ContractPlace | undefined;
  /** Absent for what no platform serves. */
  readonly hosted?: HostedPlace | undefined;
}

/** Where a platform serves a service out of each release's artifact, and what is remembered of it. */
export interface HostedPlace {
  readonly environment: string;
  readonly service: string;
  /** Its name in the ledger. */
  readonly scope: string;
  readonly placement: Hosted;
  readonly ledger: HostedLedger;
  /** What a release gives the platform. Throws `not_found`. */
  readonly bundleOf: (release: ReleaseId) => Promise<HostedBundle>;
  /** The value of a secret of the environment. Throws `secret_missing`. */
  readonly secret: (name: string) => Promise<string>;
}

/** Where a service runs on ECS, and which image is each release's. */
export interface EcsPlace {
  readonly placement: EcsPlacement;
  /** With what its replicas are told of themselves. Throws `not_found` for a release that has none. */
  readonly imageOf: (
    release: ReleaseId,
  ) => Promise<{ readonly reference: string; readonly env: Readonly<Record<string, string>> }>;
  /** What of it is a preview's own; absent for what the team's infrastructure made. */
  readonly preview?: PreviewOnEcs | undefined;
}

/** Where the contracts of a service are, and what is remembered of them. */
export interface ContractPlace {
  readonly environment: string;
  readonly service: string;
  readonly ledger: ContractLedger;
  /** What a release wants of the chain, and the folder of its artifact. Throws `not_found`. */
  readonly wantedOf: (release: ReleaseId) => Promise<{
    readonly service: ServiceContracts;
    readonly placement: ChainPlacement;
    readonly folder: string;
  }>;
  /** The value of a secret of the environment. Throws `secret_missing`. */
  readonly secret: (name: string) => Promise<string>;
}

/** A service that is there, by the machine's own lists. */
export interface StandingService {
  readonly environment: string;
  readonly service: string;
  /** Where on ECS a preview has it; absent for what is on this machine. */
  readonly ecs?: EcsPlacement | undefined;
}

/** What the engine may do with the world outside: it asks for targets, and knows no kind of them. */
export interface Places {
  /** Once the signal fires, the target starts, shifts and ends nothing more; without one it goes on to its end. */
  targetOf(place: Place, signal?: AbortSignal): Target;
  /** What a release would change of its contracts, decoded. Reads the chain, and changes nothing. */
  plannedContracts?(place: ContractPlace, release: ReleaseId): Promise<PlannedContracts>;
  /** What of a chain is not as the release left it, a sentence each. */
  contractDifferences?(place: ContractPlace, release: ReleaseId): Promise<readonly string[]>;
  /** The command as this machine starts it: programs that Fairway itself brings are found. */
  commandOf(command: Argv): Argv;
  /** Every replica on record of one service in one environment, for people to look at. */
  replicasOf(environment: string, service: string): Promise<readonly Replica[]>;
  /** What a replica left; null when nothing of that name is on record. */
  evidenceOf(environment: string, service: string, replica: string): Promise<ReplicaEvidence | null>;
  /** What releases did since the router started; null where it counts nothing. Throws `router_unavailable`. */
  traffic(): Promise<RouterTraffic | null>;
  /** A Prometheus or a CloudWatch, of which nothing is asked yet. */
  metrics(address: { readonly url: string; readonly token?: string } | CloudWatchAddress): MetricsSource;
  /**
   * What a platform answers; null while it has no answer yet, so that it is asked again. Absent where no plugin asks any.
   * Throws for what could not be found out.
   */
  askPlatform?(check: PlatformCheck, question: PlatformQuestion): Promise<Verdict | null>;
  /**
   * Who can do what in an account, as the platform says; with `used` also what each used lately. Absent where no plugin asks.
   */
  accessReport?(access: AwsAccess, asked?: { readonly used?: boolean }): Promise<AccessReport>;
  /**
   * Whether AWS takes an access key, asked with the key itself. Throws for what could not be found out. Absent where no plugin
   * asks.
   */
  tryAwsKey?(of: AwsKeyProbe, keys: { readonly id: string; readonly secret: string }): Promise<Verdict>;
  /** Has other stores exchange what they keep; absent where no plugin can. */
  readonly rotator?: SecretRotator | undefined;
  /** Makes the dashboard of a service so, where it is not. May be repeated. */
  dashboard?(of: {
    readonly environment: string;
    readonly service: string;
    readonly placement: EcsPlacement;
  }): Promise<void>;
  /** Keeps bytes under a name that is written once; what is there already stays. Answers with whether it was written now. */
  archive?(
    place: { readonly access: AwsAccess; readonly archive: AwsArchive },
    name: string,
    bytes: Uint8Array,
  ): Promise<boolean>;
  /** The highest epoch that any place has seen; what is below it is refused there. */
  highestEpoch(): Promise<number>;
  /** Every service of an environment that a host has a replica of on record, or the router a route to. */
  standing?(): Promise<readonly StandingService[]>;
  /**
   * The switch of a service to the platform's own deployment controller. Throws `not_allowed_now` where there is none to make.
   */
  controllerOf?(placement: EcsPlacement): ControllerSwitch;
  /** Every service that previews have something of on ECS, by its tags. */
  standingOnEcs?(previews: EcsPreviews): Promise<readonly StandingService[]>;
  /**
   * When somebody last asked a preview on ECS for something since a moment, in milliseconds since 1970; null where nobody did.
   */
  askedOnEcs?(previews: EcsPreviews, environment: string, since: number): Promise<number | null>;
  /** Whether requests to a host of a preview go to a replica of each service there, and not to who answers in their place. */
  answersAt?(
    host: string,
    preview?: { readonly environment: string; readonly ecs: EcsPreviews | undefined },
  ): Promise<boolean>;
  /** Who answers for services that sleep; absent where nobody does. */
  waker?(): Waker | undefined;
  /** Where a service answers the other services of its environment. */
  internalUrl(environment: string, service: string): string;
  /** The origin under which the public reaches a host. */
  publicUrl(host: string, path: string): string;
  /** A connection string to a database of the service's own in this environment; made when it is not there. */
  databaseUrl(environment: string, service: string): Promise<string>;
}

import type { Backup } from "@aws-sdk/client-backup";
import type { CloudWatch } from "@aws-sdk/client-cloudwatch";
import type { CloudWatchLogs } from "@aws-sdk/client-cloudwatch-logs";
import type { CodeDeploy } from "@aws-sdk/client-codedeploy";
import type { ECR } from "@aws-sdk/client-ecr";
import type { ECS, ECSClientConfig } from "@aws-sdk/client-ecs";
import type { ElasticLoadBalancingV2 } from "@aws-sdk/client-elastic-load-balancing-v2";
import type { IAM } from "@aws-sdk/client-iam";
import type { KMS } from "@aws-sdk/client-kms";
import type { S3 } from "@aws-sdk/client-s3";
import type { SecretsManager } from "@aws-sdk/client-secrets-manager";
import type { STS } from "@aws-sdk/client-sts";
import type { Millis } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import type { AwsAccess } from "./aws-access.ts";
import { awsError } from "./aws-error.ts";

/** The services of AWS as one account and region has them. Each is loaded when it is first asked for. */
export interface AwsSession {
  readonly access: AwsAccess;
  ecs(): Promise<ECS>;
  ecr(): Promise<ECR>;
  elbv2(): Promise<ElasticLoadBalancingV2>;
  cloudwatch(): Promise<CloudWatch>;
  secrets(): Promise<SecretsManager>;
  codeDeploy(): Promise<CodeDeploy>;
  logs(): Promise<CloudWatchLogs>;
  s3(): Promise<S3>;
  backup(): Promise<Backup>;
  iam(): Promise<IAM>;
  kms(): Promise<KMS>;
  sts(): Promise<STS>;
}

/** What a client is made with, for whoever must see or disturb its calls. */
export interface AwsSessionOptions {
  /** Each call is tried so often by the SDK, in its adaptive mode. */
  readonly attempts?: number;
  /** How long one call may take at most; 30 s when left out. */
  readonly timeout?: Millis;
  /** An access key in the place of the credentials of the chain, from the store of secrets. */
  readonly keys?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** A token of the daemon's own issuer, short-lived, for this audience. */
  readonly webIdentity?: (audience: string) => Promise<string>;
  /** Told of each client that is made, before its first call. */
  readonly onClient?: (client: { readonly middlewareStack: ECS["middlewareStack"] }) => void;
}

/**
 * A call that has no answer by then is over; what is asked again and again goes on at the next look. By itself the SDK only
 * warns: https://github.com/smithy-lang/smithy-typescript/blob/main/packages/types/src/http/httpHandlerInitialization.ts
 */
const handlerOf = ({
  timeout = 30_000,
}: AwsSessionOptions): {
  readonly connectionTimeout: Millis;
  readonly requestTimeout: Millis;
  readonly throwOnRequestTimeout: true;
} => ({ connectionTimeout: 5_000, requestTimeout: timeout, throwOnRequestTimeout: true });

/**
 * Opens a session; nothing is asked of AWS before the first call. Where an account is named, that is looked at once
 * before anything else. Every error is a `FairwayError`; the address is AWS's own or `AWS_ENDPOINT_URL`.
 */
export function awsSession(access: AwsAccess, options: AwsSessionOptions = {}): AwsSession {
  const calling = { maxAttempts: options.attempts ?? 5, requestHandler: handlerOf(options) };
  const settings = once(async () => ({
    ...calling,
    region: access.region,
    // After a throttled call the next ones wait too, by its client's own measure of what AWS takes: with one throttle in eight
    // calls each waited 0.3 to 0.9 s, with two in a row one waited 4 s and the rest under 1 s. It slows down and does not stop.
    retryMode: "adaptive" as const,
    credentials: options.keys ?? (await credentialsOf(access, calling, options.webIdentity)),
  }));

  type Settings = Awaited<ReturnType<typeof settings>>;
  const open = <Client extends { readonly middlewareStack: unknown }>(
    prefix: string,
    make: (given: Settings) => Promise<Client>,
  ): (() => Promise<Client>) =>
    once(async () => {
      const client = await make(await settings());
      options.onClient?.(client as unknown as { readonly middlewareStack: ECS["middlewareStack"] });
      return guarded(client, prefix, access);
    });

  const sts = open("sts", async (given) => new (await import("@aws-sdk/client-sts")).STS(given));
  const isRightAccount = once(async () => {
    if (access.account === null) return;
    const { Account: account, Arn: arn } = await (await sts()).getCallerIdentity({});
    if (account !== access.account)
      throw new FairwayError(
        "denied",
        `the credentials are ${arn ?? "somebody"} of account ${account ?? "?"}, not of ${access.account}`,
        {
          hint: "name the `profile` or the `role` of the right account, or correct `account`",
        },
      );
  });
  const inAccount =
    <Client>(made: () => Promise<Client>): (() => Promise<Client>) =>
    async () => {
      await isRightAccount();
      return made();
    };

  return {
    access,
    ecs: inAccount(open("ecs", async (given) => new (await import("@aws-sdk/client-ecs")).ECS(given))),
    ecr: inAccount(open("ecr", async (given) => new (await import("@aws-sdk/client-ecr")).ECR(given))),
    elbv2: inAccount(
      open(
        "elasticloadbalancing",
        async (given) => new (await import("@aws-sdk/client-elastic-load-balancing-v2")).ElasticLoadBalancingV2(given),
      ),
    ),
    cloudwatch: inAccount(
      open("cloudwatch", async (given) => new (await import("@aws-sdk/client-cloudwatch")).CloudWatch(given)),
    ),
    codeDeploy: inAccount(
      open("codedeploy", async (given) => new (await import("@aws-sdk/client-codedeploy")).CodeDeploy(given)),
    ),
    logs: inAccount(
      open("logs", async (given) => new (await import("@aws-sdk/client-cloudwatch-logs")).CloudWatchLogs(given)),
    ),
    secrets: inAccount(
      open(
        "secretsmanager",
        async (given) => new (await import("@aws-sdk/client-secrets-manager")).SecretsManager(given),
      ),
    ),
    s3: inAccount(
      // An endpoint of one's own has no name for each bucket.
      open(
        "s3",
        async (given) =>
          new (await import("@aws-sdk/client-s3")).S3({
            ...given,
            forcePathStyle: process.env["AWS_ENDPOINT_URL"] !== undefined,
          }),
      ),
    ),
    backup: inAccount(open("backup", async (given) => new (await import("@aws-sdk/client-backup")).Backup(given))),
    iam: inAccount(open("iam", async (given) => new (await import("@aws-sdk/client-iam")).IAM(given))),
    kms: inAccount(open("kms", async (given) => new (await import("@aws-sdk/client-kms")).KMS(given))),
    sts: inAccount(sts),
  };
}

/** The profile's credentials or those of the usual chain, and with a role those that it lends. */
async function credentialsOf(
  { profile, role, region, identity }: AwsAccess,
  calling: Pick<ECSClientConfig, "maxAttempts" | "requestHandler">,
  webIdentity: AwsSessionOptions["webIdentity"],
): Promise<NonNullable<ECSClientConfig["credentials"]>> {
  if (identity === "fairway") return vouchedFor(role, webIdentity, { ...calling, region });
  const { fromNodeProviderChain, fromTemporaryCredentials } = await import("@aws-sdk/credential-providers");
  const own = fromNodeProviderChain(profile === null ? {} : { profile });
  if (role === null) return own;
  return fromTemporaryCredentials({
    masterCredentials: own,
    params: { RoleArn: role, RoleSessionName: "fairway" },
    clientConfig: { ...calling, region },
  });
}

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html */
const audienceOfSts = "sts.amazonaws.com";

/** What AWS lends to whom the daemon's own issuer vouches for. The SDK asks again before it ends, with another token. */
async function vouchedFor(
  role: string | null,
  webIdentity: AwsSessionOptions["webIdentity"],
  clientConfig: Pick<ECSClientConfig, "maxAttempts" | "requestHandler"> & { readonly region: string },
): Promise<NonNullable<ECSClientConfig["credentials"]>> {
  if (role === null || webIdentity === undefined)
    throw new FairwayError("denied", "`identity: fairway` takes on a role, and there is none, or no issuer", {
      hint: "name the `role` whose trust policy names this daemon's issuer",
    });
  const { fromWebToken } = await import("@aws-sdk/credential-providers");
  return async () =>
    fromWebToken({
      roleArn: role,
      roleSessionName: "fairway",
      webIdentityToken: await webIdentity(audienceOfSts),
      clientConfig,
    })();
}

/** Calls of the SDK's aggregated client, whose errors become ours. */
function guarded<Client extends object>(client: Client, prefix: string, { region, profile }: AwsAccess): Client {
  return new Proxy(client, {
    get(of, name, receiver): unknown {
      const value: unknown = Reflect.get(of, name, receiver);
      if (typeof name !== "string" || typeof value !== "function" || plain.has(name)) return value;
      const action = `${prefix}:${name.charAt(0).toUpperCase()}${name.slice(1)}`;
      return async (...args: readonly unknown[]): Promise<unknown> => {
        try {
          return await (Reflect.apply(value, of, args) as Promise<unknown>);
        } catch (thrown) {
          throw awsError(thrown, { action, region, profile });
        }
      };
    },
  });
}

const plain: ReadonlySet<string> = new Set(["destroy", "constructor", "then"]);

/** Made at the first call; one that failed is made again at the next. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null;
  return async () => {
    made ??= make();
    try {
      return await made;
    } catch (thrown) {
      made = null;
      throw thrown;
    }
  };
}

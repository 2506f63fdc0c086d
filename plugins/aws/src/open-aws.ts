import type { EcsPlacement, RegistryLogin, ReleaseId, Target } from "@fairway/core";
import type { AwsServices } from "./aws-services.ts";
import { awsServices } from "./aws-services.ts";
import { codeDeployTarget } from "./code-deploy/code-deploy-target.ts";
import type { EcsImage } from "./ecs/prepare-rollout.ts";
import { readyForPush } from "./ecr/ready-for-push.ts";
import { ecsMemory, ecsTarget } from "./ecs/ecs-target.ts";
import type { KmsKey } from "./kms/kms-key.ts";
import { kmsKey } from "./kms/kms-key.ts";
import type { AwsAccess } from "./session/aws-access.ts";
import type { AwsSession, AwsSessionOptions } from "./session/aws-session.ts";
import { awsSession } from "./session/aws-session.ts";
import { oneOffMemory } from "./tasks/asked-task.ts";
import { migratedFirst } from "./tasks/migrated-first.ts";

/** AWS for a daemon: one session for each account, region and who is asked, opened when something needs it. */
export interface Aws {
  /** A service on ECS. Nothing is loaded or asked before its first call. */
  ecsTarget(
    place: { readonly placement: EcsPlacement; readonly imageOf: (release: ReleaseId) => Promise<EcsImage> },
    signal?: AbortSignal,
  ): Target;
  /** What else an account and a region offer. */
  at(access: AwsAccess): AwsServices;
  /** Makes a repository of ECR ready and gives a login to it; null for registries of others. */
  readonly readyForPush: (host: string, repository: string) => Promise<RegistryLogin | null>;
  /** A key of KMS by its ARN, whose account must be that of the credentials. Nothing is asked before its first call. */
  kmsKey(reference: { readonly key: string; readonly region: string }): KmsKey;
}

export function openAws(options: AwsSessionOptions = {}): Aws {
  const memory = ecsMemory();
  const oneOff = oneOffMemory();
  const sessions = new Map<string, AwsSession>();

  function sessionOf({ region, account, profile, role, identity }: AwsAccess): AwsSession {
    const key = JSON.stringify([region, account, profile, role, identity]);
    const access = { region, account, profile, role, ...(identity === undefined ? {} : { identity }) };
    const session = sessions.get(key) ?? awsSession(access, options);
    sessions.set(key, session);
    return session;
  }

  return {
    at: (access) => awsServices(sessionOf(access)),
    readyForPush: readyForPush((account, region) => sessionOf({ region, account, profile: null, role: null })),
    kmsKey: ({ key, region }) => {
      const [, account = null] = /^arn:[\w-]+:kms:[\w-]*:(\d{12}):/u.exec(key) ?? [];
      return kmsKey(sessionOf({ region, account, profile: null, role: null }), key);
    },
    ecsTarget({ placement, imageOf }, signal) {
      const parts = { session: sessionOf(placement), memory, imageOf, signal };
      const { codeDeploy } = placement;
      const target =
        codeDeploy === null
          ? ecsTarget({ ...parts, placement })
          : codeDeployTarget({ ...parts, placement: { ...placement, codeDeploy } });
      return migratedFirst(target, { ...parts, placement, memory: oneOff });
    },
  };
}

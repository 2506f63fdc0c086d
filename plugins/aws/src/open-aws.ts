import type {
  ControllerSwitch,
  EcsPlacement,
  EcsPreviews,
  PreviewOnEcs,
  RegistryLogin,
  ReleaseId,
  Target,
} from "@fairway/core";
import { FairwayError } from "@fairway/core";
import type { AwsServices } from "./aws-services.ts";
import { awsServices } from "./aws-services.ts";
import { codeDeployTarget } from "./code-deploy/code-deploy-target.ts";
import { planController, switchController } from "./code-deploy/controller-switch.ts";
import { readyForPush } from "./ecr/ready-for-push.ts";
import { ecsMemory, ecsTarget } from "./ecs/ecs-target.ts";
import type { EcsImage } from "./ecs/prepare-rollout.ts";
import type { KmsKey } from "./kms/kms-key.ts";
import { kmsKey } from "./kms/kms-key.ts";
import type { StandingPreview } from "./previews/preview-places.ts";
import { previewAnswers, previewLastAsked, standingPreviews } from "./previews/preview-places.ts";
import { previewMemory, previewTarget } from "./previews/preview-target.ts";
import type { AwsAccess } from "./session/aws-access.ts";
import type { AwsSession, AwsSessionOptions } from "./session/aws-session.ts";
import { awsSession } from "./session/aws-session.ts";
import { oneOffMemory } from "./tasks/asked-task.ts";
import { migratedFirst } from "./tasks/migrated-first.ts";

/** AWS for a daemon: one session for each account, region and who is asked, opened when something needs it. */
export interface Aws {
  /** A service on ECS. Nothing is loaded or asked before its first call. */
  ecsTarget(
    place: {
      readonly placement: EcsPlacement;
      readonly imageOf: (release: ReleaseId) => Promise<EcsImage>;
      readonly preview?: PreviewOnEcs | undefined;
    },
    signal?: AbortSignal,
  ): Target;
  /**
   * The switch of a service that CodeDeploy moves to ECS's own deployment controller. Throws `not_allowed_now` for any other.
   */
  controller(placement: EcsPlacement): ControllerSwitch;
  /** Previews on ECS, by AWS's own lists. */
  previews(of: EcsPreviews): {
    standing(): Promise<readonly StandingPreview[]>;
    /** The same answer for two seconds, however often somebody who waits asks. */
    answers(environment: string, host: string): Promise<boolean>;
    lastAsked(environment: string, since: number): Promise<number | null>;
  };
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
  const previews = previewMemory();
  const answered = new Map<string, { readonly at: number; readonly answer: Promise<boolean> }>();

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
    controller(placement) {
      const { codeDeploy } = placement;
      if (codeDeploy === null)
        throw new FairwayError("not_allowed_now", `${placement.service} is not deployed by CodeDeploy`, {
          hint: "the configuration names no `codeDeploy` of it",
        });
      const of = { ...placement, codeDeploy };
      return {
        plan: (wish) => planController(sessionOf(placement), of, wish),
        change: (wish, digest, mayStill) => switchController(sessionOf(placement), of, wish, digest, mayStill),
      };
    },
    previews: (of) => ({
      standing: () => standingPreviews(sessionOf(of), of),
      async answers(environment, host) {
        const known = answered.get(host);
        if (known !== undefined && performance.now() - known.at < 2_000) return known.answer;
        const answer = previewAnswers(sessionOf(of), of, environment, host);
        answered.set(host, { at: performance.now(), answer });
        answer.catch(() => answered.delete(host));
        return answer;
      },
      lastAsked: (environment, since) => previewLastAsked(sessionOf(of), of, environment, since),
    }),
    ecsTarget({ placement, imageOf, preview: of }, signal) {
      const parts = { session: sessionOf(placement), memory, imageOf, signal };
      const { codeDeploy, preview } = placement;
      if (preview !== undefined && of !== undefined)
        return previewTarget({ ...parts, placement: { ...placement, preview }, of, known: previews });
      const target =
        codeDeploy === null
          ? ecsTarget({ ...parts, placement })
          : codeDeployTarget({ ...parts, placement: { ...placement, codeDeploy } });
      return migratedFirst(target, { ...parts, placement, memory: oneOff });
    },
  };
}

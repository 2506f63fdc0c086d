import type { EcsPlacement, ReleaseId, Target } from "@fairway/core";
import type { EcsImage } from "./ecs/begin-ecs.ts";
import { ecsMemory, ecsTarget } from "./ecs/ecs-target.ts";
import type { AwsAccess } from "./session/aws-access.ts";
import type { AwsSession, AwsSessionOptions } from "./session/aws-session.ts";
import { awsSession } from "./session/aws-session.ts";

/** AWS for a daemon: one session for each account, region and who is asked, opened when something needs it. */
export interface Aws {
  /** A service on ECS. Nothing is loaded or asked before its first call. */
  ecsTarget(
    place: { readonly placement: EcsPlacement; readonly imageOf: (release: ReleaseId) => Promise<EcsImage> },
    signal?: AbortSignal,
  ): Target;
}

export function openAws(options: AwsSessionOptions = {}): Aws {
  const memory = ecsMemory();
  const sessions = new Map<string, AwsSession>();

  function sessionOf({ region, account, profile, role }: AwsAccess): AwsSession {
    const key = JSON.stringify([region, account, profile, role]);
    const session = sessions.get(key) ?? awsSession({ region, account, profile, role }, options);
    sessions.set(key, session);
    return session;
  }

  return {
    ecsTarget: ({ placement, imageOf }, signal) =>
      ecsTarget({ placement, session: sessionOf(placement), memory, imageOf, signal }),
  };
}

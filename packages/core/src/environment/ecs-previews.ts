import type { EcsPlacement } from "../deployment/ecs-placement.ts";

/**
 * Where on AWS the previews of a project run that come from services on ECS: an ECS service of their own each, behind a rule of
 * this listener. It is read from the main branch with the rest of what previews are like.
 */
export interface EcsPreviews extends Pick<
  EcsPlacement,
  "region" | "account" | "profile" | "role" | "identity" | "cluster" | "poll"
> {
  /** The project, by which a sweep tells what is its own from what others made. */
  readonly owner: string;
  /** The ARN of the listener of an Application Load Balancer that gets a rule for each host. */
  readonly listener: string;
  /** What the listener speaks. */
  readonly protocol: "http" | "https";
  /** Where the load balancer reaches the daemon that wakes what sleeps; null where nothing sleeps. */
  readonly wake: { readonly host: string; readonly port: number } | null;
  /** What the tasks may do at AWS: the ARN of a role; null for nothing. */
  readonly taskRole: string | null;
}

/** What makes an ECS service that of a preview: it is made from another one, and taken away with the preview. */
export interface EcsPreview extends Pick<EcsPreviews, "owner" | "listener" | "protocol" | "wake" | "taskRole"> {
  /** The service whose network and task definition it begins from. */
  readonly like: { readonly cluster: string; readonly service: string };
}

/** The name of a preview's service at ECS, which is also the family of its task definitions. */
export const ecsPreviewName = (owner: string, environment: string, service: string): string =>
  `fwp-${owner}-${environment}-${service}`.slice(0, 200);

/** A service of a preview as ECS is to have it, made from where its environment has it. Its alarms and hooks stay there. */
export const ecsPreviewPlacement = (
  previews: EcsPreviews,
  base: EcsPlacement,
  environment: string,
  service: string,
): EcsPlacement => {
  const name = ecsPreviewName(previews.owner, environment, service);
  const { owner, listener, protocol, wake, taskRole } = previews;
  return {
    region: previews.region,
    account: previews.account,
    profile: previews.profile,
    role: previews.role,
    ...(previews.identity === undefined ? {} : { identity: previews.identity }),
    cluster: previews.cluster,
    poll: previews.poll,
    service: name,
    family: name,
    container: base.container,
    alarms: [],
    codeDeploy: null,
    preview: { owner, listener, protocol, wake, taskRole, like: { cluster: base.cluster, service: base.service } },
  };
};

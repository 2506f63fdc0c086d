import type { EcsPreview } from "../environment/ecs-previews.ts";
import type { Millis } from "../units.ts";
import type { CodeDeployGroup } from "./code-deploy-group.ts";

/**
 * Where one service runs on Amazon ECS. The cluster and the service are there already, made by the team's infrastructure;
 * a deployment changes what they run and nothing else.
 */
export interface EcsPlacement {
  readonly region: string;
  /** Twelve digits; null where any account that the credentials lead to may be meant. */
  readonly account: string | null;
  /** Of the AWS configuration files; null for the usual chain of credentials. */
  readonly profile: string | null;
  /** The ARN of a role to take on; null for none. */
  readonly role: string | null;
  /** The role is taken on with a token of the daemon's own issuer, without keys; left out for the credentials above. */
  readonly identity?: "fairway";
  readonly cluster: string;
  readonly service: string;
  /** Under which task definitions are registered; the one that the service has when null. */
  readonly family: string | null;
  /** Which container of the task gets the release's image; null where there is only one. */
  readonly container: string | null;
  /** CloudWatch alarms that bring the old release back when they fire while the new one takes over. */
  readonly alarms: readonly string[];
  /** Who moves the service where ECS does not by itself; null where it does. */
  readonly codeDeploy: CodeDeployGroup | null;
  /** Runs in a task of its own with the release's image before any other task is replaced; left out where nothing does. */
  readonly migrate?: { readonly command: readonly string[]; readonly timeout: Millis };
  /** How a preview's own is made and taken away; left out for what the team's infrastructure made. */
  readonly preview?: EcsPreview;
  /** Between two looks at it. */
  readonly poll: Millis;
}

import type { ElasticLoadBalancingV2 } from "@aws-sdk/client-elastic-load-balancing-v2";
import type { HealthCheck } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import { groupNamed, healthOf } from "../alb/alb-listener.ts";
import { awsErrorName } from "../session/aws-error.ts";

/** What a target group of previews is made with. */
export interface WantedPreviewGroup {
  readonly name: string;
  readonly listener: string;
  readonly port: number;
  readonly health: Pick<HealthCheck, "path" | "interval" | "timeout">;
  readonly tags: { Key: string; Value: string }[];
}

/** The ARN of a target group, made where it is not there. Safe to repeat. */
export async function ensurePreviewGroup(elb: ElasticLoadBalancingV2, wanted: WantedPreviewGroup): Promise<string> {
  const found = await groupNamed(elb, wanted.name);
  if (found?.TargetGroupArn !== undefined) return found.TargetGroupArn;
  const { health } = wanted;
  const timeout = between(2, health.timeout / 1000, 119);
  const { TargetGroups: [made] = [] } = await elb.createTargetGroup({
    Name: wanted.name,
    Protocol: "HTTP",
    Port: wanted.port,
    VpcId: await vpcOf(elb, wanted.listener),
    TargetType: "ip",
    HealthCheckPath: health.path,
    HealthCheckIntervalSeconds: Math.max(between(5, health.interval / 1000, 300), timeout + 1),
    HealthCheckTimeoutSeconds: timeout,
    HealthyThresholdCount: 2,
    Tags: wanted.tags,
  });
  const arn = made?.TargetGroupArn;
  if (arn === undefined)
    throw new FairwayError("target_unreachable", "elasticloadbalancing:CreateTargetGroup answered without one", {
      retryable: true,
    });
  // Nobody is promised a preview: it is not waited five minutes for its last requests.
  await elb.modifyTargetGroupAttributes({
    TargetGroupArn: arn,
    Attributes: [{ Key: "deregistration_delay.timeout_seconds", Value: "5" }],
  });
  return arn;
}

/** How many targets of a group take requests. */
export const healthyIn = async (elb: ElasticLoadBalancingV2, arn: string): Promise<number> =>
  (await healthOf(elb, arn)).filter(({ TargetHealth: health }) => health?.State === "healthy").length;

/** Takes a target group away. False while something leads to it still. */
export async function removeGroup(elb: ElasticLoadBalancingV2, name: string): Promise<boolean> {
  const found = await groupNamed(elb, name);
  if (found === undefined) return true;
  try {
    await elb.deleteTargetGroup({ TargetGroupArn: found.TargetGroupArn });
    return true;
  } catch (thrown) {
    if (awsErrorName(thrown) === "ResourceInUseException") return false;
    throw thrown;
  }
}

/** The network that the load balancer of a listener is in. */
async function vpcOf(elb: ElasticLoadBalancingV2, listener: string): Promise<string> {
  const { Listeners: [found] = [] } = await elb.describeListeners({ ListenerArns: [listener] });
  const balancer = found?.LoadBalancerArn;
  const { LoadBalancers: [one] = [] } =
    balancer === undefined ? {} : await elb.describeLoadBalancers({ LoadBalancerArns: [balancer] });
  if (one?.VpcId === undefined)
    throw new FairwayError("not_found", `there is no listener ${listener}`, { hint: "check `previews.ecs.listener`" });
  return one.VpcId;
}

const between = (least: number, value: number, most: number): number =>
  Math.min(most, Math.max(least, Math.round(value)));

import type { EcsPlacement, ServiceDashboard } from "@fairway/core";
import { dashboardOf } from "@fairway/core";
import { awsErrorName } from "../session/aws-error.ts";
import type { AwsSession } from "../session/aws-session.ts";

/** What a dashboard shows besides the service itself. */
export interface DashboardParts {
  readonly environment: string;
  readonly service: string;
  readonly placement: Pick<EcsPlacement, "region" | "cluster" | "service" | "alarms">;
  /** As metrics know them: `app/shop/50dc6c495c0c9188` and `targetgroup/api/943f017f100becff`; null without one. */
  readonly balancer: { readonly loadBalancer: string; readonly targetGroup: string } | null;
}

/**
 * The body of a dashboard: how busy its tasks are, what its load balancer counts, and its alarms. Pure.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
 */
function dashboardBody({ service, placement, balancer }: DashboardParts): string {
  const { region, cluster, alarms } = placement;
  const tasks = ["ClusterName", cluster, "ServiceName", placement.service];
  const edge = balancer === null ? [] : ["TargetGroup", balancer.targetGroup, "LoadBalancer", balancer.loadBalancer];
  const graphs = [
    graph("CPU and memory, %", region, [
      ["AWS/ECS", "CPUUtilization", ...tasks],
      ["AWS/ECS", "MemoryUtilization", ...tasks],
    ]),
    ...(balancer === null
      ? []
      : [
          graph(
            "Answers",
            region,
            ["2XX", "4XX", "5XX"].map((kind) => ["AWS/ApplicationELB", `HTTPCode_Target_${kind}_Count`, ...edge]),
            "Sum",
          ),
          graph("Time to answer, p99", region, [["AWS/ApplicationELB", "TargetResponseTime", ...edge]], "p99"),
          graph("Targets", region, [
            ["AWS/ApplicationELB", "HealthyHostCount", ...edge],
            ["AWS/ApplicationELB", "UnHealthyHostCount", ...edge],
          ]),
        ]),
    ...(alarms.length === 0
      ? []
      : [{ type: "text", properties: { markdown: `Alarms of **${service}**: ${alarms.join(", ")}` } }]),
  ];
  return JSON.stringify({
    widgets: graphs.map((widget, at) => ({
      ...widget,
      x: (at % 2) * 12,
      y: Math.floor(at / 2) * 6,
      width: 12,
      height: 6,
    })),
  });
}

const graph = (
  title: string,
  region: string,
  metrics: readonly (readonly string[])[],
  stat = "Average",
): { readonly type: string; readonly properties: object } => ({
  type: "metric",
  properties: { title, region, metrics, stat, period: 60, view: "timeSeries" },
});

/** Makes the dashboard of a service so. Safe to repeat. Throws `not_allowed_now` with AWS's words where it refuses the body. */
export async function ensureDashboard(session: AwsSession, parts: DashboardParts): Promise<ServiceDashboard> {
  const dashboard = dashboardOf(parts.placement.region, parts.environment, parts.service);
  const cloudwatch = await session.cloudwatch();
  await cloudwatch.putDashboard({ DashboardName: dashboard.name, DashboardBody: dashboardBody(parts) });
  return dashboard;
}

/** Where a service's traffic comes in, in the words of metrics; null where no load balancer of the newer kind brings any. */
export async function edgeOf(
  session: AwsSession,
  { cluster, service }: Pick<EcsPlacement, "cluster" | "service">,
): Promise<DashboardParts["balancer"]> {
  const { services: [found] = [] } = await (await session.ecs()).describeServices({ cluster, services: [service] });
  const arn = found?.loadBalancers?.find(({ targetGroupArn }) => targetGroupArn !== undefined)?.targetGroupArn;
  if (arn === undefined) return null;
  const elb = await session.elbv2();
  const groups = await elb.describeTargetGroups({ TargetGroupArns: [arn] }).catch((thrown: unknown) => {
    if (awsErrorName(thrown) === "TargetGroupNotFoundException") return { TargetGroups: [] };
    throw thrown;
  });
  const [balancer] = groups.TargetGroups?.[0]?.LoadBalancerArns ?? [];
  return balancer === undefined
    ? null
    : { loadBalancer: balancer.replace(/^.*:loadbalancer\//u, ""), targetGroup: arn.replace(/^.*:/u, "") };
}

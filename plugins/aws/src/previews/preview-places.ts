import type { EcsPlacement, EcsPreviews } from "@fairway/core";
import { ecsPreviewPlacement } from "@fairway/core";
import type { AwsSession } from "../session/aws-session.ts";
import { healthyIn } from "./preview-groups.ts";
import { previewGroupName, previewMarksOf } from "./preview-marks.ts";
import { previewRules } from "./preview-rules.ts";
import { groupNamed, tagsOfEach } from "../alb/alb-listener.ts";

/** A service that is at AWS for a preview, by AWS's own lists. */
export interface StandingPreview {
  readonly environment: string;
  readonly service: string;
  readonly placement: EcsPlacement;
}

/**
 * Every service that previews of a project have something of at AWS, found by its tags: a service of the cluster, a rule of the
 * listener or a target group. What others made there is not told of.
 */
export async function standingPreviews(
  session: AwsSession,
  previews: EcsPreviews,
): Promise<readonly StandingPreview[]> {
  const { cluster, owner, listener } = previews;
  const [ecs, elb] = [await session.ecs(), await session.elbv2()];
  const found = new Map<string, StandingPreview>();
  const add = (environment: string, service: string): void => {
    // What is taken away needs not know what it was made like.
    const nowhere = { ...previews, service: "", family: null, container: null, alarms: [], codeDeploy: null };
    found.set(`${environment}/${service}`, {
      environment,
      service,
      placement: ecsPreviewPlacement(previews, nowhere, environment, service),
    });
  };

  const arns: string[] = [];
  let next: string | undefined;
  do {
    const page = await ecs.listServices({
      cluster,
      maxResults: 100,
      ...(next === undefined ? {} : { nextToken: next }),
    });
    arns.push(...(page.serviceArns ?? []).filter((arn) => arn.includes(`/fwp-${owner}-`)));
    next = page.nextToken;
  } while (next !== undefined && next !== "");
  for (let from = 0; from < arns.length; from += 10) {
    const { services = [] } = await ecs.describeServices({
      cluster,
      services: arns.slice(from, from + 10),
      include: ["TAGS"],
    });
    for (const { tags, status } of services) {
      const marks = status === "INACTIVE" ? null : previewMarksOf(tags);
      if (marks?.owner === owner) add(marks.environment, marks.service);
    }
  }
  for (const { marks } of await previewRules(elb, listener, owner)) add(marks.environment, marks.service);

  const groups: string[] = [];
  let marker: string | undefined;
  do {
    const page = await elb.describeTargetGroups(marker === undefined ? {} : { Marker: marker });
    for (const { TargetGroupName: name = "", TargetGroupArn: arn } of page.TargetGroups ?? [])
      if (arn !== undefined && name.startsWith("fwp-")) groups.push(arn);
    marker = page.NextMarker;
  } while (marker !== undefined && marker !== "");
  for (const tags of (await tagsOfEach(elb, groups)).values()) {
    const marks = previewMarksOf(tags.map(({ Key: key, Value: value }) => ({ key, value })));
    if (marks?.owner === owner) add(marks.environment, marks.service);
  }
  return [...found.values()];
}

/** Whether requests to a host of a preview go to tasks of it that are healthy, and not to who answers in their place. */
export async function previewAnswers(
  session: AwsSession,
  previews: EcsPreviews,
  environment: string,
  host: string,
): Promise<boolean> {
  const elb = await session.elbv2();
  const rules = (await previewRules(elb, previews.listener, previews.owner)).filter(
    ({ marks, route }) => marks.environment === environment && route.startsWith(`${host}/`),
  );
  for (const { marks, group } of rules) {
    const own = await groupNamed(elb, previewGroupName(marks));
    if (own?.TargetGroupArn === undefined || own.TargetGroupArn !== group) return false;
    if ((await healthyIn(elb, own.TargetGroupArn)) === 0) return false;
  }
  return rules.length > 0;
}

/** When the load balancer last had a request for a preview since a moment, to the minute; null where it had none. */
export async function previewLastAsked(
  session: AwsSession,
  previews: EcsPreviews,
  environment: string,
  since: number,
): Promise<number | null> {
  const elb = await session.elbv2();
  const [, balancer = ""] = /:listener\/(app\/[^/]+\/[^/]+)\//u.exec(previews.listener) ?? [];
  const services = new Map(
    (await previewRules(elb, previews.listener, previews.owner))
      .filter(({ marks }) => marks.environment === environment)
      .map(({ marks }) => [marks.service, marks]),
  );
  let last: number | null = null;
  for (const marks of services.values()) {
    const group = await groupNamed(elb, previewGroupName(marks));
    const [, name] = /:(targetgroup\/.+)$/u.exec(group?.TargetGroupArn ?? "") ?? [];
    if (name === undefined) continue;
    const { MetricDataResults: [result] = [] } = await (
      await session.cloudwatch()
    ).getMetricData({
      StartTime: new Date(since),
      EndTime: new Date(Date.now() + minute),
      ScanBy: "TimestampDescending",
      MetricDataQueries: [
        {
          Id: "asked",
          ReturnData: true,
          MetricStat: {
            Metric: {
              Namespace: "AWS/ApplicationELB",
              MetricName: "RequestCount",
              Dimensions: [
                { Name: "LoadBalancer", Value: balancer },
                { Name: "TargetGroup", Value: name },
              ],
            },
            Period: 60,
            Stat: "Sum",
          },
        },
      ],
    });
    for (const [index, count] of (result?.Values ?? []).entries()) {
      const at = result?.Timestamps?.[index]?.getTime() ?? 0;
      if (count > 0 && at >= since - minute && at > (last ?? 0)) last = at;
    }
  }
  return last;
}

const minute = 60_000;

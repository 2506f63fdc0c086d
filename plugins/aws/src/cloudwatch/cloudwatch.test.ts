import { CloudWatch } from "@aws-sdk/client-cloudwatch";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { needs } from "../../../../tools/skips.ts";
import type { AwsDouble } from "../../fixtures/double.ts";
import { awsDouble, region } from "../../fixtures/double.ts";
import { awsSession } from "../session/aws-session.ts";
import { ensureDashboard } from "./dashboard.ts";
import { alarmsVerdict, canaryVerdict, cloudwatchMetrics } from "./metrics.ts";

describe.skipIf(!needs("moto"))("CloudWatch", () => {
  let aws: AwsDouble;
  let cloudwatch: CloudWatch;
  const session = awsSession({ region, account: null, profile: null, role: null });
  // A moment of its own, so that nothing depends on when this runs.
  const noon = new Date(Math.floor((Date.now() - 3_600_000) / 60_000) * 60_000);
  const later = (minutes: number): Date => new Date(noon.getTime() + minutes * 60_000);
  const told = (namespace: string, name: string, dimension: readonly [string, string], at: Date, value: number) =>
    cloudwatch.putMetricData({
      Namespace: namespace,
      MetricData: [
        { MetricName: name, Dimensions: [{ Name: dimension[0], Value: dimension[1] }], Timestamp: at, Value: value },
      ],
    });
  beforeAll(async () => {
    aws = await awsDouble();
    cloudwatch = new CloudWatch({ region });
  });
  afterAll(async () => {
    cloudwatch.destroy();
    await aws.close();
  });

  test("a dashboard of a service is made, made again, and has an address", async () => {
    const parts = {
      environment: "production",
      service: "api",
      placement: { region, cluster: "shop", service: "shop-api", alarms: ["5xx"] },
      balancer: { loadBalancer: "app/shop/1", targetGroup: "targetgroup/api/2" },
    };
    const made = await ensureDashboard(session, parts);
    expect(await ensureDashboard(session, parts)).toEqual(made);
    expect(made).toEqual({
      name: "fairway-production-api",
      url: "https://eu-central-1.console.aws.amazon.com/cloudwatch/home?region=eu-central-1#dashboards/dashboard/fairway-production-api",
    });
    const { DashboardBody = "{}" } = await cloudwatch.getDashboard({ DashboardName: made.name });
    const { widgets } = JSON.parse(DashboardBody) as { readonly widgets: readonly { readonly type: string }[] };
    expect(widgets.map(({ type }) => type)).toEqual(["metric", "metric", "metric", "metric", "text"]);
    expect(DashboardBody).toContain('["AWS/ECS","CPUUtilization","ClusterName","shop","ServiceName","shop-api"]');
  });

  test("an alarm that fires fails, one that is not there decides nothing", async () => {
    await aws.alarm("quiet", "OK");
    await aws.alarm("loud", "ALARM");
    expect(await alarmsVerdict(session, ["quiet"])).toEqual({ verdict: "passed", summary: "1 alarm is quiet" });
    expect(await alarmsVerdict(session, ["quiet", "loud"])).toEqual({ verdict: "failed", summary: "loud fires" });
    expect((await alarmsVerdict(session, ["quiet", "nobody"])).verdict).toBe("inconclusive");
    const source = cloudwatchMetrics(session);
    expect(await source.ask("alarm quiet")).toBe(0);
    expect(await source.ask("alarm loud")).toBe(1);
    expect(await source.ask("alarm nobody")).toBe("there is no alarm nobody");
  });

  test("a metric by its name gives its newest number, and why it gives none", async () => {
    await told("Shop", "Errors", ["Service", "api"], later(1), 7);
    await told("Shop", "Errors", ["Service", "api"], later(3), 2);
    const source = cloudwatchMetrics(session, { now: () => later(5).getTime() });
    expect(await source.ask("Sum Shop Errors Service=api")).toBe(2);
    // A minute that has only begun says nothing yet, whatever it has.
    await told("Shop", "Errors", ["Service", "api"], later(5), 99);
    const within = cloudwatchMetrics(session, { now: () => later(5).getTime() + 10_000 });
    expect(await within.ask("Sum Shop Errors Service=api")).toBe(2);
    expect(await source.ask("Sum Shop Errors Service=web")).toBe("CloudWatch has no value of it in that time");
  });

  test("a canary says what its runs since then say, and nothing before it has run", async () => {
    const now = (): number => later(30).getTime();
    const dimension = ["CanaryName", "checkout"] as const;
    await told("CloudWatchSynthetics", "SuccessPercent", dimension, later(10), 0);
    expect(await canaryVerdict(session, "checkout", later(15), now)).toBeNull();
    await told("CloudWatchSynthetics", "SuccessPercent", dimension, later(20), 100);
    expect(await canaryVerdict(session, "checkout", later(15), now)).toEqual({
      verdict: "passed",
      summary: "canary checkout: 1 run since then, all well",
    });
    await told("CloudWatchSynthetics", "SuccessPercent", dimension, later(25), 50);
    expect(await canaryVerdict(session, "checkout", later(15), now)).toMatchObject({ verdict: "failed" });
  });
});

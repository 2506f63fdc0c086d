import type { MetricsSource, Millis, Verdict } from "@fairway/core";
import { codeOf, messageOf } from "@fairway/core";
import { alarmFacts } from "../ecs/alarm-facts.ts";
import type { AwsSession } from "../session/aws-session.ts";

/**
 * Numbers of CloudWatch for analysis: a query is an expression of its metric math, `SELECT MAX(CPUUtilization) FROM
 * SCHEMA("AWS/ECS", ClusterName, ServiceName) WHERE ServiceName = 'api'`, or of metrics by their names:
 * `Sum AWS/ApplicationELB HTTPCode_Target_5XX_Count LoadBalancer=app/shop/1`. The newest of its values counts. `alarm NAME` is
 * 1 while that alarm fires, and 0 else.
 */
export function cloudwatchMetrics(
  session: AwsSession,
  { window = 300_000, now = Date.now }: { readonly window?: Millis; readonly now?: () => Millis } = {},
): MetricsSource {
  return {
    async ask(query) {
      // The minute that has only begun is left out: its sum would pass for that of a whole one.
      const end = Math.floor(now() / minute) * minute;
      try {
        const [, alarm] = /^alarm\s+(.+)$/u.exec(query.trim()) ?? [];
        if (alarm !== undefined) return await alarmNumber(session, alarm);
        const { MetricDataResults: results = [], Messages: messages = [] } = await (
          await session.cloudwatch()
        ).getMetricData({
          StartTime: new Date(end - window),
          EndTime: new Date(end),
          ScanBy: "TimestampDescending",
          MetricDataQueries: [{ Id: "q", ReturnData: true, ...queryOf(query) }],
        });
        const [result, ...others] = results;
        if (others.length > 0) return `CloudWatch gave ${results.length} series, not one number`;
        const value = result?.Values?.[0];
        if (value !== undefined) return Number.isFinite(value) ? value : "CloudWatch gave no number";
        const why = [...messages, ...(result?.Messages ?? [])].map(({ Value }) => Value ?? "").join("; ");
        return why === "" ? "CloudWatch has no value of it in that time" : `CloudWatch gave nothing: ${why}`;
      } catch (thrown) {
        if (codeOf(thrown) === undefined) throw thrown;
        return messageOf(thrown);
      }
    },
  };
}

async function alarmNumber(session: AwsSession, alarm: string): Promise<number | string> {
  const { firing, missing } = await alarmFacts(session, [alarm]);
  return missing.length > 0 ? `there is no alarm ${alarm}` : firing.length;
}

const period = 60;
const minute: Millis = 60_000;

interface MetricQuery {
  readonly Expression?: string;
  readonly Period?: number;
  readonly MetricStat?: {
    readonly Metric: {
      readonly Namespace: string;
      readonly MetricName: string;
      readonly Dimensions: { readonly Name: string; readonly Value: string }[];
    };
    readonly Period: number;
    readonly Stat: string;
  };
}

function queryOf(query: string): MetricQuery {
  const [, stat, namespace, name, rest = ""] =
    /^(Sum|Average|Minimum|Maximum|SampleCount|p\d{1,2}(?:\.\d+)?)\s+(\S+)\s+(\S+)((?:\s+\S+=\S+)*)$/u.exec(
      query.trim(),
    ) ?? [];
  if (stat === undefined || namespace === undefined || name === undefined) return { Expression: query, Period: period };
  const dimensions = rest
    .trim()
    .split(/\s+/u)
    .filter((word) => word !== "")
    .map((word) => ({ Name: word.slice(0, word.indexOf("=")), Value: word.slice(word.indexOf("=") + 1) }));
  return {
    MetricStat: {
      Metric: { Namespace: namespace, MetricName: name, Dimensions: dimensions },
      Period: period,
      Stat: stat,
    },
  };
}

/** Alarms of CloudWatch as an answer: one that fires fails, one that is not there decides nothing. */
export async function alarmsVerdict(session: AwsSession, names: readonly string[]): Promise<Verdict> {
  const { firing, missing } = await alarmFacts(session, names);
  if (firing.length > 0)
    return { verdict: "failed", summary: `${firing.join(", ")} ${firing.length === 1 ? "fires" : "fire"}` };
  if (missing.length > 0) return { verdict: "inconclusive", summary: `there is no alarm ${missing.join(", ")}` };
  return { verdict: "passed", summary: `${names.length === 1 ? "1 alarm is" : `${names.length} alarms are`} quiet` };
}

/**
 * What a canary of CloudWatch Synthetics says since then; null while it has not run since. Read from the metric that every run
 * leaves: runs from before a deployment say nothing of it.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Synthetics_Canaries_metrics.html
 */
export async function canaryVerdict(
  session: AwsSession,
  canary: string,
  since: Date,
  now: () => Millis = Date.now,
): Promise<Verdict | null> {
  const Metric = {
    Namespace: "CloudWatchSynthetics",
    MetricName: "SuccessPercent",
    Dimensions: [{ Name: "CanaryName", Value: canary }],
  };
  // A minute that was begun before then may hold a run from before.
  const start = new Date(Math.ceil(since.getTime() / 60_000) * 60_000);
  if (start.getTime() >= now()) return null;
  const query = (Id: string, Stat: string) => ({ Id, MetricStat: { Metric, Period: period, Stat } });
  const { MetricDataResults: results = [] } = await (
    await session.cloudwatch()
  ).getMetricData({
    StartTime: start,
    EndTime: new Date(now()),
    MetricDataQueries: [query("runs", "SampleCount"), query("least", "Minimum")],
  });
  const valuesOf = (id: string): readonly number[] => results.find(({ Id }) => Id === id)?.Values ?? [];
  const runs = valuesOf("runs").reduce((sum, value) => sum + value, 0);
  if (runs === 0) return null;
  const least = Math.min(...valuesOf("least"));
  return least < 100
    ? { verdict: "failed", summary: `canary ${canary}: a run since then had ${least} % of its steps well` }
    : { verdict: "passed", summary: `canary ${canary}: ${runs} ${runs === 1 ? "run" : "runs"} since then, all well` };
}

import type { AwsAccess } from "../environment/environment-aws.ts";
import type { Millis, Percent } from "../units.ts";

/** What is looked at in the figures of a new release, and what is too much. */
export type AnalysisRule =
  | {
      readonly metric: "errorRate";
      /** Of the requests, at most. */
      readonly max?: Percent;
      /** In percentage points: less than so much more than the stable release does not count. Null: not compared. */
      readonly difference: number | null;
    }
  | {
      readonly metric: "latency";
      /** Above 0 and below 1: 0.95 is the time that 95 of 100 answers took at most. */
      readonly quantile: number;
      readonly max?: Millis;
      /** In percent of the stable release's. Null: not compared. */
      readonly difference: Percent | null;
    }
  | {
      readonly metric: "query";
      readonly name: string;
      /** PromQL, or what CloudWatch takes, with placeholders. */
      readonly candidate: string;
      /** The same for the stable release; null where only the bounds count. */
      readonly stable: string | null;
      readonly max?: number;
      readonly min?: number;
      readonly difference: Percent | null;
    };

/** Where queries are asked. The token is the name of a secret, never the secret. */
export interface PrometheusAddress {
  readonly url: string;
  readonly token?: string;
}

/** Where queries are asked instead: CloudWatch. */
export interface CloudWatchAddress {
  readonly access: AwsAccess;
  /** How far back a number may lie. */
  readonly window: Millis;
}

/** How the figures of a new release are judged while it takes over. */
export interface AnalysisOptions {
  /** Between two looks. */
  readonly every: Millis;
  /** How long after a change of the share it may take until the figures tell enough; then a person is asked. */
  readonly deadline: Millis;
  /** Of the candidate, and of the stable release where it is compared, at each share; fewer tell nothing. */
  readonly minimumRequests: number;
  readonly rules: readonly AnalysisRule[];
  readonly prometheus?: PrometheusAddress;
  /** In the place of Prometheus. */
  readonly cloudwatch?: CloudWatchAddress;
}

export const defaultAnalysis: AnalysisOptions = {
  every: 5_000,
  deadline: 600_000,
  minimumRequests: 100,
  rules: [
    { metric: "errorRate", difference: 0.5 },
    { metric: "latency", quantile: 0.95, difference: 20 },
  ],
};

/** What people call the metric of a rule: `error rate`, `p95`, `queue depth`. */
export function nameOfRule(rule: AnalysisRule): string {
  switch (rule.metric) {
    case "errorRate":
      return "error rate";
    case "latency":
      return `p${Math.round(rule.quantile * 1000) / 10}`;
    case "query":
      return rule.name;
  }
}

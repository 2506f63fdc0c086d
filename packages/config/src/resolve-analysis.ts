import type { AnalysisOptions, AnalysisRule } from "@fairway/core";
import { defaultAnalysis } from "@fairway/core";
import { millisOf } from "./duration.ts";
import type { WrittenAccess } from "./resolve-aws.ts";
import { accessOf } from "./resolve-aws.ts";

/** `analysis` as it is written; the schema has seen to it. */
export interface WrittenAnalysis {
  readonly errorRate?: WrittenMetric<number> | undefined;
  readonly p50?: WrittenMetric<string | number> | undefined;
  readonly p90?: WrittenMetric<string | number> | undefined;
  readonly p95?: WrittenMetric<string | number> | undefined;
  readonly p99?: WrittenMetric<string | number> | undefined;
  readonly queries?: Readonly<Record<string, WrittenQuery>> | undefined;
  readonly prometheus?: { readonly url: string; readonly token?: { readonly secret: string } | undefined } | undefined;
  readonly cloudwatch?: (WrittenAccess & { readonly window?: string | number | undefined }) | undefined;
  readonly alarms?: readonly string[] | undefined;
  readonly minimumRequests?: number | undefined;
  readonly every?: string | number | undefined;
  readonly deadline?: string | number | undefined;
}

interface WrittenMetric<Max> {
  readonly max?: Max | undefined;
  readonly compare?: boolean | undefined;
  readonly difference?: number | undefined;
}

interface WrittenQuery {
  readonly query: string;
  readonly stable?: string | undefined;
  readonly max?: number | undefined;
  readonly min?: number | undefined;
  readonly difference?: number | undefined;
}

const quantiles = { p50: 0.5, p90: 0.9, p95: 0.95, p99: 0.99 } as const;
const pointsThatMatter = 0.5;
const fiveMinutes = 300_000;
const percentThatMatters = 20;

/** What is looked at, with the defaults filled in. */
export function resolveAnalysis(written: WrittenAnalysis): AnalysisOptions {
  const rules: readonly AnalysisRule[] = [
    ...errorRule(written.errorRate),
    ...Object.entries(quantiles).flatMap(([key, quantile]) =>
      latencyRule(quantile, written[key as keyof typeof quantiles]),
    ),
    ...Object.entries(written.queries ?? {}).map(([name, query]) => queryRule(name, query)),
    ...(written.alarms ?? []).map((alarm) => queryRule(`alarm ${alarm}`, { query: `alarm ${alarm}`, max: 0 })),
  ];
  const { prometheus, cloudwatch } = written;
  return {
    every: millis(written.every) ?? defaultAnalysis.every,
    deadline: millis(written.deadline) ?? defaultAnalysis.deadline,
    minimumRequests: written.minimumRequests ?? defaultAnalysis.minimumRequests,
    rules: rules.length === 0 ? defaultAnalysis.rules : rules,
    ...(prometheus === undefined
      ? {}
      : {
          prometheus: {
            url: prometheus.url,
            ...(prometheus.token === undefined ? {} : { token: prometheus.token.secret }),
          },
        }),
    ...(cloudwatch === undefined
      ? {}
      : { cloudwatch: { access: accessOf(cloudwatch), window: millis(cloudwatch.window) ?? fiveMinutes } }),
  };
}

const millis = (written: string | number | undefined): number | undefined =>
  written === undefined ? undefined : millisOf(written);

function errorRule(written: WrittenMetric<number> | undefined): readonly AnalysisRule[] {
  if (written === undefined) return [];
  const { max, compare = true, difference = pointsThatMatter } = written;
  return [{ metric: "errorRate", ...(max === undefined ? {} : { max }), difference: compare ? difference : null }];
}

function latencyRule(quantile: number, written: WrittenMetric<string | number> | undefined): readonly AnalysisRule[] {
  if (written === undefined) return [];
  const { compare = true, difference = percentThatMatters } = written;
  const max = millis(written.max);
  return [
    { metric: "latency", quantile, ...(max === undefined ? {} : { max }), difference: compare ? difference : null },
  ];
}

function queryRule(name: string, { query, stable, max, min, difference }: WrittenQuery): AnalysisRule {
  return {
    metric: "query",
    name,
    candidate: query,
    stable: stable ?? (query.includes("{{release}}") ? query : null),
    ...(max === undefined ? {} : { max }),
    ...(min === undefined ? {} : { min }),
    difference: difference ?? null,
  };
}

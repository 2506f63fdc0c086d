/** What tells the series of one metric apart. */
export type Labels = Readonly<Record<string, string>>;

/** One metric in the form in which prom-client takes those of other processes. */
export interface Metric {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge" | "histogram";
  /** How those of several processes would become one; there is one. */
  readonly aggregator: "sum";
  readonly values: readonly { readonly value: number; readonly labels: Labels; readonly metricName?: string }[];
}

export const metric = (
  type: Metric["type"],
  name: string,
  help: string,
  values: Metric["values"] | number,
): Metric => ({
  ...{ name, help, type, aggregator: "sum" },
  values: typeof values === "number" ? [{ value: values, labels: {} }] : values,
});

/** The values of a histogram for one set of labels. Each bucket holds those before it; `le` in seconds, null for all. */
export function histogramOf(
  name: string,
  labels: Labels,
  counted: {
    readonly buckets: readonly { readonly le: number | null; readonly count: number }[];
    readonly sum: number;
    readonly count: number;
  },
): Metric["values"] {
  return [
    ...counted.buckets.map(({ le, count: value }) => ({
      value,
      labels: { ...labels, le: le === null ? "+Inf" : String(le) },
      metricName: `${name}_bucket`,
    })),
    { value: counted.sum, labels, metricName: `${name}_sum` },
    { value: counted.count, labels, metricName: `${name}_count` },
  ];
}

/** Prometheus keeps each for weeks: a daemon with a thousand replicas is not to fill it. Some 60 more are the process's own. */
const mostSeries = 1_900;

/**
 * The metrics with at most so many series in all; of the longest the last are left out, and how many that were is one of them.
 */
export function withinLimit(metrics: readonly Metric[], most: number = mostSeries): readonly Metric[] {
  const total = metrics.reduce((sum, { values }) => sum + values.length, 0);
  const dropped = (count: number): Metric =>
    metric("gauge", "fairway_metrics_left_out", "Series that are not shown, because there are too many.", count);
  if (total < most) return [...metrics, dropped(0)];
  // The largest length at which all together fit: short ones stay whole.
  const lengths = metrics.map(({ values }) => values.length).toSorted((one, other) => one - other);
  let room = most - 1;
  let share = 0;
  for (const [at, length] of lengths.entries()) {
    share = Math.floor(room / (lengths.length - at));
    if (length > share) break;
    room -= length;
  }
  const cut = metrics.map((one) => ({ ...one, values: one.values.slice(0, share - (share % groupOf(one))) }));
  return [...cut, dropped(total - cut.reduce((sum, { values }) => sum + values.length, 0))];
}

/** A histogram without some of its buckets would be a lie. */
const groupOf = ({ type, name, values }: Metric): number =>
  type === "histogram" ? values.findIndex(({ metricName }) => metricName === `${name}_count`) + 1 || 1 : 1;

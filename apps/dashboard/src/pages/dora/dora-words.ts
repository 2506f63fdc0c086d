import type { DoraShape } from "@fairway/api";
import { duration } from "../../text/time.ts";

/** The figures of one environment in one window. */
export type Figures = DoraShape["environments"][number]["before"];

/** One of the five, ready to be shown. */
export interface Figure {
  readonly name: string;
  /** What is meant, in one sentence. */
  readonly meaning: string;
  readonly value: string;
  /** What it is of; empty where nothing is. */
  readonly of: string;
  /** Against as many days before: better, worse, the same, or nothing to compare with. */
  readonly trend: "better" | "worse" | "same" | null;
  readonly before: string;
}

/** The five figures of an environment in DORA's order, each beside the one before. */
export function figuresOf(now: DoraShape["environments"][number]): readonly Figure[] {
  const { before } = now;
  return [
    {
      name: "Deployment frequency",
      meaning: "Deployments that were carried through.",
      value: frequency(now.perDay),
      of: counted(now.deployed, "deployment"),
      before: frequency(before.perDay),
      trend: trendOf(now.perDay, before.perDay, "more"),
    },
    {
      name: "Change lead time",
      meaning: "From a commit until it ran there, the median.",
      value: span(now.leadTime.median),
      of: counted(now.leadTime.changes, "commit"),
      before: span(before.leadTime.median),
      trend: trendOf(now.leadTime.median, before.leadTime.median, "less"),
    },
    {
      name: "Change fail rate",
      meaning: "Deployments that had to be taken back, or left it in no known state.",
      ...ratio(now.changeFailure),
      before: percent(before.changeFailure.rate),
      trend: trendOf(now.changeFailure.rate, before.changeFailure.rate, "less"),
    },
    {
      name: "Failed deployment recovery time",
      meaning: "From when a deployment that failed changed it until it ran well again, the median.",
      value: span(now.recovery.median),
      of: [
        counted(now.recovery.recovered, "recovery", "recoveries"),
        ...(now.recovery.open > 0 ? [`${now.recovery.open} not mended yet`] : []),
      ].join(", "),
      before: span(before.recovery.median),
      trend: trendOf(now.recovery.median, before.recovery.median, "less"),
    },
    {
      name: "Deployment rework rate",
      meaning: "Rollbacks, and what was brought right after a deployment that had failed.",
      ...ratio(now.rework),
      before: percent(before.rework.rate),
      trend: trendOf(now.rework.rate, before.rework.rate, "less"),
    },
  ];
}

/** How often, in the largest unit in which it is at least one. */
export function frequency(perDay: number): string {
  if (perDay === 0) return "none";
  if (perDay >= 1) return `${round(perDay)} a day`;
  return perDay * 7 >= 1 ? `${round(perDay * 7)} a week` : `${round(perDay * 30)} a month`;
}

const round = (value: number): string => String(Number(value.toFixed(value < 10 ? 1 : 0)));
const percent = (rate: number | null): string => (rate === null ? "–" : `${Math.round(rate * 100)} %`);
const span = (millis: number | null): string => (millis === null ? "–" : duration(millis));
const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;
const ratio = ({ part, whole, rate }: Figures["rework"]): Pick<Figure, "value" | "of"> => ({
  value: percent(rate),
  of: `${part} of ${counted(whole, "deployment")}`,
});

function trendOf(now: number | null, before: number | null, better: "more" | "less"): Figure["trend"] {
  if (now === null || before === null) return null;
  if (now === before) return "same";
  return now > before === (better === "more") ? "better" : "worse";
}

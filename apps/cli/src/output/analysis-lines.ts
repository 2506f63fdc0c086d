import type { AnalysisShape } from "@fairway/api";
import { sparkline } from "./sparkline.ts";
import { bold, dim, fit, harmless, markOf, pad, wrap } from "./terminal.ts";

type Look = AnalysisShape[number]["looks"][number];
type Side = Look["candidate"];

const widest = 40;

const stateOf = {
  none: "running",
  pending: "running",
  pass: "succeeded",
  fail: "failed",
  inconclusive: "waiting",
  "no-data": "waiting",
} as const;

/** How the new releases of a deployment do beside the old ones, with small charts of the last looks. */
export function analysisLines(analysis: AnalysisShape, width: number): readonly string[] {
  return analysis.flatMap(({ service, looks }) => {
    const last = looks.at(-1);
    if (last === undefined) return [];
    const shown = looks.slice(-Math.max(8, Math.min(widest, Math.floor((width - 40) / 2))));
    const verdict = last.verdict === "none" ? "" : `  ${last.verdict}`;
    return [
      fit(`${markOf(stateOf[last.verdict])} ${bold(harmless(service))} at ${last.weight} %${verdict}`, width),
      chartLine("errors", shown, errorsOf, "%", width),
      chartLine("p95", shown, ({ p95 }) => p95, "ms", width),
      ...(last.reason === "" ? [] : wrap(harmless(last.reason), width, "    ").map(dim)),
    ];
  });
}

const errorsOf = ({ requests, errors }: Side): number | null => (requests === 0 ? null : (100 * errors) / requests);

/** Both releases on one scale, so that the eye compares them. */
function chartLine(
  name: string,
  looks: readonly Look[],
  of: (side: Side) => number | null,
  unit: string,
  width: number,
): string {
  const [mine, others] = [looks.map(({ candidate }) => of(candidate)), looks.map(({ stable }) => of(stable))];
  const most = Math.max(0, ...[...mine, ...others].filter((value) => value !== null));
  const side = (release: string, values: readonly (number | null)[]): string => {
    const now = values.findLast((value) => value !== null) ?? null;
    const figure = now === null ? "–" : `${Number(now.toPrecision(3))} ${unit}`;
    return `${harmless(release)} ${sparkline(values, most)} ${pad(figure, 8)}`;
  };
  const last = looks.at(-1);
  return fit(
    `    ${pad(name, 6)}  ${side(last?.candidate.release ?? "", mine)} ${dim(side(last?.stable.release ?? "", others))}`,
    width,
  ).trimEnd();
}

import type { DoraShape } from "@fairway/api";
import { FairwayError } from "@fairway/core";
import type { GlobalOptions } from "../context.ts";
import { daemonClient } from "../context.ts";
import { bold, columns, harmless, print, printJson, wrap } from "../output/terminal.ts";
import { table } from "../output/table.ts";

interface DoraOptions extends GlobalOptions {
  readonly days: string;
  readonly env?: string;
  readonly service?: string;
}

/** `fairway dora`. */
export async function dora(_args: readonly string[], options: DoraOptions): Promise<void> {
  const days = Number(options.days);
  if (!Number.isInteger(days))
    throw new FairwayError("bad_request", `"${options.days}" is no number of days`, {
      hint: "try: fairway dora --days 30",
    });
  const client = await daemonClient(options);
  const found = await client.call("dora", { days, env: options.env, service: options.service });
  if (options.json) return printJson(found);
  for (const line of doraLines(found, columns())) print(line);
}

/** The figures of each environment beside those of as many days before. */
export function doraLines({ days, service, environments }: DoraShape, width: number): readonly string[] {
  const of = service === null ? "" : ` of ${harmless(service)}`;
  const rows = environments.flatMap((one) => [
    [
      harmless(one.environment),
      frequency(one),
      span(one.leadTime.median),
      percent(one.changeFailure),
      span(one.recovery.median),
      percent(one.rework),
    ],
    [
      "  before",
      frequency(one.before),
      span(one.before.leadTime.median),
      percent(one.before.changeFailure),
      span(one.before.recovery.median),
      percent(one.before.rework),
    ],
  ]);
  const open = environments.filter(({ recovery }) => recovery.open > 0);
  return [
    bold(`the last ${days} days${of}`),
    ...table(["", "deployed", "lead time", "failed", "recovery", "rework"], rows),
    ...open.flatMap(({ environment, recovery }) =>
      wrap(`${harmless(environment)}: ${recovery.open} that failed and nothing has mended yet`, width),
    ),
  ];
}

type Figures = DoraShape["environments"][number]["before"];

const frequency = ({ deployed, perDay }: Figures): string =>
  deployed === 0
    ? "none"
    : perDay >= 1
      ? `${deployed}, ${perDay.toFixed(1)} a day`
      : `${deployed}, ${(perDay * 7).toFixed(1)} a week`;

const percent = ({ part, whole, rate }: Figures["rework"]): string =>
  rate === null ? "–" : `${Math.round(rate * 100)} % (${part} of ${whole})`;

const units = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
  ["s", 1_000],
] as const;

/** The two largest units are enough to compare by. */
function span(millis: number | null): string {
  if (millis === null) return "–";
  const at = units.findIndex(([, size]) => millis >= size);
  const [large, small] = [units[at], units[at + 1]];
  if (large === undefined) return `${Math.round(millis)} ms`;
  const rest = small === undefined ? 0 : Math.floor((millis % large[1]) / small[1]);
  return `${Math.floor(millis / large[1])} ${large[0]}${small === undefined || rest === 0 ? "" : ` ${rest} ${small[0]}`}`;
}

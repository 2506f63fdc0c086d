import type { Cadence, Period } from "@fairway/core";
import { dayAfter, messageOf, periodOf } from "@fairway/core";
import { millisOf } from "../duration.ts";
import type { Path } from "../path.ts";
import type { Problem } from "../problems.ts";
import { cronClock } from "./cron-clock.ts";
import type { DutySource } from "./read-duty-file.ts";

/** When something is owed, as people write it. */
export interface WrittenCadence {
  readonly every?: string | undefined;
  readonly from?: string | undefined;
  readonly rolling?: boolean | undefined;
  readonly done?: string | undefined;
  readonly cron?: string | undefined;
  readonly for?: "release" | undefined;
  readonly wait?: string | number | undefined;
  readonly always?: true | undefined;
  readonly grace?: string | number | undefined;
}

/** When a duty is owed, or what is wrong with how it says so. */
export function cadenceOf(
  written: WrittenCadence,
  at: Path,
  source: DutySource<unknown>,
  today: string,
): Cadence | readonly Problem[] {
  const kinds = (["every", "cron", "for", "always"] as const).filter((kind) => written[kind] !== undefined);
  const [kind, second] = kinds;
  if (kind === undefined)
    return [
      source.problem(
        at,
        "missing",
        "it does not say when it is owed",
        "give it one of every, cron, for, always",
        "key",
      ),
    ];
  if (second !== undefined)
    return [
      source.problem(
        [...at, second],
        "impossible",
        `it has ${kind} already`,
        `keep one of ${kind} and ${second}`,
        "key",
      ),
    ];
  const extra = (["from", "rolling", "done", "wait", "grace"] as const).filter(
    (key) => written[key] !== undefined && !fitting[kind].includes(key),
  );
  if (extra.length > 0)
    return extra.map((key) =>
      source.problem([...at, key], "impossible", `${key} means nothing beside ${kind}`, `take ${key} away`, "key"),
    );
  if (written.done !== undefined && written.done > today)
    return [
      source.problem(
        [...at, "done"],
        "impossible",
        `${written.done} has not come yet`,
        "write when it was really done",
      ),
    ];
  if (kind === "for") return { kind: "release", wait: millisOf(written.wait ?? 0) ?? 0 };
  if (kind === "always") return { kind: "standing" };
  if (kind === "cron") return ofCron(written, at, source);
  return ofPeriod(written, at, source);
}

const fitting: Readonly<Record<"every" | "cron" | "for" | "always", readonly string[]>> = {
  every: ["from", "rolling", "done", "grace"],
  cron: ["from", "grace"],
  for: ["wait"],
  always: [],
};

function ofPeriod(
  { every = "", from, rolling = false, done, grace = 0 }: WrittenCadence,
  at: Path,
  source: DutySource<unknown>,
): Cadence | readonly Problem[] {
  const period = periodOf(every);
  // Its form was refused already.
  if (period === null) return [];
  const first = from ?? (done === undefined ? undefined : dayAfter(done, period));
  if (first === undefined)
    return [source.problem(at, "missing", "it does not say when it is due first", "write from: 2026-01-31", "key")];
  if (!rolling && done === undefined && millisOf(grace) !== undefined && Number(millisOf(grace)) >= shortest(period))
    return [
      source.problem(
        [...at, "grace"],
        "impossible",
        "it would still be in time when it is due again",
        `write less than ${every}`,
      ),
    ];
  if (rolling || done !== undefined)
    return { kind: "rolling", every: period, from: first, ...(done === undefined ? {} : { done }) };
  return { kind: "anchored", every: period, from: first };
}

/** How long a span is at the least. */
const shortest = ({ months, days }: Period): number => (months * 28 + days) * 86_400_000;

function ofCron(
  { cron = "", from }: WrittenCadence,
  at: Path,
  source: DutySource<unknown>,
): Cadence | readonly Problem[] {
  const fix = "write five fields: minute, hour, day, month, weekday, such as 15 2 * * *";
  const problems: Problem[] = [];
  try {
    if (cronClock.after(cron, Date.parse(from ?? "2026-01-01")) === null)
      problems.push(source.problem([...at, "cron"], "impossible", "this time never comes", fix));
  } catch (thrown) {
    problems.push(source.problem([...at, "cron"], "wrong_value", `this is no schedule: ${messageOf(thrown)}`, fix));
  }
  if (from === undefined)
    problems.push(source.problem(at, "missing", "it does not say from which day on", "write from: 2026-01-31", "key"));
  if (from === undefined || problems.length > 0) return problems;
  return { kind: "cron", cron, from };
}

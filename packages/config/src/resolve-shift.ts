import type { AudienceOptions, BreakerOptions, Match, ShiftOptions } from "@fairway/core";
import { millisOf } from "./duration.ts";

/** The options that several strategies have, as they are written. */
export interface WrittenShift {
  readonly breakerThreshold?: number | string | undefined;
  readonly breakerCounts?: "cumulative" | "consecutive" | undefined;
  readonly minHealthyTime?: string | number | undefined;
  readonly keepWarm?: string | number | undefined;
  readonly preview?: true | string | undefined;
  readonly verifyFirst?: boolean | undefined;
  readonly sticky?: boolean | undefined;
  readonly match?: WrittenMatch | undefined;
}

interface WrittenMatch {
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly cookies?: Readonly<Record<string, string>> | undefined;
}

/** What was written and what it means, for whoever notes where each value came from. */
export type Choose = <Value>(key: keyof WrittenShift, value: Value | undefined) => Value | undefined;

/** What of this a strategy has, which is nothing of what was not written. */
export function resolveShift(
  given: WrittenShift,
  choose: Choose,
): { readonly breaker: BreakerOptions; readonly shift: ShiftOptions; readonly audience: AudienceOptions } {
  const span = (written: string | number | undefined): number | undefined =>
    written === undefined ? undefined : millisOf(written);
  const { breakerThreshold: threshold } = given;
  choose("breakerThreshold", threshold);
  return {
    breaker: written<BreakerOptions>({
      breakerThreshold: typeof threshold === "number" ? threshold : undefined,
      breakerPercent: typeof threshold === "string" ? Number.parseInt(threshold, 10) : undefined,
      breakerCounts: choose("breakerCounts", given.breakerCounts),
      minHealthyTime: choose("minHealthyTime", span(given.minHealthyTime)),
    }),
    shift: written<ShiftOptions>({
      keepWarm: choose("keepWarm", span(given.keepWarm)),
      preview: choose("preview", given.preview),
      verifyFirst: choose("verifyFirst", given.verifyFirst),
    }),
    audience: written<AudienceOptions>({
      sticky: choose("sticky", given.sticky),
      match: choose("match", given.match && written<Match>(given.match)),
    }),
  };
}

type Perhaps<Options> = { readonly [Key in keyof Options]: Options[Key] | undefined };

/** Without what is undefined: an option that is not there and one that is undefined are the same only to people. */
const written = <Options>(options: Perhaps<Options>): Options =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Options;

import { sameJson } from "./flag-diff.ts";
import type { FlagStanding } from "./flag-source.ts";

/** The flags as they stood when a release was made, by environment and key; environments without any are not in it. */
export type FlagRecord = Readonly<Record<string, Readonly<Record<string, FlagStanding>>>>;

/** What became of one flag of one environment between two releases. */
export interface FlagRecordDiff {
  readonly environment: string;
  readonly key: string;
  readonly change: "added" | "removed" | "changed";
  readonly from: FlagStanding | null;
  readonly to: FlagStanding | null;
}

/** What differs between the flags of two releases, by environment and key. */
export function diffFlagRecords(from: FlagRecord, to: FlagRecord): readonly FlagRecordDiff[] {
  return namesOf(from, to).flatMap((environment) => {
    const [before, after] = [own(from, environment) ?? {}, own(to, environment) ?? {}];
    return namesOf(before, after).flatMap((key): readonly FlagRecordDiff[] => {
      const [had, has] = [own(before, key) ?? null, own(after, key) ?? null];
      if (sameJson(had, has)) return [];
      const change = had === null ? "added" : has === null ? "removed" : "changed";
      return [{ environment, key, change, from: had, to: has }];
    });
  });
}

const namesOf = (one: object, other: object): readonly string[] =>
  [...new Set([...Object.keys(one), ...Object.keys(other)])].toSorted();

const own = <Value>(record: Readonly<Record<string, Value>>, key: string): Value | undefined =>
  Object.hasOwn(record, key) ? record[key] : undefined;

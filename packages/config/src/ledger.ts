import { type Path, textOfPath } from "./path.ts";

/** Where a value of the resolved configuration came from. The path is where the user wrote it. */
export type Origin =
  | { readonly from: "written"; readonly path: Path }
  | { readonly from: "service"; readonly path: Path }
  | { readonly from: "inherited"; readonly environment: string; readonly path: Path }
  | { readonly from: "default" };

/** One value of the resolved configuration under the key that `explain` knows it by. */
export interface Setting {
  readonly key: string;
  readonly value: unknown;
  readonly origin: Origin;
  /** What was made of the value since it was written: `× 0.5`. */
  readonly made?: string | undefined;
}

/** Something that was perhaps written, and where. */
export interface Candidate<T> {
  readonly value: T | undefined;
  readonly origin: Origin;
}

/** Remembers where each value came from while a configuration is resolved. */
export class Ledger {
  readonly settings: Map<string, Setting> = new Map();

  /** Takes the first candidate that was written, or the default, and notes which it was. */
  choose<T>(path: Path, candidates: readonly Candidate<T>[], standard: T): T {
    const chosen = candidates.find(({ value }) => value !== undefined);
    return this.note(path, chosen?.value ?? standard, chosen?.origin ?? { from: "default" });
  }

  /** What was written at this path itself, or the default. */
  own<T>(path: Path, value: T | undefined, standard: T, writtenAt: Path = path): T {
    return this.choose(path, [{ value, origin: { from: "written", path: writtenAt } }], standard);
  }

  note<T>(path: Path, value: T, origin: Origin, made?: string): T {
    const key = textOfPath(path);
    this.settings.set(key, { key, value, origin, ...(made === undefined ? {} : { made }) });
    return value;
  }

  /** Where a value came from that was noted. */
  originOf(path: Path): Origin {
    return this.settings.get(textOfPath(path))?.origin ?? { from: "default" };
  }
}

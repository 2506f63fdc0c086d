import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { FairwayError } from "@fairway/core";

/**
 * What the tests of a release took of gas, as Foundry's `forge snapshot` writes it beside the build-info folder; null where
 * the build left none. https://getfoundry.sh/forge/gas-tracking/gas-snapshots
 */
export async function readGasSnapshot(folder: string, buildInfo: string): Promise<string | null> {
  try {
    return await readFile(join(folder, dirname(buildInfo), ".gas-snapshot"), "utf8");
  } catch (cause) {
    if ((cause as { readonly code?: unknown }).code === "ENOENT") return null;
    throw new FairwayError("artifact_refused", "the artifact's .gas-snapshot cannot be read", { cause });
  }
}

/**
 * What takes more or less gas than before, a line each. Invariants have no figure of their own, and what is new has no other.
 */
export function gasChanges(before: string, after: string): readonly string[] {
  const was = figuresIn(before);
  return [...figuresIn(after)].flatMap(([name, is]) => {
    const had = was.get(name);
    if (had === undefined || had === is) return [];
    const percent = had === 0 ? "" : ` (${is > had ? "+" : "−"}${((Math.abs(is - had) / had) * 100).toFixed(1)} %)`;
    return [`${name}: ${had.toLocaleString("en")} → ${is.toLocaleString("en")}${percent}`];
  });
}

/** Of a fuzz test the median, which is the same for the same seed. */
const figuresIn = (snapshot: string): ReadonlyMap<string, number> =>
  new Map(
    snapshot.split("\n").flatMap((line): readonly (readonly [string, number])[] => {
      const [, name, plain, median] = /^(\S+) \((?:gas: (\d+)|runs: .*~: (\d+))\)$/u.exec(line) ?? [];
      return name === undefined ? [] : [[name, Number(plain ?? median)]];
    }),
  );

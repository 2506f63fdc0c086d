import type { DrillMigration } from "./drill-parts.ts";

/** How what a copy has differs from what was recorded before its backup: each as a sentence, none where it is the same. */
export function differencesOf(
  recorded: readonly DrillMigration[],
  found: readonly DrillMigration[],
): readonly string[] {
  const [expected, there] = [byName(recorded), byName(found)];
  const missing = recorded.filter((one) => !there.has(nameOf(one))).map((one) => `${nameOf(one)} is missing`);
  const others = found.flatMap((one) => {
    const known = expected.get(nameOf(one));
    if (known === undefined) return [`${nameOf(one)} is there, and no deployment has recorded it`];
    return known === one.checksum ? [] : [`${nameOf(one)} is not what the deployment has recorded`];
  });
  return [...missing, ...others];
}

const nameOf = ({ database, id }: DrillMigration): string => `migration ${id} of ${database}`;
const byName = (of: readonly DrillMigration[]): ReadonlyMap<string, string> =>
  new Map(of.map((one) => [nameOf(one), one.checksum]));

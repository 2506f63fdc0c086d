import type { Digest, ReleaseId } from "../ids.ts";
import type { Project } from "../project/project.ts";
import type { Release, ReleasePart } from "./release.ts";

/** What became of one service between two releases. */
export interface ServiceDiff {
  readonly service: string;
  /**
   * `rebuilt`: other inputs gave the same bytes. `left-out`: the project still has it, the later release has no part of it.
   */
  readonly change: "added" | "removed" | "left-out" | "changed" | "rebuilt" | "unchanged";
  readonly from: Digest | null;
  readonly to: Digest | null;
}

/** One value of the configuration that differs. */
export interface SettingDiff {
  /** As people find it: `services.api.replicas`, `environments.staging.placements.web.env.MODE`. */
  readonly key: string;
  /** Undefined where the value was not there. */
  readonly from: unknown;
  readonly to: unknown;
}

/** What differs between two releases, without the commits in between, which only the repository knows. */
export interface ReleaseDiff {
  readonly from: ReleaseId;
  readonly to: ReleaseId;
  readonly services: readonly ServiceDiff[];
  readonly settings: readonly SettingDiff[];
  /** Secrets whose value is another one now, as `environment/NAME`. */
  readonly secrets: readonly string[];
}

/** Says what differs from one release to another. A release does not differ from itself. */
export function diffReleases(from: Release, to: Release): ReleaseDiff {
  const before = partsByService(from);
  const after = partsByService(to);
  const names = new Set([...before.keys(), ...after.keys()]);
  const known = new Set(to.project.services.map(({ name }) => name));
  return {
    from: from.id,
    to: to.id,
    services: [...names]
      .toSorted()
      .map((service) => serviceDiff(service, before.get(service), after.get(service), known.has(service))),
    settings: settingDiffs(byName(from.project), byName(to.project), []),
    secrets: secretDiffs(from, to),
  };
}

const partsByService = ({ parts }: Release): ReadonlyMap<string, ReleasePart> =>
  new Map(parts.map((part) => [part.service, part]));

function serviceDiff(
  service: string,
  before: ReleasePart | undefined,
  after: ReleasePart | undefined,
  known: boolean,
): ServiceDiff {
  const change = ((): ServiceDiff["change"] => {
    if (before === undefined) return "added";
    if (after === undefined) return known ? "left-out" : "removed";
    if (before.artifact !== after.artifact) return "changed";
    return before.inputs === after.inputs ? "unchanged" : "rebuilt";
  })();
  return { service, change, from: before?.artifact ?? null, to: after?.artifact ?? null };
}

/** Lists of named things become records, so that an insertion does not make everything after it look changed. */
function byName(value: Project): unknown {
  const named = <Item>(items: readonly Item[], name: (item: Item) => string): Readonly<Record<string, Item>> =>
    Object.fromEntries(items.map((item) => [name(item), item]));
  return {
    services: named(value.services, ({ name }) => name),
    environments: named(
      value.environments.map((environment) => ({
        ...environment,
        placements: named(environment.placements, ({ service }) => service),
      })),
      ({ name }) => name,
    ),
  };
}

function settingDiffs(from: unknown, to: unknown, path: readonly string[]): readonly SettingDiff[] {
  if (isRecord(from) && isRecord(to))
    return [...new Set([...Object.keys(from), ...Object.keys(to)])]
      .toSorted()
      .flatMap((key) => settingDiffs(own(from, key), own(to, key), [...path, key]));
  return sameValue(from, to) ? [] : [{ key: path.join("."), from, to }];
}

const own = (record: Readonly<Record<string, unknown>>, key: string): unknown =>
  Object.hasOwn(record, key) ? record[key] : undefined;

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Both come from JSON, and with the same order of keys when they came from the same version. */
const sameValue = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

/** Only where both releases know the secret's version can it be said that it changed. */
function secretDiffs(from: Release, to: Release): readonly string[] {
  const before = from.manifest?.secrets ?? {};
  return Object.entries(to.manifest?.secrets ?? {}).flatMap(([environment, versions]) =>
    Object.entries(versions)
      .filter(([name, version]) => {
        const known = before[environment];
        return known !== undefined && Object.hasOwn(known, name) && known[name] !== version;
      })
      .map(([name]) => `${environment}/${name}`),
  );
}

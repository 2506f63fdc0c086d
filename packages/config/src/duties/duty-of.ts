import type { Duty, DutyRun } from "@fairway/core";
import { millisOf } from "../duration.ts";
import type { Path } from "../path.ts";
import type { Problem } from "../problems.ts";
import { didYouMean } from "../problems.ts";
import { cadenceOf } from "./cadence-of.ts";
import { runOf } from "./duty-run-of.ts";
import type { DutySource } from "./read-duty-file.ts";
import type { WatchedFiles } from "./watched-files.ts";
import type { WrittenDuty } from "./written-duties.ts";

/** What duties are held against. */
export interface DutyFacts {
  /** The roles there are; null where they could not be read, when nothing is said of them. */
  readonly roles: readonly string[] | null;
  readonly files: WatchedFiles;
  /** In UTC. */
  readonly today: string;
}

/** A duty, with its name and where it stands. */
export interface PlacedDuty {
  readonly id: string;
  readonly at: Path;
  readonly written: WrittenDuty;
  /** The secret that it is about; absent where it is about none. */
  readonly secret?: string | undefined;
  /** Whether services use it. */
  readonly consumed?: boolean;
}

/** The duty that was written, or what is wrong with it. */
export function writtenDuty(
  placed: PlacedDuty,
  source: DutySource<unknown>,
  facts: DutyFacts,
): { readonly duties: readonly Duty[]; readonly problems: readonly Problem[] } {
  const { id, at, written } = placed;
  const run = runOf(placed, source);
  const { title, owner, environment = null, escalation = [], watches = [], task = null, automation = null } = written;
  const cadence = cadenceOf(written, at, source, facts.today);
  const problems = [
    ...(Array.isArray(cadence) ? (cadence as readonly Problem[]) : []),
    ...(Array.isArray(run) ? (run as readonly Problem[]) : []),
    ...rolesKnown([owner], () => [...at, "owner"], source, facts),
    ...rolesKnown(escalation, (place) => [...at, "escalation", place], source, facts),
    ...unmatched(watches, [...at, "watches"], source, facts),
    ...unmatched(written.run?.docs?.paths ?? [], [...at, "run", "docs", "paths"], source, facts),
    ...unmatched(written.run?.replay?.events ?? [], [...at, "run", "replay", "events"], source, facts),
  ];
  // One with a problem is still known by its name and place: others speak of it, and nothing holds.
  const duty: Duty = {
    id,
    title,
    owner,
    escalation,
    environment,
    cadence: Array.isArray(cadence) ? { kind: "standing" } : (cadence as Duty["cadence"]),
    grace: millisOf(written.grace ?? 0) ?? 0,
    warnings: written.remind ?? [14, 7, 1],
    task,
    automation,
    ...(watches.length === 0 ? { digest: null } : { digest: facts.files.digestOf(watches), watches }),
    ...(run === null || Array.isArray(run) ? {} : { run: run as DutyRun }),
    place: { file: source.file, line: source.lineOf(at) },
  };
  return { duties: [duty], problems };
}

/** A problem for each pattern that no file fits. */
const unmatched = (
  patterns: readonly string[],
  at: Path,
  source: DutySource<unknown>,
  { files }: DutyFacts,
): readonly Problem[] =>
  patterns.flatMap((pattern, place) =>
    files.matching(pattern).length > 0
      ? []
      : [source.problem([...at, place], "path", `no file fits ${pattern}`, "name files of the repository")],
  );

/** A problem for each role that nobody has. */
export function rolesKnown(
  names: readonly string[],
  placeOf: (place: number) => Path,
  source: DutySource<unknown>,
  { roles }: DutyFacts,
): readonly Problem[] {
  return names.flatMap((name, place) =>
    roles === null || roles.includes(name)
      ? []
      : [
          source.problem(
            placeOf(place),
            "unknown_name",
            `there is no role "${name}"`,
            didYouMean(name, roles) ?? "add it to ops/people.yaml",
          ),
        ],
  );
}

import type { BackupSnapshot, DutyState } from "@fairway/core";
import { FairwayError, messageOf } from "@fairway/core";
import type { DutyControl } from "../duties/duty-control.ts";
import type { DrillRecord } from "../store/drills.ts";
import { listDrills } from "../store/drills.ts";
import type { Store } from "../store/store.ts";
import type { BackupControl } from "./backup-control.ts";
import type { ProjectBackups } from "./project-backups.ts";

/** How something that is owed of a repository stands. */
export interface OwedOfBackup {
  readonly duty: string;
  readonly state: DutyState;
  readonly why: string;
  readonly dueAt: string | null;
}

/** One repository of backups: Fairway's own, or one that `ops/backups.yaml` asks for. */
export interface BackupOverview {
  /** `fairway` is Fairway's own database. */
  readonly name: string;
  readonly environment: string | null;
  readonly driver: string;
  /** What makes them and where they are; null where Fairway makes none. */
  readonly label: string | null;
  /** Somebody else makes them. */
  readonly watched: boolean;
  /** Why it cannot be read; null where it can. */
  readonly problem: string | null;
  /** The newest first. */
  readonly backups: readonly BackupSnapshot[];
  readonly owed: readonly OwedOfBackup[];
  /** The newest first. */
  readonly drills: readonly DrillRecord[];
}

/** What all repositories are looked at with. */
export interface BackupOverviewParts {
  readonly store: Store;
  readonly duties: Pick<DutyControl, "standings">;
  readonly backups: BackupControl;
  readonly projectBackups: ProjectBackups;
}

/** The name of Fairway's own database. */
const ownBackups = "fairway";

const [mostBackups, mostDrills] = [30, 24];

/**
 * All repositories of backups with what is owed of each and how its drills went. One that cannot be read says why, and hides no
 * other.
 */
export async function backupOverviews(parts: BackupOverviewParts): Promise<readonly BackupOverview[]> {
  const { store, duties, backups, projectBackups } = parts;
  const standings = await duties.standings({});
  const owedOf = (name: string): readonly OwedOfBackup[] =>
    [`backup/${name}`, `backup/${name}:full`, `drill/${name}`, `delete-probe/${name}`].flatMap((id) =>
      standings
        .filter(({ duty, state }) => duty.id === id && (duty.cadence.kind !== "release" || state !== "unknown"))
        .map(({ duty, state, why, dueAt }) => ({ duty: duty.id, state, why, dueAt })),
    );
  const read = async (
    snapshots: () => Promise<readonly BackupSnapshot[]>,
  ): Promise<Pick<BackupOverview, "problem" | "backups">> =>
    snapshots().then(
      (found) => ({ problem: null, backups: found.toReversed().slice(0, mostBackups) }),
      (thrown: unknown) => ({ problem: messageOf(thrown), backups: [] }),
    );
  const drillsOf = async (label: string | null): Promise<readonly DrillRecord[]> =>
    label === null ? [] : listDrills(store, { limit: mostDrills, repository: label });
  const own = await backups.label();
  const found: BackupOverview[] = [
    {
      ...{ name: ownBackups, environment: null, driver: "base-backup", label: own, watched: own === null },
      ...(await read(async () => (await backups.repository())?.snapshots ?? [])),
      owed: owedOf(ownBackups),
      drills: await drillsOf(own),
    },
  ];
  for (const [name, { planned, control, managed }] of await projectBackups.all()) {
    const label = managed === null ? ((await control?.label()) ?? null) : managed.label;
    found.push({
      ...{ name, environment: planned.environment, driver: planned.driver, label, watched: planned.watch === true },
      ...(await read(async () =>
        managed === null ? ((await control?.repository())?.snapshots ?? []) : managed.snapshots(),
      )),
      owed: owedOf(name),
      drills: await drillsOf(label),
    });
  }
  return found;
}

/** Whatever makes or restores the backups of a name. Throws `not_found`. */
export async function backupsNamed(
  name: string,
  { backups, projectBackups }: Pick<BackupOverviewParts, "backups" | "projectBackups">,
): Promise<{ take(): Promise<BackupSnapshot | null>; drill(choose: "latest" | "random"): Promise<DrillRecord> }> {
  if (name === ownBackups) return backups;
  const all = await projectBackups.all();
  const found = all.get(name);
  if (found === undefined)
    throw new FairwayError("not_found", `there are no backups of ${JSON.stringify(name)}`, {
      hint: `there are those of ${[ownBackups, ...all.keys()].join(", ")}`,
    });
  if (found.managed === null) return found.control;
  const { managed } = found;
  return {
    async take() {
      await managed.take();
      return null;
    },
    drill: () =>
      Promise.reject(
        new FairwayError("not_allowed_now", `${name} is restored by its cloud, and not here`, {
          hint: "its restore testing plan shows drill/" + name,
        }),
      ),
  };
}

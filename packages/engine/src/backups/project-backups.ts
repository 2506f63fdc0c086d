import { rm } from "node:fs/promises";
import { join } from "node:path";
import type {
  CronClock,
  ManagedBackups,
  PlannedAwsBackup,
  PlannedBackup,
  Release,
  ReleaseId,
  SecretSource,
} from "@fairway/core";
import { FairwayError, interruptedDrill, messageOf } from "@fairway/core";
import type { DutyControl } from "../duties/duty-control.ts";
import type { Alert } from "../store/alerts.ts";
import { listAlerts, settleAlerts } from "../store/alerts.ts";
import { keepDrill, listDrills } from "../store/drills.ts";
import type { Store } from "../store/store.ts";
import type { BackupControl } from "./backup-control.ts";
import { backupControl } from "./backup-control.ts";
import { baseBackupsBegin } from "./base-backups.ts";
import { probeDeletion } from "./delete-probe.ts";
import type { ManagedControl } from "./managed-control.ts";
import { managedControl } from "./managed-control.ts";
import type { OpenedBackup } from "./open-planned.ts";
import { openPlanned } from "./open-planned.ts";
import type { ReleaseArchive } from "./release-archive.ts";
import { filesOf, releaseArchive, tagOf } from "./release-archive.ts";
import { keyOf, watchServer } from "./server-monitor.ts";
import { isTurn } from "./turn.ts";

/** A backup of a project's own that is looked after. */
export type ProjectBackup = { readonly planned: PlannedBackup } & (
  | { readonly control: BackupControl; readonly managed: null }
  | { readonly control: null; readonly managed: ManagedControl }
);

/** Backups of a project's own databases and files, as `ops/backups.yaml` of the commit in force asks for them. */
export interface ProjectBackups {
  /** All that are asked for now, by their names. */
  all(): Promise<ReadonlyMap<string, ProjectBackup>>;
  /** Of those the ones that Fairway itself restores, by their names. */
  controls(): Promise<ReadonlyMap<string, BackupControl>>;
  /**
   * Puts on record what the repositories have, and begins what is due. What goes wrong with one keeps no other from it. May be
   * repeated.
   */
  lookAfter(): Promise<void>;
  /** Looks at the servers themselves, and tells once of what begins and of what is over. May be repeated. */
  watch(): Promise<void>;
  /** Waits for what goes on. */
  settled(): Promise<void>;
}

/** What they are looked after with. */
export interface ProjectBackupsParts {
  readonly store: Store;
  readonly duties: DutyControl;
  readonly secrets: SecretSource;
  readonly clock: CronClock;
  readonly now: () => number;
  /** Where drills have their directories. */
  readonly places: string;
  /** The store of artifacts. */
  readonly artifacts: string;
  readonly releaseOf: (id: ReleaseId) => Promise<Release>;
  /** What an environment runs; null where that is nothing. */
  readonly current: (environment: string) => Promise<Release | null>;
  /** Opens AWS Backup; null where no plugin does. */
  readonly openManaged:
    | ((
        planned: PlannedAwsBackup,
        secret: (name: string) => Promise<string>,
      ) => ManagedBackups | Promise<ManagedBackups>)
    | null;
  readonly closing: AbortSignal;
  readonly tell: (message: string) => void;
}

interface Open {
  readonly key: string;
  readonly backup: ProjectBackup;
  readonly opened: OpenedBackup | null;
  /** Where files of releases are archived by it; it remembers what it has looked at. */
  readonly releases: ReleaseArchive | null;
}

const day = 86_400_000;

export function projectBackups(parts: ProjectBackupsParts): ProjectBackups {
  const { store, duties, places, closing, tell, now } = parts;
  const open = new Map<string, Open>();

  async function secretsOf(
    { environment, name: backup }: PlannedBackup,
    names: readonly string[],
  ): Promise<Readonly<Record<string, string>>> {
    if (names.length === 0) return {};
    const found = await parts.secrets.lookUp(environment, names);
    const missing = names.find((name) => found[name] === undefined);
    if (missing === undefined) return found;
    throw new FairwayError(
      "secret_missing",
      `the backup ${backup} needs the secret ${missing}, which ${environment} has not`,
      { hint: `set it: fairway secrets set ${missing} --env ${environment}` },
    );
  }

  /** The archive of an environment's files, where one is asked for. */
  const archiveOf = (environment: string): OpenedBackup["archive"] =>
    [...open.values()].find(
      ({ backup, opened }) => backup.planned.environment === environment && opened?.archive !== undefined,
    )?.opened?.archive;

  async function opening(planned: PlannedBackup, key: string): Promise<Open> {
    const { name, environment } = planned;
    const watched = planned.watch === true;
    if (planned.driver === "aws-backup") {
      if (parts.openManaged === null)
        throw new FairwayError("not_allowed_now", `the backup ${name} is of AWS, which this daemon has no plugin for`);
      const secret = async (of: string): Promise<string> => (await secretsOf(planned, [of]))[of] ?? "";
      const backups = await parts.openManaged(planned, secret);
      const copyWithin = planned.copy?.within ?? null;
      const managed = managedControl({ ...parts, name, backups, watched, copyWithin });
      return { key, backup: { planned, control: null, managed }, opened: null, releases: null };
    }
    const opened = openPlanned(planned, {
      ...parts,
      secrets: (names) => secretsOf(planned, names),
      archiveSource: async () => {
        const release = await parts.current(environment);
        if (release === null) throw new FairwayError("not_allowed_now", `nothing was deployed to ${environment} yet`);
        return filesOf(release, parts.artifacts);
      },
      ...(archiveOf(environment) === undefined
        ? {}
        : {
            archived: async (release: Release, into: string) => {
              const archive = archiveOf(environment);
              const found = (await archive?.tagged(tagOf(release.id)))?.at(-1);
              if (archive === undefined || found === undefined)
                throw new FairwayError("not_found", `the files of ${release.id} are not archived`);
              return (await archive.restore(found.id, into)).path;
            },
          }),
    });
    const isOfReleases = opened.archive !== undefined;
    const control = backupControl({
      ...parts,
      tell: (message) => tell(`${name}: ${message}`),
      shows: {
        // What is owed for each release is shown for each of them.
        backup: isOfReleases ? "" : `backup/${name}`,
        drill: `drill/${name}`,
        ...(planned.driver === "pgbackrest" && planned.full !== null ? { full: `backup/${name}:full` } : {}),
      },
      claims: (label) => label === opened.repository.label,
      own: {
        ...{ ...opened, places, watched: watched || isOfReleases },
        // As old as the last deployment, whenever that was.
        ...(isOfReleases ? { newestWithin: Number.MAX_SAFE_INTEGER } : {}),
      },
    });
    const { archive } = opened;
    const releases =
      archive === undefined || planned.driver !== "restic" || planned.within === null
        ? null
        : releaseArchive({
            ...{ ...parts, repository: archive, duty: `backup/${name}`, environment, within: planned.within },
            watched,
          });
    return { key, backup: { planned, control, managed: null }, opened, releases };
  }

  /** Archives first: what is started on a copy may come from one. */
  const archivesFirst = (one: PlannedBackup, other: PlannedBackup): number =>
    Number(other.driver === "restic") - Number(one.driver === "restic");

  async function look(): Promise<ReadonlyMap<string, ProjectBackup>> {
    const wanted = (await duties.inForce()).plan.backups ?? [];
    // What it has begun would otherwise pass for something that nobody carries on; whoever asks meanwhile does not wait for it.
    const isAtWork = (name: string): boolean => open.get(name)?.backup.control?.busy() === true;
    for (const name of open.keys()) if (!isAtWork(name) && !wanted.some((one) => one.name === name)) open.delete(name);
    for (const one of wanted.toSorted(archivesFirst)) {
      // What is started on a copy comes from the archive as soon as there is one.
      const key = JSON.stringify([one, one.driver !== "restic" && archiveOf(one.environment) !== undefined]);
      if (open.get(one.name)?.key === key || isAtWork(one.name)) continue;
      try {
        open.set(one.name, await opening(one, key));
      } catch (thrown) {
        open.delete(one.name);
        tell(`could not open the backup ${one.name}: ${messageOf(thrown)}`);
      }
    }
    return new Map(
      wanted.flatMap(({ name }) => {
        const known = open.get(name);
        return known === undefined ? [] : [[name, known.backup]];
      }),
    );
  }

  let looking: Promise<unknown> = Promise.resolve();
  /** One after the other: two that open the same one at once would each take it for their own. */
  const all = (): Promise<ReadonlyMap<string, ProjectBackup>> => {
    const found = looking.then(look);
    looking = found.catch(() => undefined);
    return found;
  };

  /** Drills of a repository that nobody asks for any more are carried on by nobody. */
  async function endUnclaimed(): Promise<void> {
    const labels = await Promise.all([...open.values()].map(async ({ backup }) => backup.control?.label()));
    for (const { number, repository, report } of await listDrills(store, { limit: 100, open: true })) {
      if (labels.includes(repository) || repository.startsWith(baseBackupsBegin)) continue;
      await rm(join(places, `drill-${number}`), { recursive: true, force: true });
      await keepDrill(store, number, interruptedDrill(report, new Date(now()).toISOString()), true);
    }
  }

  /** What was wrong with a server that nobody looks at any more goes on no longer, as far as anybody knows. */
  async function endUnwatched(): Promise<void> {
    const watched = ((await duties.inForce()).plan.backups ?? []).map(({ name }) => name);
    for (const { key, resolvedAt } of await listAlerts(store, 500)) {
      const name = /^backup\/([^/]+)\//u.exec(key)?.[1];
      if (resolvedAt === null && name !== undefined && !watched.includes(name))
        await settleAlerts(store, keyOf(name), []);
    }
  }

  async function probe(planned: PlannedBackup): Promise<void> {
    const duty = `delete-probe/${planned.name}`;
    const owed = (await duties.standings({})).find((one) => one.duty.id === duty);
    if (planned.deleteProbe === undefined || owed === undefined || !isTurn(owed, now(), day)) return;
    const { outcome, why } = await probeDeletion(planned.deleteProbe, closing);
    await duties.attest({
      ...{ duty, release: null, automation: "delete probe", note: why },
      // What was not tried shows nothing, and is said so that somebody looks.
      outcome: outcome === "refused" ? "passed" : outcome === "done" ? "failed" : "partial",
    });
  }

  /** Puts the files of releases where they are archived, and says which are late. */
  async function archive({ name, environment }: PlannedBackup): Promise<void> {
    const late = await open.get(name)?.releases?.lookAfter();
    if (late === undefined) return;
    await settleAlerts(
      store,
      `${keyOf(name)}late/`,
      late.map(({ release, why }): Alert => ({
        ...{ key: `${keyOf(name)}late/${release}`, level: "error", environment, note: why },
        title: `${name}: the files of ${release} are not archived`,
      })),
    );
  }

  return {
    all,
    controls: async () =>
      new Map([...(await all())].flatMap(([name, { control }]) => (control === null ? [] : [[name, control]]))),
    async lookAfter() {
      const found = await all();
      await endUnclaimed();
      for (const [name, backup] of found) {
        if (closing.aborted) return;
        const say = (thrown: unknown): void => tell(`could not back ${name} up: ${messageOf(thrown)}`);
        await (backup.control ?? backup.managed).lookAfter().catch(say);
        await archive(backup.planned).catch(say);
        await probe(backup.planned).catch(say);
      }
    },
    async watch() {
      await endUnwatched();
      for (const [name, { planned }] of await all()) {
        const { monitor, environment } = planned;
        if (closing.aborted) return;
        const found =
          monitor === undefined
            ? []
            : await watchServer(
                { name, environment },
                monitor,
                async () => (await secretsOf(planned, [monitor.database]))[monitor.database] ?? "",
                now(),
              );
        // Each kind by itself: whoever looks at archives settles those of archives.
        for (const kind of ["archive", "standbys", "lag", "slots", "asked"]) {
          const key = `${keyOf(name)}${kind}`;
          const isUnknown = kind !== "asked" && found.some((one) => one.key === `${keyOf(name)}asked`);
          // Nobody could look, so nothing of it is over.
          if (!isUnknown)
            await settleAlerts(
              store,
              key,
              found.filter((one) => one.key === key),
            );
        }
      }
    },
    async settled() {
      for (const { backup } of open.values()) await backup.control?.settled();
    },
  };
}

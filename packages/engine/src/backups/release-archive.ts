import type { BackupSnapshot, Millis, Release, ReleaseId } from "@fairway/core";
import { FairwayError, messageOf } from "@fairway/core";
import type { DutyControl } from "../duties/duty-control.ts";
import { listDeployments } from "../store/deployments.ts";
import type { Store } from "../store/store.ts";
import type { ResticBackups, ResticSource } from "./restic-backups.ts";

/** What files of releases are archived with. */
export interface ReleaseArchiveParts {
  readonly store: Store;
  readonly duties: DutyControl;
  readonly releaseOf: (id: ReleaseId) => Promise<Release>;
  readonly repository: ResticBackups;
  /** What it shows, for each release. */
  readonly duty: string;
  readonly environment: string;
  /** The store of artifacts. */
  readonly artifacts: string;
  readonly watched: boolean;
  /** How long after a deployment its files may be on their way. */
  readonly within: Millis;
  readonly now: () => number;
  /** Ends what goes on: what it cut short shows nothing. */
  readonly closing: AbortSignal;
}

/** A release whose files should be there by now, and are not. */
export interface LateArchive {
  readonly release: ReleaseId;
  readonly why: string;
}

const newestDeployments = 20;
/** Whoever finds nothing to do asks the repository this often whether all of it is still there. */
const lookAgain: Millis = 3_600_000;

/** The files of a release, as its archive names them; what is an image lies in a registry. */
export const filesOf = (release: Release, artifacts: string): ResticSource => ({
  directory: artifacts,
  paths: [
    ...new Set(
      release.parts.filter(({ image }) => image === undefined).map(({ artifact }) => artifact.replace(":", "/")),
    ),
  ],
  tags: [tagOf(release.id)],
});

export const tagOf = (release: ReleaseId): string => `release=${release}`;

/** Keeps the files of releases, and remembers which of them it has looked at. */
export interface ReleaseArchive {
  /** Archives what was deployed and is not there, and answers with what is late. May be repeated. */
  lookAfter(): Promise<readonly LateArchive[]>;
}

/**
 * Backs up the files of each release that was deployed to an environment, after each deployment. That they are there is read
 * from the repository, by the release's tag; a daemon that was away catches up.
 */
export function releaseArchive(parts: ReleaseArchiveParts): ReleaseArchive {
  const { store, duties, repository, duty, environment, now } = parts;
  const lookedAt = new Map<ReleaseId, number>();

  /** The newest backup of a release that holds every one of its artifacts; null where none does. */
  async function wholeOf(id: ReleaseId, paths: readonly string[]): Promise<BackupSnapshot | null> {
    const newest = (await repository.tagged(tagOf(id))).at(-1);
    if (newest === undefined) return null;
    const there = new Set(await repository.pathsIn(newest.id, "sha256"));
    return paths.every((path) => there.has(path)) ? newest : null;
  }

  async function archived(id: ReleaseId, source: ResticSource): Promise<BackupSnapshot> {
    const there = await wholeOf(id, source.paths);
    if (there !== null) return there;
    if (!parts.watched) await repository.takeOf(source);
    // Read from the repository once more: what was told while it was made is no evidence.
    const made = parts.watched ? null : await wholeOf(id, source.paths);
    if (made !== null) return made;
    throw new FairwayError("not_found", `not all of its ${source.paths.length} artifacts are in ${repository.label}`);
  }

  async function archive(id: ReleaseId): Promise<void> {
    const [newest] = await duties.evidence({ duty, release: id, limit: 1 });
    const isShown = newest?.outcome === "passed";
    if (isShown && now() - (lookedAt.get(id) ?? 0) < lookAgain) return;
    const shown = { duty, release: id, automation: repository.label } as const;
    try {
      const source = filesOf(await parts.releaseOf(id), parts.artifacts);
      if (source.paths.length === 0) {
        if (!isShown)
          await duties.attest({ ...shown, outcome: "passed", note: "all of it is images, kept by their registry" });
      } else {
        const found = await archived(id, source);
        if (newest?.facts["backup"] !== found.id || !isShown)
          await duties.attest({
            ...{ ...shown, outcome: "passed" },
            // What was wrong since it was made is over.
            observedAt: newest?.outcome === "failed" ? new Date(now()).toISOString() : found.endedAt,
            note: `${source.paths.length} artifacts in ${found.id.slice(0, 8)}, read from the repository`,
            facts: { backup: found.id, bytes: found.bytes, artifacts: source.paths.length, encrypted: found.encrypted },
          });
      }
      lookedAt.set(id, now());
    } catch (thrown) {
      if (parts.closing.aborted) return;
      const note = messageOf(thrown);
      if (newest?.outcome !== "failed" || newest.note !== note)
        await duties.attest({ ...shown, outcome: "failed", note });
    }
  }

  return {
    async lookAfter() {
      const { plan } = await duties.inForce();
      if (!plan.duties.some(({ id }) => id === duty)) return [];
      const deployed = (await listDeployments(store, { environment, ended: true, limit: newestDeployments })).filter(
        ({ outcome, endedAt }) => outcome === "deployed" && endedAt !== null,
      );
      const late: LateArchive[] = [];
      for (const id of new Set(deployed.map(({ release }) => release))) {
        await archive(id);
        const [newest] = await duties.evidence({ duty, release: id, limit: 1 });
        const ended = Math.min(
          ...deployed.filter(({ release }) => release === id).map(({ endedAt }) => Date.parse(endedAt ?? "")),
        );
        if (newest?.outcome !== "passed" && now() - ended > parts.within)
          late.push({ release: id, why: newest?.note ?? "nobody has looked yet" });
      }
      return late;
    },
  };
}

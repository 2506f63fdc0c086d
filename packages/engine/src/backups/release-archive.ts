import type { Millis, Release, ReleaseId } from "@fairway/core";
import { messageOf } from "@fairway/core";
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

/**
 * Backs up the files of each release that was deployed to an environment, after each deployment. That they are there is read from the repository,
 * by the release's tag; a daemon that was away catches up.
 */
export function releaseArchive(parts: ReleaseArchiveParts): { lookAfter(): Promise<readonly LateArchive[]> } {
  const { store, duties, repository, duty, environment, now } = parts;
  const lookedAt = new Map<ReleaseId, number>();

  async function archive(id: ReleaseId): Promise<void> {
    const [newest] = await duties.evidence({ duty, release: id, limit: 1 });
    const isShown = newest?.outcome === "passed";
    if (isShown && now() - (lookedAt.get(id) ?? 0) < lookAgain) return;
    const automation = repository.label;
    try {
      const there = await repository.tagged(tagOf(id));
      const release = await parts.releaseOf(id);
      const source = filesOf(release, parts.artifacts);
      const found =
        there.at(-1) ?? (parts.watched || source.paths.length === 0 ? null : await repository.takeOf(source));
      lookedAt.set(id, now());
      if (source.paths.length === 0) {
        if (!isShown)
          await duties.attest({
            duty,
            release: id,
            outcome: "passed",
            automation,
            note: "all of it is images, kept by their registry",
          });
        return;
      }
      if (found === null) throw new Error(`its files are not in ${repository.label}`);
      if (newest?.facts["backup"] !== found.id || !isShown)
        await duties.attest({
          ...{ duty, release: id, outcome: "passed", automation, observedAt: found.endedAt },
          note: `${source.paths.length} artifacts in ${found.id.slice(0, 8)}, read from the repository`,
          facts: { backup: found.id, bytes: found.bytes, artifacts: source.paths.length, encrypted: found.encrypted },
        });
    } catch (thrown) {
      const note = messageOf(thrown);
      if (newest?.outcome !== "failed" || newest.note !== note)
        await duties.attest({ duty, release: id, outcome: "failed", automation, note });
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

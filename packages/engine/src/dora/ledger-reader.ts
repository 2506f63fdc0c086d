import type { Change, LedgerDeployment, ReleaseId, Repository, Sha } from "@fairway/core";
import { codeOf, inParallel } from "@fairway/core";
import type { EndedDeployment, ReleaseParts } from "../store/ledger.ts";
import { endedSince, partsOfReleases } from "../store/ledger.ts";
import type { Sql } from "../store/store.ts";

/** Reads the ledger as the figures of software delivery want it. What never changes is remembered between two looks. */
export interface LedgerReader {
  /** The deployments that have ended since a moment. */
  since(moment: Date): Promise<readonly LedgerDeployment[]>;
}

/** So many ranges of commits are looked for at one look, the newest; of the rest only the last commit is counted. */
const mostRanges = 400;
/** A range that is longer is counted by its newest. */
const mostCommits = 1_000;
const page = 100;

export function openLedgerReader(sql: Sql, repository: Pick<Repository, "commits">): LedgerReader {
  const releases = new Map<ReleaseId, ReleaseParts>();
  const ranges = new Map<string, readonly Change[]>();

  async function know(ended: readonly EndedDeployment[]): Promise<void> {
    const named = ended.flatMap(({ release, from }) => [release, ...(from === null ? [] : [from])]);
    const missing = [...new Set(named)].filter((id) => !releases.has(id));
    for (let at = 0; at < missing.length; at += page)
      for (const parts of await partsOfReleases(sql, missing.slice(at, at + page))) releases.set(parts.id, parts);
  }

  /** The commits of a range; only the last where git has lost the first, or there is none. */
  async function look(from: Sha, tip: ReleaseParts): Promise<void> {
    const key = `${from}..${tip.revision.sha}`;
    if (ranges.has(key)) return;
    try {
      const found = await repository.commits({ from, to: tip.revision.sha, paths: [], limit: mostCommits });
      ranges.set(
        key,
        found.map(({ sha, committedAt }) => ({ sha, at: Date.parse(committedAt) })),
      );
    } catch (thrown) {
      if (codeOf(thrown) !== "revision_not_found") throw thrown;
      ranges.set(key, [tipOf(tip)]);
    }
  }

  return {
    async since(moment) {
      const ended = await endedSince(sql, moment);
      await know(ended);
      const brought = ended.filter(({ outcome, reason }) => outcome === "deployed" && reason !== "rollback");
      await inParallel(brought.slice(-mostRanges), async ({ release, from }) => {
        const [tip, before] = [releases.get(release), from === null ? undefined : releases.get(from)];
        if (tip !== undefined && before !== undefined) await look(before.revision.sha, tip);
      });
      return ended.map((one) => ledgerDeployment(one, releases, ranges));
    },
  };
}

function ledgerDeployment(
  { only, beganAt, endedAt, ...one }: EndedDeployment,
  releases: ReadonlyMap<ReleaseId, ReleaseParts>,
  ranges: ReadonlyMap<string, readonly Change[]>,
): LedgerDeployment {
  const tip = releases.get(one.release);
  const before = one.from === null ? undefined : releases.get(one.from);
  const known = before && tip && ranges.get(`${before.revision.sha}..${tip.revision.sha}`);
  return {
    ...one,
    beganAt: beganAt.getTime(),
    endedAt: endedAt.getTime(),
    services: (only ?? servicesChanged(tip, before)).toSorted(),
    changes: known ?? (tip === undefined ? [] : [tipOf(tip)]),
  };
}

const tipOf = ({ revision: { sha, committedAt } }: ReleaseParts): Change => ({ sha, at: Date.parse(committedAt) });

function servicesChanged(tip: ReleaseParts | undefined, before: ReleaseParts | undefined): string[] {
  const names = new Set([...(tip?.artifacts.keys() ?? []), ...(before?.artifacts.keys() ?? [])]);
  return [...names].filter((name) => tip?.artifacts.get(name) !== before?.artifacts.get(name));
}

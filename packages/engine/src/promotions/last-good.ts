import { stat } from "node:fs/promises";
import type { Release, ReleaseId } from "@fairway/core";
import { artifactDirectory } from "../artifacts/store-artifact.ts";
import type { DataDirectory } from "../data-directory.ts";
import type { StandingRelease } from "../store/standing-releases.ts";

/** Where an environment would go back to, and why not to what lies between. */
export interface LastGood {
  /** Null when there is nothing to go back to. */
  readonly release: ReleaseId | null;
  /** Releases that stand before it and cannot be had, a sentence for each. */
  readonly passedOver: readonly string[];
}

/** What is looked at; the present release comes first and is looked at only when it may be brought back itself. */
export interface LastGoodParts {
  readonly standing: readonly StandingRelease[];
  /** Something is being brought to the environment now, so that what stands is what to go back to. */
  readonly alsoPresent: boolean;
  /** Services of a release whose files are gone. */
  readonly missing: (release: ReleaseId) => Promise<readonly string[]>;
}

/** The last release that was verified in an environment, is not in quarantine and can still be had. */
export async function lastGood({ standing, alsoPresent, missing }: LastGoodParts): Promise<LastGood> {
  const [present] = standing;
  const passedOver: string[] = [];
  for (const { release, digest, quarantined } of alsoPresent ? standing : standing.slice(1)) {
    // Another name for what runs is no way back from it.
    if (!alsoPresent && digest === present?.digest) continue;
    const gone = quarantined === null ? await missing(release) : [];
    if (quarantined !== null) passedOver.push(`${release} is in quarantine: ${quarantined}`);
    else if (gone.length > 0) passedOver.push(goneSentence(release, gone));
    else return { release, passedOver };
  }
  return { release: null, passedOver };
}

/** Why a release cannot be brought back. */
export const goneSentence = (release: ReleaseId, services: readonly string[]): string =>
  `the files of ${release} are no longer kept: ${services.join(", ")}`;

/** Services of a release whose files are no longer there. An image is asked for when it is started, wherever it is kept. */
export async function missingFiles({ artifacts }: DataDirectory, { parts }: Release): Promise<readonly string[]> {
  const found = await Promise.all(
    parts
      .filter(({ image }) => image === undefined)
      .map(async ({ service, artifact }) =>
        stat(artifactDirectory(artifact, artifacts)).then(
          () => [],
          () => [service],
        ),
      ),
  );
  return found.flat();
}

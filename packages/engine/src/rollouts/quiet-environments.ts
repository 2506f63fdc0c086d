import type { Release, ReleaseId } from "@fairway/core";
import { leftBy, mixedBy } from "../store/deployed-steps.ts";
import type { QuietPlace } from "../store/open-work.ts";
import type { Quiet } from "./keeper.ts";

/**
 * The environments that nobody is changing, with the releases that they run. Asked every second, so releases are not read anew.
 */
export const quietEnvironments = (
  places: readonly QuietPlace[],
  releaseOf: (id: ReleaseId) => Promise<Release>,
): Promise<readonly Quiet[]> =>
  Promise.all(
    places.flatMap(({ environment, fence, deployed }) => {
      const [own] = deployed;
      return own === undefined ? [] : [quietOf({ environment, fence, deployed }, own.release, releaseOf)];
    }),
  );

async function quietOf(
  { environment, fence, deployed }: QuietPlace,
  own: ReleaseId,
  releaseOf: (id: ReleaseId) => Promise<Release>,
): Promise<Quiet> {
  const mixed = await Promise.all(
    [...mixedBy(deployed)].map(async ([service, id]) => [service, await releaseOf(id)] as const),
  );
  return { environment, fence, release: await releaseOf(own), mixed: new Map(mixed), left: leftBy(deployed.at(-1)) };
}

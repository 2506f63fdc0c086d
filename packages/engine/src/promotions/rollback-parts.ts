import { setTimeout as wait } from "node:timers/promises";
import type { Millis, Release, RollbackVerdict } from "@fairway/core";
import { codeOf, messageOf } from "@fairway/core";
import { foreseen } from "../rollouts/foreseen.ts";
import type { PlaceParts } from "../rollouts/place-of.ts";
import { placeOf } from "../rollouts/place-of.ts";
import type { Engine } from "../runs/engine.ts";
import { secretsOfCurrent } from "../store/deployment-secrets.ts";
import { currentRelease, mixedReleases, verifiedIn, wasVerifiedIn } from "../store/deployments.ts";
import { appliedSince } from "../store/infrastructure-plans.ts";
import { openDeployments } from "../store/open-deployments.ts";
import { condemnStopped, quarantineOf } from "../store/quarantine.ts";
import { revokedVerifications } from "../store/revoked-verifications.ts";
import { rolloutTimes } from "../store/rollout-times.ts";
import { standingReleases } from "../store/standing-releases.ts";
import type { Store } from "../store/store.ts";
import type { RollbackParts } from "./roll-back.ts";

/** A place that does not answer by then is not waited for: a plan is wanted now. */
const patience: Millis = 5_000;

/** What a way back needs, of this database and this machine. */
export const rollbackParts = (
  store: Store,
  engine: Pick<Engine, "cancel">,
  places: PlaceParts,
  verdict: RollbackVerdict,
): Pick<RollbackParts, "deployments" | "foreseen" | "readyOf" | "verdict" | "cancel" | "condemn"> => ({
  deployments: {
    current: (environment) => currentRelease(store, environment),
    mixed: (environment) => mixedReleases(store, environment),
    verifiedIn: (release) => verifiedIn(store, release),
    lostIn: (release) => revokedVerifications(store, { release }),
    wasVerifiedIn: (release) => wasVerifiedIn(store, release),
    quarantine: (digest) => quarantineOf(store, digest),
    secretsOf: (environment) => secretsOfCurrent(store, environment),
    standing: (environment) => standingReleases(store, environment),
    open: (environment) => openDeployments(store, environment),
    times: (environment) => rolloutTimes(store, environment),
    appliedSince: (environment, release) => appliedSince(store, environment, release),
  },
  foreseen: foreseen({
    ...places,
    patience,
    isMoving: async (environment) => (await openDeployments(store, environment)).some(({ moves }) => moves),
  }),
  readyOf: (release, environment, service) => readyOf(places, release, environment, service),
  verdict,
  cancel: async (run, by) => {
    await engine.cancel(run, { by }).catch((thrown: unknown) => {
      // It has ended meanwhile, or somebody else stops it.
      if (codeOf(thrown) !== "not_allowed_now") throw thrown;
    });
  },
  condemn: ({ run, release }, { by, because }) => condemnStopped(store, { run, release, by, reason: because }),
});

async function readyOf(
  places: PlaceParts,
  release: Release,
  environment: string,
  service: string,
): Promise<number | { readonly unknown: string }> {
  const settled = new AbortController();
  try {
    const groups = places.places.targetOf(placeOf(places, release, environment, service)).observe();
    const late = wait(patience, "late" as const, { signal: settled.signal });
    const found = await Promise.race([groups, late]);
    return found === "late" ? { unknown: "no answer" } : (found.get(release.id)?.ready ?? 0);
  } catch (thrown) {
    return { unknown: messageOf(thrown) };
  } finally {
    settled.abort();
  }
}

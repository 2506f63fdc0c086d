import { setTimeout as wait } from "node:timers/promises";
import type {
  Digest,
  ImageBuilder,
  LostVerification,
  Millis,
  Quarantine,
  Release,
  ReleaseId,
  RollbackVerdict,
  RunId,
} from "@fairway/core";
import { codeOf, messageOf } from "@fairway/core";
import type { contractPlanFacts } from "../contracts/contract-plan-facts.ts";
import type { DataDirectory } from "../data-directory.ts";
import type { MigrationReader } from "../migrations/migration-reader.ts";
import type { Foreseen, ForeseenPlan } from "../rollouts/foreseen.ts";
import { foreseen } from "../rollouts/foreseen.ts";
import type { PlaceParts } from "../rollouts/place-of.ts";
import { placeOf } from "../rollouts/place-of.ts";
import type { Engine } from "../runs/engine.ts";
import type { RunPlan } from "../runs/stage.ts";
import { secretsOfCurrent } from "../store/deployment-secrets.ts";
import { currentRelease, mixedReleases, verifiedIn, wasVerifiedIn } from "../store/deployments.ts";
import type { KeptPlan } from "../store/infrastructure-plans.ts";
import { appliedSince } from "../store/infrastructure-plans.ts";
import type { OpenDeployment } from "../store/open-deployments.ts";
import { openDeployments } from "../store/open-deployments.ts";
import { condemnStopped, quarantineOf } from "../store/quarantine.ts";
import { revokedVerifications } from "../store/revoked-verifications.ts";
import type { RolloutTime } from "../store/rollout-times.ts";
import { rolloutTimes } from "../store/rollout-times.ts";
import type { StandingRelease } from "../store/standing-releases.ts";
import { standingReleases } from "../store/standing-releases.ts";
import type { Store } from "../store/store.ts";

/** What a way back asks of the rest of the engine. */
export interface RollbackParts {
  /** What a release would do to the smart contracts of an environment. */
  readonly contracts?: (release: Release, environment: string) => ReturnType<typeof contractPlanFacts>;
  readonly data: DataDirectory;
  readonly releaseOf: (id: ReleaseId) => Promise<Release>;
  readonly deployments: {
    current(environment: string): Promise<Release | null>;
    mixed(environment: string): Promise<ReadonlyMap<string, Release>>;
    verifiedIn(release: ReleaseId): Promise<readonly string[]>;
    wasVerifiedIn(release: ReleaseId): Promise<readonly string[]>;
    /** Where it was verified and is not any more, and why. */
    lostIn?(release: ReleaseId): Promise<readonly LostVerification[]>;
    quarantine(digest: Digest): Promise<Quarantine | null>;
    /** The versions of secrets that what an environment runs was started with. */
    secretsOf?(environment: string): Promise<Readonly<Record<string, string>>>;
    standing(environment: string): Promise<readonly StandingRelease[]>;
    /** Deployments to an environment that have not ended, the oldest first. */
    open(environment: string): Promise<readonly OpenDeployment[]>;
    times(environment: string): Promise<readonly RolloutTime[]>;
    /** What was done to the infrastructure of an environment since a release was last brought there. */
    appliedSince(environment: string, release: ReleaseId): Promise<readonly KeptPlan[]>;
  };
  /** Has the images that this machine built; undefined without an engine. */
  readonly images?: ImageBuilder | undefined;
  /** What the places of its services would refuse; nobody is asked when left out. */
  readonly foreseen?: ((plan: ForeseenPlan, release: Release) => Promise<Foreseen>) | undefined;
  /** How many replicas of a release are ready in an environment, whether they have traffic or not. */
  readonly readyOf: (
    release: Release,
    environment: string,
    service: string,
  ) => Promise<number | { readonly unknown: string }>;
  /** What becomes of parts that are no services, and no databases. */
  readonly verdict: RollbackVerdict;
  readonly migrations: MigrationReader;
  readonly startRun: (plan: RunPlan) => Promise<RunId>;
  readonly cancel: (run: RunId, by: string) => Promise<void>;
  /** Puts into quarantine what is being deployed and is stopped for a rollback. */
  readonly condemn: (stopped: OpenDeployment, word: { readonly by: string; readonly because: string }) => Promise<void>;
}

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

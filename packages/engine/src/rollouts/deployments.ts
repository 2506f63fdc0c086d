import type {
  DeploymentOutcome,
  DeploymentPlan,
  Digest,
  LostVerification,
  Quarantine,
  Release,
  ReleaseId,
  RunId,
} from "@fairway/core";
import type { KeptEvidence } from "../store/evidence.ts";

/** What is known of a deployment's outcome while its run goes on; how it truly ended is written down with the run's end. */
export type RecordedOutcome = Extract<DeploymentOutcome, "deployed" | "rolled-back">;

/** The record of what ran where. Every write may be repeated with the same run. */
export interface Deployments {
  /** The release that an environment runs, as the last deployment there that was carried through left it. */
  current(environment: string): Promise<Release | null>;
  /** The deployment that brought what an environment runs. */
  currentRun?(environment: string): Promise<RunId | null>;
  /** The release of each service that does not run the environment's own, after rollbacks of single services. */
  mixed(environment: string): Promise<ReadonlyMap<string, Release>>;
  /** The versions of secrets that what an environment runs was started with; none while that is not known. */
  secretsOf?(environment: string): Promise<Readonly<Record<string, string>>>;
  /** The versions of secrets that the services of a release are given there; none while that is not known. */
  secretsGiven?(environment: string, release: ReleaseId): Promise<Readonly<Record<string, string>>>;
  /** What keeps a digest from being deployed; null when nothing does. */
  quarantine(digest: Digest): Promise<Quarantine | null>;
  /** Environments in which this release was deployed and verified. */
  verifiedIn(release: ReleaseId): Promise<readonly string[]>;
  /** Where it was verified and is not any more, and why. */
  lostIn?(release: ReleaseId): Promise<readonly LostVerification[]>;
  /** The same without asking whether it has lost that since: a way back goes there all the same. */
  wasVerifiedIn?(release: ReleaseId): Promise<readonly string[]>;
  /** Answers with what keeps the release from being deployed; then nothing has begun. */
  begin(run: RunId, plan: DeploymentPlan, digest: Digest, from: ReleaseId | null): Promise<Quarantine | null>;
  end(run: RunId, outcome: RecordedOutcome): Promise<void>;
  /** What failed replicas left. */
  keepEvidence(run: RunId, found: readonly KeptEvidence[]): Promise<void>;
}

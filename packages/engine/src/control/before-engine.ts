import { join } from "node:path";
import { cronClock } from "@fairway/config";
import type { Release, ReleaseId, SecretSource } from "@fairway/core";
import { contentFacts } from "../content/content-facts.ts";
import { builtInFacts } from "../duties/built-in-facts.ts";
import type { DutyControl, DutyControlParts } from "../duties/duty-control.ts";
import { dutyControl } from "../duties/duty-control.ts";
import { dutyFindings } from "../duties/duty-findings.ts";
import { whoGains } from "../duties/who-gains.ts";
import type { FlagControl } from "../flags/flag-control.ts";
import { flagVariables } from "../flags/flag-variables.ts";
import { flagSteps } from "../flags/step-flags.ts";
import type { ImageTidyParts } from "../images/tidy-images.ts";
import { stackOutputs } from "../infrastructure/stack-outputs.ts";
import type { MigrationReader } from "../migrations/migration-reader.ts";
import { migrationReader } from "../migrations/migration-reader.ts";
import { databaseUrlIn, openedPreviewDatabases } from "../previews/preview-database.ts";
import type { ControlPlane } from "../promotions/control-plane.ts";
import type { ReleaseVerification } from "../provenance/release-verification.ts";
import { releaseVerification } from "../provenance/release-verification.ts";
import type { SigningKey } from "../provenance/signing-key.ts";
import { signingKey } from "../provenance/signing-key.ts";
import type { PlaceParts } from "../rollouts/place-of.ts";
import type { Places } from "../rollouts/places.ts";
import type { Stage } from "../runs/stage.ts";
import type { Sealer } from "../sealing/sealer.ts";
import { openSealer } from "../sealing/sealer.ts";
import { secretControl } from "../secrets/secret-control.ts";
import { storedSecrets } from "../secrets/stored-secrets.ts";
import { rememberedReleases } from "../stages/remembered-releases.ts";
import { contractLedger } from "../store/contract-ledger.ts";
import { deploymentsIn } from "../store/deployments.ts";
import { documentOf } from "../store/documents.ts";
import { hostedLedger } from "../store/hosted-ledger.ts";
import { patientStore } from "../store/patient-store.ts";
import { releaseById } from "../store/releases.ts";
import type { Sql } from "../store/store.ts";
import { jobPlaceOf } from "../workflows/job-place.ts";
import type { ControlOptions } from "./control.ts";
import { everyStage } from "./every-stage.ts";

/**
 * What is opened before the engine, whose recovered attempts begin while it is opened: before there is a control plane or
 * anybody who knows flags.
 */
export interface BeforeEngine {
  /** Waits while the database is away. */
  readonly deployments: ReturnType<typeof deploymentsIn>;
  readonly releaseOf: (id: ReleaseId) => Promise<Release>;
  readonly places: Places;
  readonly previewDatabases: ReturnType<typeof openedPreviewDatabases>;
  readonly key: SigningKey;
  readonly patientSealer: Sealer;
  readonly secrets: SecretSource;
  readonly imageParts: Omit<ImageTidyParts, "store" | "project">;
  readonly verify: ReleaseVerification;
  readonly placeParts: PlaceParts;
  readonly migrationsIn: (sql: Sql) => MigrationReader;
  /** Refused while the database is away. */
  readonly duties: DutyControl;
  readonly stages: readonly Stage[];
  /** What waits for them goes on. */
  readonly tellPlane: (plane: ControlPlane) => void;
  readonly tellFlags: (flags: FlagControl) => void;
}

/** Opens what runs need, and the stages that they are made of. */
export async function openBeforeEngine(options: ControlOptions, closing: AbortSignal): Promise<BeforeEngine> {
  const { store, data, repository, stepsUser } = options;
  // What a run does waits while the database is away; what a person asks is refused then.
  const patient = patientStore(store, closing);
  const previewDatabases = openedPreviewDatabases(patient, options.previewDatabases ?? null);
  const places = { ...options.places, databaseUrl: databaseUrlIn(patient, options.places, previewDatabases) };
  const deployments = deploymentsIn(patient);
  const releaseOf = rememberedReleases((id) => releaseById(patient, id));
  // A place that the user cannot reach is told at the start, and not by every job.
  if (stepsUser !== undefined) await jobPlaceOf(data, stepsUser);
  const key = await signingKey(data.signing);
  const patientSealer = openSealer(patient, options.keyKeepers);
  const secrets = storedSecrets({
    sql: patient,
    sealer: patientSealer,
    outside: options.outsideSecrets,
    files: options.secrets,
    nameSecret: key.nameSecret,
  });
  const imageParts = { secrets, images: options.images, openRegistry: options.openRegistry };
  const verify = releaseVerification(patient, data, imageParts, options.keylessSigner);
  let tellFlags: (flags: FlagControl) => void = () => undefined;
  const flagsOpened = new Promise<FlagControl>((resolve) => (tellFlags = resolve));
  const stackParts = {
    data,
    secrets,
    repository,
    store: patient,
    sealer: patientSealer,
    nameSecret: key.nameSecret,
    now: Date.now,
  };
  const placeParts = {
    data,
    secrets,
    secretsGiven: deployments.secretsGiven,
    places,
    releaseOf,
    deployments,
    repository,
    flagVariables: flagVariables(flagsOpened, options.url),
    flagSteps: flagSteps(flagsOpened),
    stackOutputs: stackOutputs(stackParts),
    contractLedger: contractLedger(patient),
    hostedLedger: hostedLedger(patient),
  };
  let tellPlane: (plane: ControlPlane) => void = () => undefined;
  const planeOpened = new Promise<ControlPlane>((resolve) => (tellPlane = resolve));
  const migrationsIn = (sql: Sql): MigrationReader =>
    migrationReader({ secrets, places, documentOf: (digest) => documentOf(sql, digest) });
  const dutyParts = (sql: typeof store): DutyControlParts => ({
    ...{ store: sql, repository, clock: cronClock, scratch: join(data.root, "work"), now: Date.now },
    facts: builtInFacts({
      ...{ store: sql, releaseOf, current: deployments.current, now: Date.now },
      contentOf: contentFacts({ ...{ store: sql, repository, scratch: join(data.root, "work"), now: Date.now } }),
    }),
    found: dutyFindings({ store: sql, secrets, now: Date.now }),
    gaining: (release, environment) => whoGains(sql, repository, release, environment),
  });
  const duties = dutyControl(dutyParts(store));
  const stages = everyStage({
    duties: dutyControl(dutyParts(patient)),
    secretControl: secretControl({
      store: patient,
      sealer: patientSealer,
      keepers: options.keyKeepers,
      nameSecret: key.nameSecret,
    }),
    ...placeParts,
    migrations: migrationsIn(patient),
    options: { ...options, secrets },
    patient,
    deployments,
    key,
    verify,
    plane: planeOpened,
    closing,
    stackParts,
    previewDatabases,
  });
  return {
    deployments,
    duties,
    imageParts,
    key,
    migrationsIn,
    patientSealer,
    placeParts,
    places,
    previewDatabases,
    releaseOf,
    secrets,
    stages,
    tellFlags,
    tellPlane,
    verify,
  };
}

import { join } from "node:path";
import type { Digest, Project, Repository } from "@fairway/core";
import { verificationStage } from "../checks/verification-stage.ts";
import type { DutyControl } from "../duties/duty-control.ts";
import { throwawayShadowServer } from "../database/shadow-server.ts";
import { builtInFlags } from "../flags/flag-control.ts";
import { projectFlagSource } from "../flags/project-flag-source.ts";
import { recordFlags } from "../flags/record-flags.ts";
import { attachProofs } from "../images/attach-proofs.ts";
import { dutyStepStage } from "../duty-runs/duty-step-stage.ts";
import { noticesStage } from "../duty-runs/notices-stage.ts";
import { probeStage } from "../duty-runs/probe-stage.ts";
import { recordStage } from "../duty-runs/record-stage.ts";
import { redeployOf, rotationStage } from "../duty-runs/rotation-stage.ts";
import { openOutputScan } from "../scanning/output-scan.ts";
import { contentStage } from "../content/content-stage.ts";
import { operationsWriting } from "../content/operations-writing.ts";
import { scanStage } from "../scanning/scan-stage.ts";
import type { SecretControl } from "../secrets/secret-control.ts";
import { infrastructureStages } from "../infrastructure/infrastructure-stages.ts";
import type { StackParts } from "../infrastructure/stack-parts.ts";
import { bakeStage } from "../migrations/bake-stage.ts";
import { contractStage } from "../migrations/contract-stage.ts";
import { migrateStage } from "../migrations/migrate-stage.ts";
import type { MigrationReader } from "../migrations/migration-reader.ts";
import type { ControlPlane } from "../promotions/control-plane.ts";
import { quarantineOfMade } from "../promotions/quarantine-of-made.ts";
import type { ReleaseVerification } from "../provenance/release-verification.ts";
import { signKeyless } from "../provenance/sign-keyless.ts";
import { signRelease } from "../provenance/sign-release.ts";
import type { SigningKey } from "../provenance/signing-key.ts";
import { beginStage } from "../rollouts/begin.ts";
import { finishStage } from "../rollouts/finish.ts";
import type { PlaceParts } from "../rollouts/place-of.ts";
import { restoreStage } from "../rollouts/restore.ts";
import { retireStage } from "../rollouts/retire.ts";
import { rolloutStage } from "../rollouts/rollout.ts";
import { verifyStage } from "../rollouts/verify.ts";
import type { Stage } from "../runs/stage.ts";
import { buildStage } from "../stages/build.ts";
import { checkStage } from "../stages/check.ts";
import { prepareStage } from "../stages/prepare.ts";
import { releaseStage } from "../stages/release.ts";
import type { deploymentsIn } from "../store/deployments.ts";
import { documentOf, keepDocument } from "../store/documents.ts";
import { newestProject } from "../store/newest-project.ts";
import { nextRunKey } from "../store/next-runs.ts";
import { listReleases, releasesIn } from "../store/releases.ts";
import type { EndPreviewParts } from "../previews/end-preview.ts";
import { endPreviewStage } from "../previews/end-preview.ts";
import { seedStage } from "../previews/seed-stage.ts";
import { runById } from "../store/runs.ts";
import type { Store } from "../store/store.ts";
import { untilAnswered } from "../store/store.ts";
import { workflowJob } from "../workflows/workflow-job.ts";
import type { ControlOptions } from "./control.ts";

/** What was opened before the stages. */
export interface StageParts extends PlaceParts {
  readonly duties: DutyControl;
  readonly secretControl: SecretControl;
  readonly options: ControlOptions;
  readonly repository: Repository;
  /** Waits while the database is away. */
  readonly patient: Store;
  readonly deployments: ReturnType<typeof deploymentsIn>;
  readonly key: SigningKey;
  readonly verify: ReleaseVerification;
  /** Attempts that are recovered begin before there is a control plane; what needs it waits. */
  readonly plane: Promise<ControlPlane>;
  readonly closing: AbortSignal;
  readonly migrations: MigrationReader;
  readonly stackParts: StackParts;
  readonly previewDatabases: EndPreviewParts["databases"];
}

/** Every kind of job there is. */
export function everyStage(parts: StageParts): readonly Stage[] {
  const { options, patient, key, closing, plane } = parts;
  const { data, repository, secrets, images, openRegistry, stepsUser, version } = options;
  const imageParts = { secrets, images, openRegistry };
  // Its thread ends with the process: what it looks at while the daemon leaves is looked at again by the next one.
  const outputScan = openOutputScan({ ...parts, store: patient, secrets, nameSecret: key.nameSecret, now: Date.now });
  const commandParts = { data, secrets, toolCaches: options.toolCaches, outputScan };
  const flagsOf = (of: Project): Promise<Digest | null> =>
    recordFlags(projectFlagSource(of, builtInFlags(patient), secrets, options.openFlagSource), of, (body) =>
      keepDocument(patient, body),
    );
  return [
    prepareStage(parts),
    checkStage({
      ...commandParts,
      keepDocument: (body) => keepDocument(patient, body),
      migrationsBefore: async (service) => {
        const [newest] = await listReleases(patient, { limit: 1, forEnvironments: true });
        return newest === undefined ? null : parts.migrations.setOf(newest, service);
      },
      shadow: options.shadow ?? throwawayShadowServer,
    }),
    buildStage({
      ...parts,
      ...commandParts,
      ...imageParts,
      keepDocument: (body) => keepDocument(patient, body),
      source: async () => {
        const { url, name } = await repository.identity();
        return url ?? name;
      },
    }),
    releaseStage({
      data,
      releases: releasesIn(patient),
      quarantine: (made) => quarantineOfMade(patient, made),
      sign: (made, making) => signRelease({ key, secrets, flags: flagsOf, version }, made, making),
      signKeyless: (signed) => signKeyless({ signer: options.keylessSigner, secrets }, signed),
      attach: (signed) =>
        attachProofs({ ...imageParts, documentOf: (digest) => documentOf(patient, digest) }, signed.release, signed),
      deployAutomatically: async (release, environment, run, by) => {
        const opened = await plane;
        const key = nextRunKey(run, environment);
        // Whoever asked for the release asked for this, though Fairway does it.
        const { terms } = await runById(patient, run);
        const asker = { requester: terms.requester, sender: terms.sender };
        await untilAnswered(() => opened.deploy({ environment, release: release.id, by, key, asker }), closing);
      },
    }),
    beginStage(parts),
    migrateStage({ ...parts, ...commandParts, store: patient }),
    rolloutStage({ ...parts, store: patient }),
    verifyStage({ ...parts, store: patient }),
    verificationStage({ ...parts, store: patient }),
    bakeStage({ ...parts, store: patient, locations: options.locations }),
    restoreStage({ ...parts, store: patient }),
    finishStage(parts),
    retireStage(parts),
    contractStage({ ...parts, ...commandParts, store: patient }),
    seedStage({ ...parts, ...commandParts, store: patient }),
    endPreviewStage({ ...parts, store: patient, databases: parts.previewDatabases }),
    workflowJob({
      sql: patient,
      data,
      repository,
      secrets,
      services: options.jobServices,
      // Whoever may speak to a container engine is root in all but name.
      containers: stepsUser === undefined ? options.jobContainers : undefined,
      user: stepsUser,
    }),
    ...infrastructureStages(parts.stackParts),
    dutyStepStage({ ...commandParts, repository }),
    probeStage(parts),
    noticesStage({
      ...{ secrets, open: options.openNotifier, now: Date.now },
      project: () => newestProject(patient).read(),
    }),
    rotationStage({
      ...parts,
      ...commandParts,
      store: patient,
      redeploy: redeployOf(parts.deployments.current, async (asked) => {
        const opened = await plane;
        return untilAnswered(() => opened.deploy(asked), closing);
      }),
    }),
    recordStage({ store: patient, duties: parts.duties }),
    contentStage({
      ...{ ...parts, store: patient, askLink: options.askLink },
      writing: operationsWriting({
        ...{ ...parts, store: patient, repository, scratch: join(data.root, "work"), now: Date.now },
      }),
    }),
    scanStage({ ...parts, store: patient, nameSecret: key.nameSecret }),
  ];
}

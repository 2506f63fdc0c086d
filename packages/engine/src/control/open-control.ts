import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { cronClock } from "@fairway/config";
import type { Release } from "@fairway/core";
import { FairwayError, ownLocation } from "@fairway/core";
import type { AuditControl } from "../audit/audit-control.ts";
import { openAudit } from "../audit/audit-control.ts";
import { checkControl } from "../checks/check-control.ts";
import { journeysElsewhere } from "../checks/journeys-elsewhere.ts";
import { syntheticKeeper } from "../checks/synthetic-keeper.ts";
import { contentFacts } from "../content/content-facts.ts";
import { builtInFacts } from "../duties/built-in-facts.ts";
import type { DutyControlParts } from "../duties/duty-control.ts";
import { dutyControl } from "../duties/duty-control.ts";
import { dutyFindings } from "../duties/duty-findings.ts";
import { heldByGate } from "../duties/held-by-gate.ts";
import { whoGains } from "../duties/who-gains.ts";
import type { FlagControl } from "../flags/flag-control.ts";
import { openFlags } from "../flags/flag-control.ts";
import { flagVariables } from "../flags/flag-variables.ts";
import { flagSteps } from "../flags/step-flags.ts";
import { forgeReports } from "../forge/forge-reports.ts";
import { sweepAtStart } from "../housekeeping.ts";
import { sealLink } from "../gates/approval-link.ts";
import { approvalLinks } from "../gates/approve-by-link.ts";
import { askAboutPlans } from "../infrastructure/approve-plans.ts";
import { infrastructureControl } from "../infrastructure/infrastructure-control.ts";
import { stackOutputs } from "../infrastructure/stack-outputs.ts";
import type { MigrationReader } from "../migrations/migration-reader.ts";
import { migrationControl } from "../migrations/migration-control.ts";
import { migrationReader } from "../migrations/migration-reader.ts";
import type { ControlPlane } from "../promotions/control-plane.ts";
import { controlPlane } from "../promotions/control-plane.ts";
import { rollbackParts } from "../promotions/rollback-parts.ts";
import { releaseVerification } from "../provenance/release-verification.ts";
import { signingKey } from "../provenance/signing-key.ts";
import { noticeControl } from "../notices/notice-control.ts";
import { beginDiffScans } from "../scanning/diff-scans.ts";
import { previewControl } from "../previews/preview-control.ts";
import { contractPlanFacts } from "../contracts/contract-plan-facts.ts";
import { lookAtChains } from "../contracts/look-at-chains.ts";
import { contractLedger } from "../store/contract-ledger.ts";
import { hostedLedger } from "../store/hosted-ledger.ts";
import { databaseUrlIn, openedPreviewDatabases } from "../previews/preview-database.ts";
import { keeper } from "../rollouts/keeper.ts";
import { recordsEndsOf } from "../runs/ending-runs.ts";
import { openEngine } from "../runs/engine.ts";
import { decidesAbout } from "../runs/growing-runs.ts";
import { secretControl } from "../secrets/secret-control.ts";
import { storedSecrets } from "../secrets/stored-secrets.ts";
import { openSealer } from "../sealing/sealer.ts";
import { rememberedReleases } from "../stages/remembered-releases.ts";
import { recordEnd } from "../store/deployment-ends.ts";
import { deploymentsIn, lastCarriedThrough } from "../store/deployments.ts";
import { raiseFences } from "../store/environment-fences.ts";
import { documentOf } from "../store/documents.ts";
import { newestProject } from "../store/newest-project.ts";
import { patientStore } from "../store/patient-store.ts";
import { inquire } from "../store/open-work.ts";
import { listReleases, releaseById, releasesIn } from "../store/releases.ts";
import { runByKey } from "../store/runs.ts";
import { rememberKey } from "../store/signing-keys.ts";
import type { Sql } from "../store/store.ts";
import type { TriggerControl } from "../triggers/trigger-control.ts";
import { triggerControl } from "../triggers/trigger-control.ts";
import { decideWorkflowJobs } from "../workflows/decide-jobs.ts";
import { jobPlaceOf } from "../workflows/job-place.ts";
import type { WorkflowRequest, WorkflowStart } from "../workflows/start-workflow.ts";
import { startWorkflow } from "../workflows/start-workflow.ts";
import type { Control, ControlOptions } from "./control.ts";
import { everyStage } from "./every-stage.ts";
import { lookAfter } from "./look-after.ts";
import type { OperationsParts } from "./open-operations.ts";
import { openOperations } from "./open-operations.ts";
import { everyUpkeep, lookEvery } from "./upkeep.ts";

/** Opens the engine and begins to do what is in its database. */
export async function openControl(options: ControlOptions): Promise<Control> {
  const { store, data, repository, log, stepsUser } = options;
  const closing = new AbortController();
  // What a run does waits while the database is away; what a person asks is refused then.
  const patient = patientStore(store, closing.signal);
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
  // Recovered attempts begin inside `openEngine`, before there is a control plane; what needs it waits.
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
    closing: closing.signal,
    stackParts,
    previewDatabases,
  });
  decidesAbout("deployment", askAboutPlans);
  decidesAbout("infrastructure", askAboutPlans);
  decidesAbout("workflow", decideWorkflowJobs);
  recordsEndsOf("deployment", recordEnd);
  const { read: project, keep: keepProject } = newestProject(store);
  const record: { audit?: AuditControl } = {};
  const beginRecord = async (): Promise<void> => {
    const tell = (problem: string): void => log("error", problem);
    const heads = options.auditHeads(key.id);
    const isRestored = existsSync(data.restoredMark);
    record.audit = await openAudit({ store, key, heads, version: options.version, tell }, isRestored);
    await rm(data.restoredMark, { force: true });
  };
  const engine = await openEngine({
    store,
    stages,
    narrow: { stage: "check", most: availableParallelism() },
    onLost: options.onLost,
    log,
    beforeWork: async () => {
      store.signAuditWith(key);
      await rememberKey(store, key.id, key.publicKey);
      await beginRecord();
      await raiseFences(store, await places.highestEpoch());
      await sweepAtStart(store, data);
    },
  });
  const startRun: OperationsParts["startRun"] = (plan, key) => engine.startRun(plan, key === undefined ? {} : { key });
  const flags = await openFlags(
    store,
    (environment, name, value) => key.nameSecret(environment, name, value),
    (problem) => log("warn", problem),
  );
  const plane = controlPlane({
    data,
    ...imageParts,
    repository,
    releases: {
      ...releasesIn(store),
      newest: async () => (await listReleases(store, { limit: 1, forEnvironments: true }))[0] ?? null,
    },
    ...rollbackParts(store, engine, placeParts, options.rollbackVerdict ?? ((): null => null)),
    startRun,
    runByKey: async (key) => (await runByKey(store, key))?.id,
    sourceProblems: (of, environment, sha) => triggers.sourceProblems(of, environment, sha),
    migrations: migrationsIn(store),
    contracts: (release, environment) => contractPlanFacts(placeParts, release, environment),
    heldBy: (asked) => heldByGate(duties, asked),
    keepProject,
  });
  const sealer = openSealer(store, options.keyKeepers);
  tellPlane(plane);
  tellFlags(flags);
  const infrastructure = infrastructureControl({
    store,
    data,
    repository,
    releaseOf,
    current: deployments.current,
    verifiedIn: deployments.verifiedIn,
    startRun,
  });

  const checks = checkControl({
    current: deployments.current,
    startRun,
  });

  const startAsked = (request: WorkflowRequest): Promise<WorkflowStart> =>
    startWorkflow(
      {
        sql: store,
        repository,
        secrets,
        approvals: async () =>
          Object.fromEntries(((await project())?.environments ?? []).map(({ name, approvals }) => [name, approvals])),
        containers: stepsUser === undefined && options.jobContainers !== undefined,
        startRun,
      },
      request,
    );
  const triggers: TriggerControl = triggerControl({
    store,
    data,
    repository,
    engine,
    plane,
    secrets,
    forges: options.forges,
    startWorkflow: startAsked,
    infrastructure,
    checks,
    log,
  });

  const previews = previewControl({
    store,
    engine,
    plane,
    repository,
    places,
    databases: previewDatabases,
    forge: triggers.forge,
    history: async () => options.forges.history((await triggers.forge()).config),
    project,
    now: Date.now,
    log,
  });
  await previews.remember();
  const reports = forgeReports({ store, engine, log, forge: triggers.forge });

  const kept = keeper({
    ...placeParts,
    isAsleep: previews.isAsleep,
    now: () => performance.now(),
    clock: () => Date.now(),
    tell: (scope, message) => log("warn", `${scope}: ${message}`),
  });
  const notices = noticeControl({
    store,
    project,
    secrets,
    open: options.openNotifier,
    links: async (link) => `${options.publicUrl ?? (await options.url)}/approve/${await sealLink(patientSealer, link)}`,
  });
  const { audit } = record;
  if (audit === undefined) throw new FairwayError("internal", "the engine began to work without the audit");
  const journeyParts = {
    store,
    data,
    repository,
    secrets,
    places,
    environments: async () => (await engine.locks()).map(({ environment }) => environment),
    current: async (environment: string): Promise<Release | null> => {
      const last = await lastCarriedThrough(store, environment);
      return last === null ? null : releaseOf(last.release);
    },
    releaseOf,
  };
  const synthetics = syntheticKeeper({
    ...journeyParts,
    locations: options.locations ?? [ownLocation],
    closing: closing.signal,
    tell: (message) => log("warn", message),
  });
  const operations = openOperations({
    ...{ options, store, duties, secrets, releaseOf, deployments, startRun, audit, key, closing: closing.signal },
  });
  const lookedAfter = lookAfter(
    everyUpkeep({
      options,
      engine,
      deployments,
      releaseOf,
      imageParts,
      infrastructure,
      duties,
      backups: operations.backups,
      projectBackups: operations.projectBackups,
      content: operations.content,
      dutyRuns: operations.dutyRuns,
      synthetics,
      project,
      audit,
      keeper: kept,
      notices,
      triggers,
      previews,
      reports,
      scanDiffs: () => beginDiffScans({ store, startRun, inForce: async () => (await duties.inForce()).plan }),
      platforms: {
        ...{ store, project, places, releaseOf, bundle: operations.bundle, openRegistry: options.openRegistry },
        current: (environment) => lastCarriedThrough(store, environment),
        environments: async () => (await engine.locks()).map(({ environment }) => environment),
        tell: (message) => log("warn", message),
      },
      chains: async () => {
        const names = (await engine.locks()).map(({ environment }) => environment);
        const running = await Promise.all(
          names.map(async (environment) => ({ environment, release: await deployments.current(environment) })),
        );
        await lookAtChains(
          placeParts,
          store,
          running.flatMap(({ environment, release }) => (release === null ? [] : [{ environment, release }])),
          (message) => log("warn", message),
        );
      },
      closing: closing.signal,
    }),
    { every: lookEvery, inquire: (inquiries) => inquire(store, inquiries) },
    closing.signal,
    log,
  );

  return {
    engine,
    plane,
    releaseOf,
    startWorkflow: startAsked,
    triggers,
    previews,
    verify,
    infrastructure,
    checks,
    journeys: journeysElsewhere(journeyParts),
    notices,
    reports,
    flags,
    duties,
    ...operations,
    migrations: migrationControl({ store, secrets, places, migrations: migrationsIn(store) }),
    approvalLinks: approvalLinks({
      store,
      sealer,
      plane,
      releaseOf,
      projectName: async () => (await project())?.name ?? "",
    }),
    sealer,
    secrets: secretControl({ store, sealer, keepers: options.keyKeepers, nameSecret: key.nameSecret }),
    secretSource: secrets,
    audit,
    signedBy: key.id,
    troubles: kept.troubles,
    project,
    async close(how) {
      closing.abort();
      await lookedAfter;
      await operations.backups.settled();
      await operations.projectBackups.settled();
      await synthetics.settled();
      await audit.vouch();
      await flags.close();
      await engine.close(how);
    },
  };
}

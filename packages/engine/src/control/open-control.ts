import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { availableParallelism } from "node:os";
import type { Release } from "@fairway/core";
import { FairwayError, ownLocation } from "@fairway/core";
import type { AuditControl } from "../audit/audit-control.ts";
import { openAudit } from "../audit/audit-control.ts";
import { checkControl } from "../checks/check-control.ts";
import { journeysElsewhere } from "../checks/journeys-elsewhere.ts";
import { syntheticKeeper } from "../checks/synthetic-keeper.ts";
import { contractPlanFacts } from "../contracts/contract-plan-facts.ts";
import { lookAtChains } from "../contracts/look-at-chains.ts";
import { heldByGate } from "../duties/held-by-gate.ts";
import { openFlags } from "../flags/flag-control.ts";
import { forgeReports } from "../forge/forge-reports.ts";
import { sealLink } from "../gates/approval-link.ts";
import { approvalLinks } from "../gates/approve-by-link.ts";
import { sweepAtStart } from "../housekeeping.ts";
import { askAboutPlans } from "../infrastructure/approve-plans.ts";
import { infrastructureControl } from "../infrastructure/infrastructure-control.ts";
import { migrationControl } from "../migrations/migration-control.ts";
import { noticeControl } from "../notices/notice-control.ts";
import { previewControl } from "../previews/preview-control.ts";
import { controlPlane } from "../promotions/control-plane.ts";
import { rollbackParts } from "../promotions/rollback-parts.ts";
import { keeper } from "../rollouts/keeper.ts";
import { recordsEndsOf } from "../runs/ending-runs.ts";
import { openEngine } from "../runs/engine.ts";
import { decidesAbout } from "../runs/growing-runs.ts";
import { beginDiffScans } from "../scanning/diff-scans.ts";
import { openSealer } from "../sealing/sealer.ts";
import { secretControl } from "../secrets/secret-control.ts";
import { recordEnd } from "../store/deployment-ends.ts";
import { lastCarriedThrough } from "../store/deployments.ts";
import { raiseFences } from "../store/environment-fences.ts";
import { newestProject } from "../store/newest-project.ts";
import { inquire } from "../store/open-work.ts";
import { listReleases, releasesIn } from "../store/releases.ts";
import { runByKey } from "../store/runs.ts";
import { rememberKey } from "../store/signing-keys.ts";
import type { TriggerControl } from "../triggers/trigger-control.ts";
import { triggerControl } from "../triggers/trigger-control.ts";
import { decideWorkflowJobs } from "../workflows/decide-jobs.ts";
import type { WorkflowRequest, WorkflowStart } from "../workflows/start-workflow.ts";
import { startWorkflow } from "../workflows/start-workflow.ts";
import { openBeforeEngine } from "./before-engine.ts";
import type { Control, ControlOptions } from "./control.ts";
import { lookAfter } from "./look-after.ts";
import type { OperationsParts } from "./open-operations.ts";
import { openOperations } from "./open-operations.ts";
import { everyUpkeep, lookEvery } from "./upkeep.ts";

/** Opens the engine and begins to do what is in its database. */
export async function openControl(options: ControlOptions): Promise<Control> {
  const { store, data, repository, log, stepsUser } = options;
  const closing = new AbortController();
  const before = await openBeforeEngine(options, closing.signal);
  const { deployments, duties, imageParts, key, migrationsIn, placeParts, places, releaseOf, secrets } = before;
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
    stages: before.stages,
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
  before.tellPlane(plane);
  before.tellFlags(flags);
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
    databases: before.previewDatabases,
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
    links: async (link) =>
      `${options.publicUrl ?? (await options.url)}/approve/${await sealLink(before.patientSealer, link)}`,
  });
  const { audit } = record;
  if (audit === undefined) throw new FairwayError("internal", "the engine began to work without the audit");
  /** Every one that a deployment was ever to. */
  const environments = async (): Promise<readonly string[]> =>
    (await engine.locks()).map(({ environment }) => environment);
  const journeyParts = {
    store,
    data,
    repository,
    secrets,
    places,
    environments,
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
        environments,
        tell: (message) => log("warn", message),
      },
      chains: async () => {
        const running = await Promise.all(
          (await environments()).map(async (environment) => ({
            environment,
            release: await deployments.current(environment),
          })),
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
    verify: before.verify,
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

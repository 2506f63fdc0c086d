export { readManifest, type WrappedKey } from "./database/backup-manifest.ts";
export { backupDatabase } from "./database/backup.ts";
export { openEmbeddedPostgres, type EmbeddedPostgres } from "./database/embedded-postgres.ts";
export { endLeftServer } from "./database/left-server.ts";
export { restoreDatabase } from "./database/restore.ts";
export { serviceDatabase } from "./database/service-database.ts";
export { shadowServerOn, throwawayShadowServer, type ShadowServer } from "./database/shadow-server.ts";
export { openPreviewDatabases } from "./databases/open-preview-databases.ts";
export { openPreviewSchemas } from "./databases/open-preview-schemas.ts";
export type * from "./databases/preview-databases.ts";
export type { PreviewPlace } from "./databases/preview-name.ts";
export { dataDirectory, type DataDirectory } from "./data-directory.ts";
export { makeDirectory } from "./make-directory.ts";
export { upgradeIfBehind } from "./durable/upgrade-database.ts";
export { digestOf } from "./digest.ts";
export type { DutiesInForce } from "./duties/duties-in-force.ts";
export { dutyControl, type Attestation, type DutyControl } from "./duties/duty-control.ts";
export { accessReviewControl } from "./access/access-review-control.ts";
export { vendorContacts } from "./access/vendor-contacts.ts";
export type { DutyRunControl } from "./duty-runs/duty-run-control.ts";
export { openScanThread } from "./scanning/scan-thread.ts";
export type { ContentControl, ReleaseNotice, StandingDisclosures } from "./content/content-control.ts";
export type { IncidentControl } from "./incidents/incident-control.ts";
export { dutyTimesBetween } from "./duties/duty-times.ts";
export { settleDuties } from "./duties/settle-duties.ts";
export { whoGains } from "./duties/who-gains.ts";
export { assertFlagSet, type FlagEdit, type FlagEdited } from "./flags/edit-flags.ts";
export type { FlagControl } from "./flags/flag-control.ts";
export type { FlagEvaluation } from "./flags/flag-evaluation.ts";
export type { OpenFlagSource } from "./flags/project-flag-source.ts";
export { recordedFlags } from "./flags/record-flags.ts";
export type { LiveSet } from "./flags/live-flags.ts";
export { compressLog, type Compression } from "./logs/compress-log.ts";
export { lineAt } from "./logs/line-index.ts";
export { openLogBytes, sizeOfLog } from "./logs/open-log-bytes.ts";
export { readLog } from "./logs/read-log.ts";
export type { OpenNotifier } from "./notices/notice-control.ts";
export { type ApprovalLinks, differencesFromNow, type LinkQuestion } from "./gates/approve-by-link.ts";
export { overrideFreeze, overridesMissing, type OverrideWish } from "./gates/override-freeze.ts";
export { openControl } from "./control/open-control.ts";
export type { Control, ControlOptions } from "./control/control.ts";
export type { MigrationControl } from "./migrations/migration-control.ts";
export type { ControlPlane, DeploymentRequest, Planned } from "./promotions/control-plane.ts";
export type { PlannedRollback } from "./promotions/plan-rollback.ts";
export type { Knock, PreviewControl } from "./previews/preview-control.ts";
export type { PreviewStanding } from "./previews/preview-standing.ts";
export type { PreviewDatabaseServer } from "./previews/preview-database.ts";
export { projectAtHead } from "./promotions/release-facts.ts";
export { haltingHost, haltingRouter } from "./rollouts/halting.ts";
export type { Place, Places } from "./rollouts/places.ts";
export { runToStop } from "./rollouts/run-to-stop.ts";
export { wantedOf } from "./rollouts/place-of.ts";
export { warmUntil } from "./rollouts/warm-time.ts";
export { contractDrift, contractVersions, servicesWithContracts } from "./store/contract-ledger.ts";
export { leftBy, mixedBy } from "./store/deployed-steps.ts";
export { environmentStandings, type Standings } from "./store/environment-standings.ts";
export type { LeftRelease } from "./store/left-warm.ts";
export type { ReleaseFinding } from "./provenance/verify-release.ts";
export type { CommandUser } from "./commands/run-as.ts";
export { openEngine, type Engine, type EngineOptions, type RunDetail } from "./runs/engine.ts";
export type { Attempt, JobPlan, Json, Outcome, RunPlan, Stage } from "./runs/stage.ts";
export { keyIdOf } from "./provenance/signing-key.ts";
export { actingAs, whoActs } from "./audit/acting.ts";
export { type AuditControl, openAudit } from "./audit/audit-control.ts";
export { headsFrom } from "./audit/audit-head.ts";
export { type AuditFinding, type AuditRow, auditVerifier } from "./audit/verify-audit.ts";
export { addKeyFile, folderKeepers, givenKeepers, readKeyFile } from "./sealing/file-keepers.ts";
export type { SecretControl } from "./secrets/secret-control.ts";
export type { Sealer } from "./sealing/sealer.ts";
export { recordAudit, recordChange } from "./store/audit.ts";
export { sealingKeys } from "./store/sealing-keys.ts";
export { claimDatabase } from "./store/database-claim.ts";
export { type Deployment, listDeployments, verifiedIn, verifiedInOf } from "./store/deployments.ts";
export {
  addQuarantine,
  liftQuarantine,
  listQuarantine,
  quarantineOf,
  quarantinesOf,
  type QuarantineRecord,
} from "./store/quarantine.ts";
export { openLedgerReader } from "./dora/ledger-reader.ts";
export { looksOf } from "./store/analysis-looks.ts";
export { movesOf } from "./store/rollout-moves.ts";
export { controlFigures, type ControlFigures } from "./store/control-figures.ts";
export { doctorFacts, type DoctorFacts } from "./store/doctor-facts.ts";
export { documentOf } from "./store/documents.ts";
export { keylessProofOf } from "./store/keyless-proofs.ts";
export { knownKeys } from "./store/signing-keys.ts";
export type { EnvironmentLock } from "./store/environment-locks.ts";
export { countOpenRuns, environmentRuns, type EnvironmentRuns } from "./store/environment-runs.ts";
export { type EngineEvent, oldestEvent } from "./store/events.ts";
export { evidenceOf, type KeptEvidence } from "./store/evidence.ts";
export { resultsOf } from "./store/jobs.ts";
export type { Firing } from "./store/trigger-firings.ts";
export type { DeliveryAnswer } from "./triggers/receive-delivery.ts";
export type { Forges } from "./triggers/trigger-reader.ts";
export type { TriggerControl } from "./triggers/trigger-control.ts";
export type { TriggerStanding } from "./triggers/trigger-standing.ts";
export { plannedDeployment } from "./store/planned-deployment.ts";
export { nextRuns } from "./store/next-runs.ts";
export { envelopeOf, listReleases, releaseById } from "./store/releases.ts";
export type { Run, RunFilter } from "./store/runs.ts";
export { waitingRuns } from "./store/waiting-runs.ts";
export { approverOf } from "./gates/approver.ts";
export {
  type ApiToken,
  keepToken,
  listTokens,
  liveToken,
  type LiveToken,
  noToken,
  revokeToken,
  tokenById,
} from "./store/people/api-tokens.ts";
export {
  type CodePurpose,
  dropCodes,
  failedLogins,
  forgiveLogins,
  keepCode,
  type LoginCode,
  noteLoginAttempt,
  useCode,
} from "./store/people/login-attempts.ts";
export {
  addPerson,
  giveRole,
  hasAdmin,
  hasPeople,
  holdPeople,
  listPeople,
  type NewPerson,
  type Person,
  personById,
  personByIdentity,
  personByName,
  type PersonWithPassword,
  setDisabled,
  setGroupRoles,
  setPasswordHash,
  takeRole,
} from "./store/people/people.ts";
export { environmentOfPlan, environmentOfRun } from "./store/people/environments-of.ts";
export {
  endSession,
  endSessions,
  liveSession,
  type LiveSession,
  openSession,
  renewSession,
  type Session,
  sessionsOf,
  type Whence,
} from "./store/people/sessions.ts";
export { migrate } from "./store/migrate.ts";
export { openStore, type Store, type Transaction } from "./store/store.ts";
export type { WorkflowSubject } from "./workflows/run-document.ts";
export type { WorkflowRequest, WorkflowStart } from "./workflows/start-workflow.ts";
export { copyArtifacts } from "./artifacts/copy-artifacts.ts";
export { pruneArtifacts } from "./artifacts/prune-artifacts.ts";
export { verifyArtifact } from "./artifacts/verify-artifact.ts";
export { type CheckFilter, type CheckResult, checkResultById, listCheckResults } from "./store/check-results.ts";
export { type JourneyWorker, listJourneyWorkers } from "./store/journey-workers.ts";
export type { JourneysElsewhere } from "./checks/journeys-elsewhere.ts";
export { makeJourney } from "./checks/make-journey.ts";
export { sweepCommands } from "./commands/sweep-commands.ts";
export { type SyntheticTurn, listTurns } from "./store/synthetic-turns.ts";
export { type SyntheticHistory, syntheticHistory } from "./store/synthetic-history.ts";
export { type RevokedVerification, revokedVerifications } from "./store/revoked-verifications.ts";
export { findingById, ignoreDrift, type KeptFinding, listDrift, ownDrift } from "./store/infrastructure-drift.ts";
export {
  type KeptPlan,
  type PlanSummary,
  listPlans,
  planById,
  planSummary,
  unknownPlans,
} from "./store/infrastructure-plans.ts";
export { listStates } from "./store/infrastructure-states.ts";
export { currentRelease } from "./store/deployments.ts";
export { logOfCommand } from "./commands/command-state.ts";
export { endCommands } from "./commands/end-commands.ts";
export { forTerminal } from "./logs/for-terminal.ts";
export { markLogTime } from "./logs/log-index.ts";
export type { LogLine, LogQuery } from "./logs/read-log.ts";
export type { BackupControl } from "./backups/backup-control.ts";
export type { DrillRecord } from "./store/drills.ts";
export { backupOverviews, backupsNamed } from "./backups/backup-overview.ts";
export { baseBackups } from "./backups/base-backups.ts";
export { ownDrill } from "./backups/own-drill.ts";
export { restoreDrill } from "./backups/restore-drill.ts";
export { beat } from "./store/drills.ts";
export { listAlerts } from "./store/alerts.ts";
export { quarterLines, quarterOf } from "./exports/quarter-summary.ts";
export { releaseBundle } from "./exports/release-bundle.ts";
export { type BundleFinding, verifyBundle } from "./exports/verify-bundle.ts";
export { type SealFinding, verifySeal } from "./exports/verify-seal.ts";
export { quarterFile, quarterForms, quarterSeal } from "./exports/quarter-seal.ts";

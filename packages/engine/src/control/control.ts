import type {
  LinkAnswer,
  FairwayError,
  ImageBuilder,
  KeyKeepers,
  KeylessSigner,
  OpenRegistry,
  OutsideSecrets,
  Project,
  Release,
  ReleaseId,
  Repository,
  RollbackVerdict,
  SecretSource,
  SpanExporter,
} from "@fairway/core";
import type { AuditControl } from "../audit/audit-control.ts";
import type { CheckControl } from "../checks/check-control.ts";
import type { JourneysElsewhere } from "../checks/journeys-elsewhere.ts";
import type { CommandUser } from "../commands/run-as.ts";
import type { InfrastructureControl } from "../infrastructure/infrastructure-control.ts";
import type { ApprovalLinks } from "../gates/approve-by-link.ts";
import type { DataDirectory } from "../data-directory.ts";
import type { Quarter } from "../exports/quarter-summary.ts";
import type { releaseBundle } from "../exports/release-bundle.ts";
import type { BackupControl } from "../backups/backup-control.ts";
import type { ProjectBackups, ProjectBackupsParts } from "../backups/project-backups.ts";
import type { DutyControl } from "../duties/duty-control.ts";
import type { DutyRunControl } from "../duty-runs/duty-run-control.ts";
import type { OperationsWriting } from "../content/operations-writing.ts";
import type { ContentControl } from "../content/content-control.ts";
import type { Intake } from "../incidents/intake.ts";
import type { IncidentControl } from "../incidents/incident-control.ts";
import type { ShadowServer } from "../database/shadow-server.ts";
import type { ForgeReports } from "../forge/forge-reports.ts";
import type { FlagControl } from "../flags/flag-control.ts";
import type { OpenFlagSource } from "../flags/project-flag-source.ts";
import type { MigrationControl } from "../migrations/migration-control.ts";
import type { ControlPlane } from "../promotions/control-plane.ts";
import type { ReleaseVerification } from "../provenance/release-verification.ts";
import type { NoticeControl, OpenNotifier } from "../notices/notice-control.ts";
import type { PreviewControl } from "../previews/preview-control.ts";
import type { PreviewDatabaseServer } from "../previews/preview-database.ts";
import type { Places } from "../rollouts/places.ts";
import type { Engine } from "../runs/engine.ts";
import type { Parting } from "../runs/parting.ts";
import type { Sealer } from "../sealing/sealer.ts";
import type { CommandParts } from "../stages/step-command.ts";
import type { SecretControl } from "../secrets/secret-control.ts";
import type { Store } from "../store/store.ts";
import type { Forges } from "../triggers/trigger-reader.ts";
import type { TriggerControl } from "../triggers/trigger-control.ts";
import type { WorkflowRequest, WorkflowStart } from "../workflows/start-workflow.ts";
import type { WorkflowParts } from "../workflows/workflow-job.ts";

export interface ControlOptions {
  readonly store: Store;
  readonly data: DataDirectory;
  readonly repository: Repository;
  /** Asks an address that stands in a document; absent where nobody may. It goes nowhere that is not public. */
  readonly askLink?: ((url: string, signal: AbortSignal) => Promise<LinkAnswer>) | undefined;
  /** Files of secrets, for what the store does not have. */
  readonly secrets: SecretSource;
  /** The stores that references to secrets lead to. */
  readonly outsideSecrets: OutsideSecrets;
  /** Who has the key by which Fairway seals what it keeps. */
  readonly keyKeepers: KeyKeepers;
  /** The file of the audit's signed heads, by the key that signs them; best on another disk than the database. */
  readonly auditHeads: (key: string) => string;
  readonly places: Places;
  /** What jobs of workflows may ask of the daemon: identity tokens, caches. */
  readonly jobServices?: WorkflowParts["services"];
  /** What checks and builds find their caches by. */
  readonly toolCaches?: CommandParts["toolCaches"];
  /** Builds the images of services that run in containers; left out where no engine is configured. */
  readonly images?: ImageBuilder | undefined;
  /** Speaks to the registries that images go through; left out where no plugin does. */
  readonly openRegistry?: OpenRegistry | undefined;
  /** Signs releases by who somebody is; left out where no plugin does. */
  readonly keylessSigner?: KeylessSigner | undefined;
  /** Reads feature flags that a team keeps elsewhere; left out where no plugin does. */
  readonly openFlagSource?: OpenFlagSource | undefined;
  /** Containers for the jobs of workflows; left out where no engine is configured. */
  readonly jobContainers?: WorkflowParts["containers"];
  /** Whom the jobs of workflows run as; whoever the daemon is when left out. Only root may say so. */
  readonly stepsUser?: CommandUser | undefined;
  /** What becomes of parts that are no services when an environment goes back; nothing is said of them when left out. */
  readonly rollbackVerdict?: RollbackVerdict;
  /** Where previews have their databases; where every environment has them when left out. */
  readonly previewDatabases?: PreviewDatabaseServer | undefined;
  /** Where migrations are tried before they run anywhere; a server of its own for each try when left out. */
  readonly shadow?: ShadowServer | undefined;
  /** Opens where the repository is kept with others. */
  readonly forges: Forges;
  /** Opens the places that people hear of things in; left out where no plugin does. */
  readonly openNotifier?: OpenNotifier | undefined;
  /** Takes traces of runs to where people look at them; left out where nobody does. */
  readonly spanExporter?: SpanExporter | undefined;
  /** Makes a backup of the embedded database in a directory; left out where the database is a team's own. */
  readonly backUp?: ((directory: string) => Promise<unknown>) | undefined;
  /** Opens what a cloud backs up by itself; left out where no plugin does. */
  readonly openManagedBackups?: ProjectBackupsParts["openManaged"] | undefined;
  /** Of Fairway, for the record. */
  readonly version: string;
  /** Where the daemon answers, once it does: services ask there for feature flags. */
  readonly url: Promise<string>;
  /** Labels of where it is, from which journeys are made; `here` alone when left out. */
  readonly locations?: readonly string[] | undefined;
  /** How people reach it from elsewhere; left out where only this machine does. */
  readonly publicUrl?: string | undefined;
  /** Others have taken over from this process, which must end. */
  readonly onLost: (error: FairwayError) => void;
  readonly log: (level: "debug" | "info" | "warn" | "error", message: string) => void;
}

/** The engine with everything that Fairway does on it. */
export interface Control {
  readonly engine: Engine;
  readonly plane: ControlPlane;
  /** A release; those that were read are remembered, for they never change. Throws `not_found`. */
  readonly releaseOf: (id: ReleaseId) => Promise<Release>;
  /** The newest configuration that a release was made of, or null before the first. */
  project(): Promise<Project | null>;
  /** Looks at whether a release is still what was signed. */
  readonly verify: ReleaseVerification;
  /** Telling people what happens. */
  readonly notices: NoticeControl;
  /** What those may do who follow a link of a notice. */
  readonly approvalLinks: ApprovalLinks;
  /** What a forge was not told. */
  readonly reports: Pick<ForgeReports, "problems" | "retry">;
  /** The built-in feature flags. */
  readonly flags: FlagControl;
  /** How migrations stand, and what people say of them. */
  readonly migrations: MigrationControl;
  /** What people owe, and whether environments take releases by it. */
  readonly duties: DutyControl;
  /** Backups of Fairway's own database, and drills of them. */
  readonly backups: BackupControl;
  /** Of a project's own databases and files. */
  readonly projectBackups: ProjectBackups;
  /** All that is on record of a release, signed. Throws `not_found`. */
  readonly bundle: (release: ReleaseId) => ReturnType<typeof releaseBundle>;
  /** The signed digests of a quarter's summary. */
  readonly sealOf: (quarter: Quarter) => Promise<string>;
  readonly incidents: IncidentControl;
  readonly content: ContentControl;
  readonly writing: OperationsWriting;
  readonly intake: Intake;
  readonly dutyRuns: DutyRunControl;
  /** What is started by itself. */
  readonly triggers: TriggerControl;
  /** The environments of pull requests. */
  readonly previews: PreviewControl;
  /** Checks of what runs. */
  readonly checks: CheckControl;
  /** Journeys that workers elsewhere make. */
  readonly journeys: JourneysElsewhere;
  /** Stacks of Terraform, OpenTofu and other commands. */
  readonly infrastructure: InfrastructureControl;
  /** Seals what must not be read in the database; for what people ask, so it does not wait for the database. */
  readonly sealer: Sealer;
  /** The record of changes, decisions and refusals. */
  readonly audit: AuditControl;
  /** The store of secrets, as people change it. */
  readonly secrets: SecretControl;
  /** Where the values of secrets come from, whoever keeps them. */
  readonly secretSource: SecretSource;
  /** The key that releases are signed with now. */
  readonly signedBy: string;
  /** Starts a workflow, or says why its event starts none. */
  startWorkflow(request: WorkflowRequest): Promise<WorkflowStart>;
  /** Services that do not run as they should and when they are tried again, a sentence for each. */
  troubles(): readonly string[];
  /** Stops claiming work, lets go of what runs, and looks after services no longer. Everything goes on at the next start. */
  close(how?: Parting): Promise<void>;
}

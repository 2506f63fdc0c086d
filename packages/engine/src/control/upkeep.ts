import type { Millis, Project, Release, ReleaseId } from "@fairway/core";
import type { AuditControl } from "../audit/audit-control.ts";
import type { SyntheticKeeper } from "../checks/synthetic-keeper.ts";
import type { BackupControl } from "../backups/backup-control.ts";
import type { ProjectBackups } from "../backups/project-backups.ts";
import type { DutyControl } from "../duties/duty-control.ts";
import type { DutyRunControl } from "../duty-runs/duty-run-control.ts";
import type { ContentControl } from "../content/content-control.ts";
import { listReleases } from "../store/releases.ts";
import { lookAfterDuties } from "../duties/look-after-duties.ts";
import type { ForgeReports } from "../forge/forge-reports.ts";
import { compressLogs, tidy } from "../housekeeping.ts";
import type { ImageTidyParts } from "../images/tidy-images.ts";
import { tidyImages } from "../images/tidy-images.ts";
import { lookWhereDue } from "../infrastructure/drift-schedules.ts";
import { tellUnconfirmed } from "../incidents/unconfirmed.ts";
import type { InfrastructureControl } from "../infrastructure/infrastructure-control.ts";
import type { NoticeControl } from "../notices/notice-control.ts";
import type { PreviewControl } from "../previews/preview-control.ts";
import type { Keeper } from "../rollouts/keeper.ts";
import { quietEnvironments } from "../rollouts/quiet-environments.ts";
import type { Engine } from "../runs/engine.ts";
import { resealBehind } from "../secrets/reseal.ts";
import type { deploymentsIn } from "../store/deployments.ts";
import { expirePlans } from "../store/infrastructure-plans.ts";
import type { QuietPlace } from "../store/open-work.ts";
import {
  diffsToScan,
  endOfAudit,
  previewsToCarry,
  noticesToCollect,
  noticesToSend,
  quietPlaces,
  reportsToCollect,
  reportsToTell,
  triggersToWork,
} from "../store/open-work.ts";
import { sendTraces } from "../traces/trace-control.ts";
import type { TriggerControl } from "../triggers/trigger-control.ts";
import type { ControlOptions } from "./control.ts";
import type { Upkeep } from "./look-after.ts";
import type { PlatformUpkeepParts } from "./platform-upkeep.ts";
import { platformUpkeep } from "./platform-upkeep.ts";

const second: Millis = 1000;
const minute: Millis = 60 * second;
const hour: Millis = 60 * minute;

/** How often the database is asked, once for all, whether there is something to do. */
export const lookEvery: Millis = second;

export interface UpkeepParts {
  readonly options: ControlOptions;
  readonly engine: Engine;
  readonly deployments: ReturnType<typeof deploymentsIn>;
  readonly releaseOf: (id: ReleaseId) => Promise<Release>;
  readonly imageParts: Omit<ImageTidyParts, "store" | "project">;
  readonly infrastructure: InfrastructureControl;
  readonly duties: DutyControl;
  readonly backups: BackupControl;
  readonly projectBackups: ProjectBackups;
  readonly dutyRuns: DutyRunControl;
  readonly content: ContentControl;
  readonly synthetics: SyntheticKeeper;
  readonly project: () => Promise<Project | null>;
  readonly audit: AuditControl;
  readonly keeper: Keeper;
  readonly notices: NoticeControl;
  readonly triggers: TriggerControl;
  readonly previews: PreviewControl;
  readonly reports: ForgeReports;
  /** Begins to scan what pushes and pull requests bring. */
  readonly scanDiffs: () => Promise<void>;
  /** What is done at platforms. */
  readonly platforms: PlatformUpkeepParts;
  /** Compares chains with what releases left there. */
  readonly chains: () => Promise<void>;
  readonly closing: AbortSignal;
}

/**
 * Everything that is done for as long as the daemon runs: what has something to `ask` is done when that finds something, the
 * rest in its time.
 */
export function everyUpkeep(parts: UpkeepParts): readonly Upkeep[] {
  const { options, engine, keeper, notices, triggers, reports, project, deployments } = parts;
  const { store, data, stepsUser, log, spanExporter: exporter } = options;
  return [
    {
      what: "look after the services",
      ask: quietPlaces,
      work: async (found) => keeper.look(await quietEnvironments(found as unknown as QuietPlace[], parts.releaseOf)),
    },
    { what: "start what has fired", ask: triggersToWork, work: triggers.work },
    { what: "scan what was pushed", ask: diffsToScan, work: parts.scanDiffs },
    { what: "carry previews on", ask: previewsToCarry, work: parts.previews.work },
    { what: "find out what there is to tell", ask: noticesToCollect, work: notices.collect },
    { what: "tell people", ask: noticesToSend, work: notices.send },
    { what: "call the dead man's switches", every: minute, first: 5 * second, work: notices.callSwitches },
    { what: "note what the forge is to be told", ask: reportsToCollect, work: reports.collect },
    { what: "tell the forge", ask: reportsToTell, work: reports.tell },
    { what: "vouch for the audit", ask: endOfAudit, work: (newest) => parts.audit.vouch(newest as string) },

    // Asks nothing but where its time has come.
    {
      what: "look after duties",
      every: minute,
      first: 5 * second,
      work: () => lookAfterDuties({ store, duties: parts.duties, runs: parts.dutyRuns }, log),
    },
    {
      what: "look for incidents that nobody confirms",
      every: 30 * second,
      first: 5 * second,
      work: () => tellUnconfirmed(store),
    },
    {
      what: "look at what the newest release shows",
      every: 10 * second,
      first: 5 * second,
      work: async () => {
        const [newest] = await listReleases(store, { limit: 1, forEnvironments: true });
        if (newest !== undefined) await parts.content.ofCommit(newest.revision.sha);
      },
    },
    { what: "back the database up and drill it", every: minute, first: minute, work: parts.backups.lookAfter },
    { what: "back the project's databases up", every: minute, first: minute / 4, work: parts.projectBackups.lookAfter },
    { what: "look how logs of databases get away", every: minute, first: minute / 4, work: parts.projectBackups.watch },
    { what: "look at the forge", every: second, work: triggers.reconcile },
    { what: "look at the clock for triggers", every: 10 * second, first: second, work: triggers.watch },
    { what: "look who uses previews", every: 2 * second, work: parts.previews.watch },
    { what: "sweep what previews have left", every: 5 * minute, first: minute, work: parts.previews.sweep },
    {
      what: "look for drift",
      every: 20 * second,
      work: () =>
        lookWhereDue(
          {
            store,
            control: parts.infrastructure,
            environments: async () => (await engine.locks()).map(({ environment }) => environment),
            current: deployments.current,
            tell: (message) => log("warn", message),
          },
          new Date(),
        ),
    },
    { what: "make the journeys that are due", every: 2 * second, first: second, work: parts.synthetics.look },
    { what: "forget old results of checks", every: hour, first: hour, work: parts.synthetics.tidy },
    ...(exporter === undefined
      ? []
      : [
          {
            what: "send traces",
            every: 5 * second,
            work: () => sendTraces({ store, run: engine.run, project, exporter }),
          },
        ]),
    // An hour at most passes until somebody knows that contracts were changed by hand.
    { what: "compare chains with the record", every: hour, first: minute, work: parts.chains },
    ...platformUpkeep(parts.platforms),
    { what: "compress logs", every: minute, work: () => compressLogs(store, data, parts.closing) },
    { what: "tidy up", every: hour, work: () => tidy(store, data, Date.now(), stepsUser) },
    { what: "forget old plans", every: hour, work: () => expirePlans(store) },
    // What an exchange of the key that was killed has left.
    {
      what: "seal anew what older keys have sealed",
      every: hour,
      first: minute,
      work: () => resealBehind(store, options.keyKeepers),
    },
    // Not while everything starts.
    {
      what: "take old images away",
      every: hour,
      first: hour / 12,
      work: () => tidyImages({ ...parts.imageParts, store, project }),
    },
    { what: "forget old notices", every: hour, first: hour, work: notices.tidy },
    { what: "forget old triggers", every: hour, first: hour, work: triggers.tidy },
  ];
}

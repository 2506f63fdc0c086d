import type { DrillShape } from "@fairway/api";
import type { BackupSnapshot, ReleaseId } from "@fairway/core";
import { drillSteps, drillVerdict, failedStep } from "@fairway/core";
import type { Control, DrillRecord, Store } from "@fairway/engine";
import { backupOverviews, backupsNamed, listAlerts, quarterFile, quarterLines, quarterOf } from "@fairway/engine";
import type { Handlers } from "./http-server.ts";

type BackupOperations =
  | "backups"
  | "backupRepositories"
  | "alerts"
  | "takeBackup"
  | "drills"
  | "startDrill"
  | "quarterSummary"
  | "evidenceBundle";

interface BackupHandlerParts {
  readonly store: Store;
  readonly control: Pick<Control, "backups" | "projectBackups" | "duties" | "bundle" | "sealOf">;
}

/** Backups of Fairway's own database, drills of them, and what is taken away of the record. */
export function backupHandlers({
  store,
  control: { backups, projectBackups, duties, bundle, sealOf },
}: BackupHandlerParts): Pick<Handlers, BackupOperations> {
  return {
    backups: async () => {
      const found = await backups.repository();
      return { label: found?.label ?? null, backups: (found?.snapshots ?? []).map(backupView) };
    },
    backupRepositories: async () =>
      (await backupOverviews({ store, duties, backups, projectBackups })).map((one) => ({
        ...one,
        backups: one.backups.map(backupView),
        owed: one.owed.map((owed) => ({ ...owed })),
        drills: one.drills.map((drill) => {
          const { steps: _steps, repository: _repository, ...figures } = drillView(drill);
          return figures;
        }),
      })),
    alerts: async ({ limit }) => (await listAlerts(store, limit)).map((alert) => ({ ...alert })),
    takeBackup: async ({ of }) => {
      const made = await (await backupsNamed(of, { backups, projectBackups })).take();
      return made === null ? null : backupView(made);
    },
    drills: async ({ limit }) => (await backups.drills(limit)).map(drillView),
    startDrill: async ({ of, choose }) =>
      drillView(await (await backupsNamed(of, { backups, projectBackups })).drill(choose)),
    quarterSummary: async ({ quarter, form }) => ({
      name: quarterFile(quarter, form),
      type: `${types[form]}; charset=utf-8`,
      body:
        form === "seal"
          ? inOne(Buffer.from(await sealOf(quarterOf(quarter))))
          : bytesOf(quarterLines(store, quarterOf(quarter), form)),
    }),
    evidenceBundle: async ({ release }) => {
      const bytes = await bundle(release as ReleaseId);
      return { name: `bundle-${release}.zip`, type: "application/zip", body: inOne(bytes) };
    },
  };
}

const types = {
  md: "text/markdown",
  csv: "text/csv",
  json: "application/jsonl",
  seal: "application/json",
} as const;

async function* bytesOf(lines: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  for await (const line of lines) yield Buffer.from(line, "utf8");
}

async function* inOne(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

const backupView = (snapshot: BackupSnapshot): { -readonly [Key in keyof BackupSnapshot]: BackupSnapshot[Key] } => ({
  ...snapshot,
});

function drillView({ number, repository, beganAt, endedAt, askedBy, report }: DrillRecord): DrillShape {
  const verdict = drillVerdict(report);
  const numberOf = (value: unknown): number | null => (typeof value === "number" ? value : null);
  return {
    ...{ number, repository, beganAt, endedAt, by: askedBy },
    backup: report.snapshot?.id ?? null,
    outcome: endedAt === null ? null : verdict.outcome,
    note: endedAt === null ? "it goes on" : verdict.note,
    failedStep: failedStep(report)?.step ?? null,
    rto: endedAt !== null && verdict.outcome === "passed" ? numberOf(verdict.facts["rto-ms"]) : null,
    rpo: numberOf(verdict.facts["rpo-ms"]),
    steps: report.steps.map(({ step, facts, ...rest }) => ({
      step,
      what: drillSteps[step],
      ...rest,
      facts: { ...facts },
    })),
  };
}

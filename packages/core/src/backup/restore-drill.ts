import type { Millis, Timestamp } from "../units.ts";
import type { EvidenceFacts } from "../evidence/evidence.ts";
import type { BackupSnapshot } from "./backup-repository.ts";

/** The steps of a restore drill in their order, with what each shows. The list is closed. */
export const drillSteps = {
  choose: "The repository can be read, and has a backup.",
  newest: "The newest backup is as new as its schedule asks for.",
  continuity: "Nothing is missing of the log that it needs.",
  place: "A place apart from everything, without a network, with room for half as much again.",
  restore: "It comes back, byte by byte what was written.",
  start: "A server starts on the copy and has replayed all of the log.",
  heartbeat: "What was lost before the backup ended is no more than may be.",
  integrity: "Every index and every page of every table is sound.",
  migrations: "The schema is what the last deployment before the backup left, and goes forward.",
  boot: "The program that production runs starts on the copy and is well.",
  facts: "How long each phase took, and how much it was.",
  clear: "Nothing of the drill is left, and the repository is as it was.",
} as const;

/** A word of the closed list. */
export type DrillStep = keyof typeof drillSteps;

/** How one step ended. */
export interface DrillStepResult {
  readonly step: DrillStep;
  /** `left-out`: there was nothing to look at, and the reason says so. */
  readonly outcome: "passed" | "failed" | "left-out";
  readonly why: string;
  readonly startedAt: Timestamp;
  readonly took: Millis;
  readonly facts: EvidenceFacts;
}

/** A drill as it is or has ended. */
export interface DrillReport {
  readonly snapshot: BackupSnapshot | null;
  readonly steps: readonly DrillStepResult[];
}

const order = Object.keys(drillSteps) as readonly DrillStep[];

/**
 * The step that turned a drill red; null where none did. A drill that ended before its last step was interrupted in the next.
 */
export function failedStep({ steps }: DrillReport): DrillStepResult | null {
  return steps.find(({ outcome }) => outcome === "failed") ?? null;
}

/** The step that was under way when nobody carried a drill on any more. */
export const interruptedStep = ({ steps }: DrillReport): DrillStep =>
  order.find((step) => !steps.some((done) => done.step === step)) ?? "clear";

/** A drill whose runner is gone, as it ended: red in the step that was under way. */
export function interruptedDrill(report: DrillReport, at: Timestamp): DrillReport {
  const step = interruptedStep(report);
  const why = "whoever ran it was gone before it ended";
  return { ...report, steps: [...report.steps, { step, outcome: "failed", why, startedAt: at, took: 0, facts: {} }] };
}

/** What the board says of a drill that has ended. */
export interface DrillVerdict {
  readonly outcome: "passed" | "failed";
  readonly note: string;
  readonly facts: EvidenceFacts;
}

const restoring: readonly DrillStep[] = ["restore", "start", "boot"];

/** What a drill has shown: passed only where every step was gone through and none failed. */
export function drillVerdict(report: DrillReport): DrillVerdict {
  const failed = failedStep(report);
  const isWhole = order.every((step) => report.steps.some((done) => done.step === step));
  const took = (among: readonly DrillStep[]): Millis =>
    report.steps.filter(({ step }) => among.includes(step)).reduce((sum, step) => sum + step.took, 0);
  const rpo = report.steps.find(({ step }) => step === "heartbeat")?.facts["rpo-ms"] ?? null;
  const leftOut = report.steps.filter(({ outcome }) => outcome === "left-out").map(({ step }) => step);
  const facts: EvidenceFacts = {
    backup: report.snapshot?.id ?? null,
    step: failed?.step ?? null,
    "rto-ms": took(restoring),
    "rpo-ms": rpo,
    "took-ms": took(order),
    bytes: report.snapshot?.bytes ?? null,
    ...(leftOut.length === 0 ? {} : { "left-out": leftOut.join(", ") }),
  };
  if (failed !== null) return { outcome: "failed", note: `failed at ${failed.step}: ${failed.why}`, facts };
  if (!isWhole) return { outcome: "failed", note: `failed at ${interruptedStep(report)}: it never ended`, facts };
  return { outcome: "passed", note: `restored ${report.snapshot?.id ?? ""}`, facts };
}

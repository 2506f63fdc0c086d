import type { AuditAction, RunId } from "@fairway/core";
import { recordChange } from "../store/audit.ts";
import type { Transaction } from "../store/store.ts";
import type { RunPlan } from "./stage.ts";

/** Puts on record that a run was asked for, by whom and for what. */
export function recordStart(tx: Transaction, run: RunId, { kind, title, subject, requestedBy }: RunPlan): void {
  const about = typeof subject === "object" && subject !== null && !Array.isArray(subject) ? subject : {};
  const { environment, release, reason, digest, sha } = about as Readonly<Record<string, unknown>>;
  const told = Object.entries({ release, digest, sha }).filter(
    (entry): entry is [string, string] => typeof entry[1] === "string",
  );
  recordChange(tx, actionOf(kind, reason), {
    subject: run,
    environment: typeof environment === "string" ? environment : null,
    detail: { by: requestedBy, title, ...Object.fromEntries(told) },
  });
}

function actionOf(kind: string, reason: unknown): AuditAction {
  switch (kind) {
    case "release":
      return "release.requested";
    case "workflow":
      return "workflow.started";
    case "deployment":
      return reason === "rollback"
        ? "rollback.requested"
        : reason === "promotion"
          ? "promotion.requested"
          : "deployment.requested";
    default:
      return "run.requested";
  }
}

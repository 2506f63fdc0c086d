import type { Verdict } from "@fairway/core";
import { countsOf, keepAnnotations } from "@fairway/core";
import type { Annotation, JobEnd, JobInstance } from "@fairway/workflow";
import type { Outcome } from "../runs/stage.ts";
import { asJson } from "../stages/release-run.ts";
import type { WorkflowJobResult } from "./run-document.ts";

/** Of what went wrong; the rest is in the log. */
const mostErrors = 10;

/** What becomes of the run: the end of a job as an outcome, with what went wrong. */
export function outcomeOf(end: JobEnd, instance: JobInstance, annotations: readonly Annotation[]): Outcome {
  const errors = annotations.filter(({ level }) => level === "error");
  const result = asJson({
    result: end.result,
    outputs: end.outputs,
    ...(end.environmentUrl === undefined ? {} : { environmentUrl: end.environmentUrl }),
    ...(annotations.length === 0 ? {} : verdictOf(end, annotations)),
  } satisfies WorkflowJobResult);
  const failed = end.steps.filter(({ conclusion }) => conclusion === "failure").map(({ name }) => name);
  switch (end.result) {
    case "success":
    case "skipped":
      return { outcome: "succeeded", result, ...(end.environmentUrl ? { summary: end.environmentUrl } : {}) };
    case "cancelled":
      return end.timedOut
        ? { outcome: "failed", reason: `it took longer than ${instance.timeoutMinutes} minutes`, result }
        : { outcome: "aborted", reason: "it was cancelled", result };
    case "failure": {
      const said = errors.slice(0, mostErrors).map(({ file, line, message }) => {
        const place = file === undefined ? "" : `${file}${line === undefined ? "" : `:${line}`}: `;
        return `  ${place}${message.split("\n")[0] ?? ""}`;
      });
      const reason = [failed.length === 0 ? "it failed" : `failed: ${failed.join(", ")}`, ...said].join("\n");
      return instance.continueOnError
        ? { outcome: "succeeded", result, summary: `${reason}; it may` }
        : { outcome: "failed", reason, result };
    }
  }
}

/** What was said, in the form in which the findings of checks are shown. */
function verdictOf({ result }: JobEnd, said: readonly Annotation[]): Verdict {
  const annotations = keepAnnotations(
    said.map(({ level, file, line, column, title, message }) => ({
      severity: level,
      file: file ?? null,
      line: line ?? null,
      column: column ?? null,
      rule: title ?? null,
      message,
    })),
  );
  return { verdict: result === "failure" ? "failed" : "passed", summary: countsOf(annotations), annotations };
}

/** A result without outputs. */
export const nothing = (result: WorkflowJobResult["result"]): WorkflowJobResult => ({ result, outputs: {} });

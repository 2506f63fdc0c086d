import type { ControlFigures } from "@fairway/engine";
import type { Metric } from "./metric.ts";
import { histogramOf, metric } from "./metric.ts";

/** What Fairway has done and has to do. Counters are counted from rows, so they go on over restarts. */
export function controlMetrics(figures: ControlFigures): readonly Metric[] {
  const { ended, open, durations, deployments, ready, firings, notices, reports } = figures;
  const byLabels = (all: readonly { readonly count: number }[]): Metric["values"] =>
    all.map(({ count: value, ...labels }) => ({ value, labels: labels as Readonly<Record<string, string>> }));
  return [
    metric("counter", "fairway_runs_total", "Runs that have ended, by kind and how.", byLabels(ended)),
    metric("gauge", "fairway_runs_open", "Runs that have not ended.", byLabels(open)),
    metric(
      "histogram",
      "fairway_run_duration_seconds",
      "From the begin of a run to its end, what it waited for included.",
      durations.flatMap(({ kind, ...counted }) => histogramOf("fairway_run_duration_seconds", { kind }, counted)),
    ),
    metric("counter", "fairway_deployments_total", "Deployments that have ended, by outcome.", byLabels(deployments)),
    metric("gauge", "fairway_jobs_ready", "Jobs whose turn has come and whom nobody executes yet.", ready.count),
    metric(
      "gauge",
      "fairway_jobs_ready_oldest_seconds",
      "For how long the first of them has waited.",
      ready.oldest / 1000,
    ),
    metric("gauge", "fairway_jobs_running", "Jobs that are executed.", figures.running),
    metric("gauge", "fairway_approvals_waiting", "Questions that wait for people's answers.", figures.approvals),
    metric("gauge", "fairway_environment_waiters", "Deployments that wait for their environment.", figures.waiters),
    metric("gauge", "fairway_workers", "Processes that execute jobs.", figures.workers),
    metric("gauge", "fairway_outbox", "What others are to be told and were not yet, or never were.", [
      { value: notices.waiting, labels: { of: "notices", state: "waiting" } },
      { value: notices.dead, labels: { of: "notices", state: "dead" } },
      { value: reports.waiting, labels: { of: "forge", state: "waiting" } },
      { value: reports.dropped, labels: { of: "forge", state: "dead" } },
    ]),
    metric("gauge", "fairway_webhooks_waiting", "Webhooks that were kept and not read yet.", figures.deliveries),
    metric("gauge", "fairway_trigger_firings", "Firings of triggers within 400 days, by state.", byLabels(firings)),
    metric("gauge", "fairway_drift_open", "Resources that are not as their code says.", figures.drift),
    metric("counter", "fairway_audit_rows_total", "Rows of the audit.", figures.auditRows),
  ];
}

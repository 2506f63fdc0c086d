import type { Annotation, CheckRunReport, Forge, ForgeReport, State, Verdict } from "@fairway/core";
import { environmentOf, isTerminal } from "@fairway/core";
import { reportsOfPlans } from "../infrastructure/plan-reports.ts";
import type { RunDetail } from "../runs/engine.ts";
import { deploymentSubject } from "../store/deployment-ends.ts";
import { listDeployments } from "../store/deployments.ts";
import { resultsOf } from "../store/jobs.ts";
import { previewOfRun } from "../store/previews.ts";
import { releaseById } from "../store/releases.ts";
import type { Sql } from "../store/store.ts";
import { reportsOfScan } from "./reports-of-scan.ts";
import { reportsOfPreview } from "./reports-of-preview.ts";

/** A report with the key under which it changes in place. */
export interface KeyedReport {
  readonly key: string;
  readonly report: ForgeReport;
}

export interface ReportSettings {
  readonly takes: Forge["takes"];
  /** Whether a tag that reaches the last environment gets a release at the forge. */
  readonly releases: boolean;
}

/** What a forge is told of a run as it stands now. Says the same for the same rows. */
export async function reportsOfRun(
  sql: Sql,
  run: RunDetail,
  settings: ReportSettings,
): Promise<readonly KeyedReport[]> {
  const found = [
    ...(await ofCommit(sql, run)),
    ...(await ofDeployment(sql, run, settings)),
    ...(await ofPull(sql, run)),
    ...(await ofPreview(sql, run)),
    ...(await reportsOfScan(sql, run, settings.takes)),
    ...(await reportsOfPlans(sql, run, settings.takes)),
  ];
  return found.filter(({ report }) => settings.takes.has(report.kind));
}

const statusStates: Readonly<Record<State, "pending" | "success" | "failure" | "error">> = {
  pending: "pending",
  running: "pending",
  waiting: "pending",
  succeeded: "success",
  failed: "failure",
  errored: "error",
  aborted: "error",
};

/** A status of the commit, and a check run for each check that told what it found. */
async function ofCommit(sql: Sql, run: RunDetail): Promise<readonly KeyedReport[]> {
  const subject = run.subject as {
    readonly revision?: { readonly sha: string };
    readonly sha?: string;
    readonly file?: string;
    readonly preview?: string;
  };
  const sha = run.kind === "release" ? subject.revision?.sha : run.kind === "workflow" ? subject.sha : undefined;
  if (sha === undefined) return [];
  const name =
    run.kind === "release"
      ? subject.preview === undefined
        ? "release"
        : "preview"
      : (subject.file ?? "workflow").replace(/^.*\//u, "").replace(/\.ya?ml$/u, "");
  const context = `fairway/${name}`;
  const failed = run.jobs.find(({ state }) => state === "failed" || state === "errored");
  const description = failed === undefined ? `${run.id} ${run.state}` : `${run.id}: ${failed.name} ${failed.state}`;
  const status: KeyedReport = {
    key: `status ${context} ${sha}`,
    report: { kind: "status", sha, context, state: statusStates[run.state], description, url: null },
  };
  if (!isTerminal(run.state)) return [status];
  const results = await resultsOf(sql, run.id, ["check", "workflow-job"]);
  const checks = [...results].flatMap(([job, result]): readonly KeyedReport[] => {
    const verdict = result as unknown as Verdict | null;
    return verdict?.verdict === undefined
      ? []
      : [{ key: `check ${context} ${job} ${sha}`, report: checkRun(sha, `${context}: ${job}`, verdict) }];
  });
  return [status, ...checks];
}

function checkRun(sha: string, name: string, { verdict, summary, annotations }: Verdict): CheckRunReport {
  const kept: readonly Annotation[] = annotations?.kept ?? [];
  const counts =
    annotations === undefined
      ? ""
      : ` (${annotations.errors} errors, ${annotations.warnings} warnings, ${annotations.notices} notices)`;
  return {
    kind: "check-run",
    sha,
    name,
    state: verdict === "passed" ? "success" : verdict === "failed" ? "failure" : "neutral",
    title: summary === "" ? verdict : summary,
    summary: `${summary}${counts}`,
    annotations: kept,
    url: null,
  };
}

async function ofDeployment(sql: Sql, run: RunDetail, { releases }: ReportSettings): Promise<readonly KeyedReport[]> {
  const subject = deploymentSubject(run);
  if (subject === null) return [];
  const release = await releaseById(sql, subject.release);
  const [deployment] = await listDeployments(sql, { run: run.id, limit: 1 });
  const environment = environmentOf(release.project, subject.environment);
  const isLast =
    environment?.preview === undefined && release.project.environments.at(-1)?.name === subject.environment;
  const outcome = deployment?.outcome ?? null;
  const state =
    outcome === null
      ? isTerminal(run.state)
        ? "error"
        : run.state === "running"
          ? "in_progress"
          : "queued"
      : (({ deployed: "success", superseded: "inactive", unknown: "error" } as const)[outcome as "deployed"] ??
        "failure");
  const { sha, ref, isTag } = release.revision;
  const reports: KeyedReport[] = [
    {
      key: `deployment ${run.id}`,
      report: {
        kind: "deployment",
        sha,
        environment: subject.environment,
        production: isLast,
        state,
        description: `${release.id}: ${outcome ?? run.state}${deployment?.why ? `, ${deployment.why}` : ""}`,
        environmentUrl: environment?.url ?? null,
        url: null,
      },
    },
  ];
  const tag = isTag === true ? ref : await tagOfFiring(sql, run.id);
  if (releases && isLast && outcome === "deployed" && tag !== null && subject.reason !== "rollback")
    reports.push({
      key: `release ${tag}`,
      report: {
        kind: "release",
        tag,
        title: tag,
        text: `${release.id} (${sha.slice(0, 7)}) was deployed to ${subject.environment} by ${run.id}.`,
        prerelease: /-/u.test(tag),
      },
    });
  return reports;
}

/** The tag by which a run was started. */
async function tagOfFiring(sql: Sql, run: string): Promise<string | null> {
  const [row] = await sql.rows<{ ref: string }>(
    "select ref from fairway.trigger_firings where run = $1 and ref like 'refs/tags/%' order by number desc limit 1",
    [run],
  );
  return row?.ref.slice("refs/tags/".length) ?? null;
}

/** One comment for a pull request with everything that its newest commit has started. */
async function ofPull(sql: Sql, run: RunDetail): Promise<readonly KeyedReport[]> {
  const [firing] = await sql.rows<{ ref: string; sha: string }>(
    "select ref, sha from fairway.trigger_firings where run = $1 and ref like 'refs/pull/%/head' order by number desc limit 1",
    [run.id],
  );
  const number = Number(/^refs\/pull\/(\d+)\/head$/u.exec(firing?.ref ?? "")?.[1] ?? 0);
  if (firing === undefined || number === 0) return [];
  const rows = await sql.rows<{ trigger: string; run: string; state: State }>(
    `select distinct on (f.trigger) f.trigger, f.run, r.state from fairway.trigger_firings f join fairway.runs r on r.id = f.run
     where f.ref = $1 and f.sha = $2 order by f.trigger, f.number desc`,
    [firing.ref, firing.sha],
  );
  const lines = rows.map(({ trigger, run: id, state }) => `| ${cell(trigger)} | ${id} | ${state} |`);
  const text = `Fairway, for ${firing.sha.slice(0, 7)}:\n\n| trigger | run | state |\n| --- | --- | --- |\n${lines.join("\n")}`;
  return [{ key: `comment ${number} runs`, report: { kind: "comment", number, topic: "runs", text } }];
}

/** What the forge is told of the preview that a run makes, deploys or ends. */
async function ofPreview(sql: Sql, run: RunDetail): Promise<readonly KeyedReport[]> {
  const preview = await previewOfRun(sql, run.id);
  return preview === null ? [] : reportsOfPreview(sql, preview);
}

/** A name in a table of Markdown, where it must not be anything else. */
const cell = (name: string): string => name.replaceAll(/[\\`*_{}[\]()#+!|<>@]/gu, (character) => `\\${character}`);

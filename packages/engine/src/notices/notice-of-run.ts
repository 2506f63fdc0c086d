import type { Notice, NoticeKind, Release, ReleaseId, RunId } from "@fairway/core";
import { changedNothing, dashboardOf, environmentOf, outcomeWords } from "@fairway/core";
import { listDeployments } from "../store/deployments.ts";
import { releaseById } from "../store/releases.ts";
import type { Run } from "../store/runs.ts";
import { runById } from "../store/runs.ts";
import type { Sql } from "../store/store.ts";
import type { Body, FoundNotice } from "./found-notice.ts";
import { word } from "./found-notice.ts";

/** That a deployment began, or how it ended. */
export async function ofDeployment(sql: Sql, id: RunId, told: Body): Promise<FoundNotice | null> {
  const [deployment] = await listDeployments(sql, { run: id, limit: 1 });
  if (deployment === undefined) return null;
  const { environment, release, from, reason, why, beganAt } = deployment;
  // As it was then: the row may know more by now.
  const outcome = told["outcome"] === null ? null : deployment.outcome;
  const [run, of] = await Promise.all([runById(sql, id), releaseById(sql, release)]);
  const isBack = reason === "rollback";
  const what = isBack ? `${environment} goes back to ${release}` : `${release} to ${environment}`;
  const kind: NoticeKind =
    outcome === null
      ? "deployment.began"
      : outcome === "deployed"
        ? isBack
          ? "rollback.succeeded"
          : "deployment.succeeded"
        : changedNothing({ outcome, restored: deployment.restored })
          ? "deployment.dropped"
          : "deployment.failed";
  const level = { "deployment.began": "info", "deployment.failed": "error", "deployment.dropped": "warning" } as const;
  return {
    about: `deployment ${id} ${outcome ?? "began"} ${beganAt}`,
    notice: {
      kind,
      level: kind in level ? level[kind as keyof typeof level] : "success",
      title: outcome === null ? `${what}: began` : `${what}: ${outcomeWords({ ...deployment, outcome })}`,
      text: why ?? "",
      ...placed(run, environment, release),
      facts: [
        { name: "Commit", value: `${of.revision.short} ${of.revision.subject}` },
        { name: "Before", value: from ?? "nothing" },
        ...dashboardsIn(of, environment),
        ...whereToLook(run),
      ],
    },
  };
}

/** Where the services on ECS are looked at, where the environment has dashboards made. */
function dashboardsIn({ project }: Release, environment: string): Notice["facts"] {
  const found = environmentOf(project, environment);
  if (found?.aws?.dashboards !== true) return [];
  return found.placements.flatMap(({ service, ecs }) =>
    ecs === undefined
      ? []
      : [{ name: `Dashboard of ${service}`, value: dashboardOf(ecs.region, environment, service).url }],
  );
}

/** Each pause is told once, and once that it is over. */
export async function ofPause(
  sql: Sql,
  kind: "deployment.paused" | "deployment.resumed",
  id: RunId,
  { by, because, since, at }: Body,
): Promise<FoundNotice> {
  const run = await runById(sql, id);
  const { environment = null, release = null } = subjectOf(run);
  const isPaused = kind === "deployment.paused";
  return {
    about: `${kind} ${id} ${word(isPaused ? at : since)}`,
    notice: {
      kind,
      level: isPaused ? "warning" : "info",
      title: `${run.title}: ${isPaused ? "paused" : "goes on"}`,
      text: isPaused ? word(because) : "",
      ...placed(run, environment, release),
      facts: [
        { name: isPaused ? "Paused by" : "Resumed by", value: word(by) },
        ...(isPaused ? [{ name: "To go on", value: `fairway resume ${id}` }] : []),
        ...whereToLook(run),
      ],
    },
  };
}

/** A gate of a run, known by its job. */
export async function ofGate(sql: Sql, id: RunId, { job, attempt, message }: Body): Promise<FoundNotice | null> {
  const [found] = await sql.rows<{ digest: string | null }>(
    "select input->>'digest' as digest from fairway.jobs where run = $1 and name = $2 and stage = 'approval'",
    [id, job],
  );
  if (found === undefined) return null;
  const place = `gate ${word(job)} ${word(attempt)}`;
  const asked = await ofQuestion(sql, id, `it ${word(message, "waits for an approval")}`, place);
  // Of a plan of infrastructure there is more to see, and to type, than a page behind a link has.
  const isDeployment = job === "approval" && found.digest !== null;
  return isDeployment
    ? { ...asked, gate: { run: id, job, attempt: Number(attempt), digest: found.digest ?? "" } }
    : asked;
}

/** That a run asks somebody. */
export async function ofQuestion(sql: Sql, id: RunId, question: string, place: string): Promise<FoundNotice> {
  const run = await runById(sql, id);
  const { environment = null, release = null } = subjectOf(run);
  return {
    about: `approval ${id} ${place}`,
    notice: {
      kind: "approval.asked",
      level: "warning",
      title: `${run.title}: an approval is asked for`,
      text: question,
      ...placed(run, environment, release),
      facts: [{ name: "Answer", value: `fairway approve ${id}` }, ...whereToLook(run)],
    },
  };
}

/** That a run needs a person, or came to no release. */
export async function ofRun(sql: Sql, id: RunId, { state, attention }: Body): Promise<FoundNotice | null> {
  const run = await runById(sql, id);
  const { environment = null, release = null } = subjectOf(run);
  const said = attention as { readonly why?: string; readonly action?: string } | null | undefined;
  if (said?.why !== undefined)
    return {
      about: `attention ${id} ${said.why}`,
      notice: {
        kind: "run.attention",
        level: "error",
        title: `${run.title} needs a person`,
        text: said.why,
        ...placed(run, environment, release),
        facts: [{ name: "What to do", value: said.action ?? "" }, ...whereToLook(run)],
      },
    };
  if (run.kind !== "release" || (state !== "failed" && state !== "errored")) return null;
  const failed = await sql.rows<{ name: string; reason: string | null }>(
    "select name, reason from fairway.jobs where run = $1 and state in ('failed', 'errored') order by ended_at limit 5",
    [id],
  );
  return {
    about: `failed ${id} ${run.endedAt ?? ""}`,
    notice: {
      kind: "release.failed",
      level: "error",
      title: `${run.title}: no release`,
      text: failed.map(({ name, reason }) => `${name}: ${reason ?? "failed"}`).join("\n"),
      ...placed(run, null, null),
      facts: whereToLook(run),
    },
  };
}

interface Subject {
  readonly environment?: string | null;
  readonly release?: ReleaseId | null;
}

const subjectOf = ({ subject }: Run): Subject => (typeof subject === "object" ? ((subject ?? {}) as Subject) : {});

const placed = (
  { id }: Run,
  environment: string | null,
  release: ReleaseId | null,
): Pick<Notice, "environment" | "run" | "release" | "url" | "thread"> => ({
  environment,
  run: id,
  release,
  url: null,
  thread: id,
});

const whereToLook = ({ id, requestedBy }: Run): Notice["facts"] => [
  { name: "Asked for by", value: requestedBy },
  { name: "Look", value: `fairway run show ${id}` },
];

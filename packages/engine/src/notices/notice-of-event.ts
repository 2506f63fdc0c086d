import type { Notice, NoticeKind, Release, ReleaseId, RunId } from "@fairway/core";
import { changedNothing, dashboardOf, environmentOf, outcomeWords } from "@fairway/core";
import { listDeployments } from "../store/deployments.ts";
import type { AskedGate } from "./personal-notices.ts";
import type { EngineEvent } from "../store/events.ts";
import { releaseById } from "../store/releases.ts";
import type { Run } from "../store/runs.ts";
import { ofJourney, ofMissed, ofVerification } from "./notice-of-check.ts";
import { ofIncident, ofPack, ofSummary } from "./notice-of-operations.ts";
import { runById } from "../store/runs.ts";
import type { Sql } from "../store/store.ts";

/** What is told of an event, and by what it is known again when it is found out twice. */
export interface FoundNotice {
  readonly about: string;
  readonly notice: Omit<Notice, "id" | "at">;
  /** The gate that it asks about, where a link may answer it. */
  readonly gate?: AskedGate | undefined;
}

type Body = Readonly<Record<string, unknown>>;

/** What an event's body says in a field, where it says anything. */
const word = (value: unknown, otherwise = ""): string =>
  typeof value === "string" || typeof value === "number" ? String(value) : otherwise;

/** What people are told of an event; null for most. */
export async function noticeOfEvent(sql: Sql, { kind, subject, body }: EngineEvent): Promise<FoundNotice | null> {
  const told = (body ?? {}) as Body;
  switch (kind) {
    case "deployment.changed":
      return ofDeployment(sql, subject as RunId, told);
    case "deployment.paused":
    case "deployment.resumed":
      return ofPause(sql, kind, subject as RunId, told);
    case "release.created":
      return ofRelease(sql, subject as ReleaseId);
    case "approval.asked":
      return ofQuestion(
        sql,
        subject as RunId,
        word(told["question"]),
        `step ${word(told["job"])} ${word(told["weight"])}`,
      );
    case "job.changed":
      return told["state"] === "waiting" ? ofGate(sql, subject as RunId, told) : null;
    case "run.changed":
      return ofRun(sql, subject as RunId, told);
    case "quarantine.changed":
      return told["quarantined"] === true ? ofQuarantine(subject as ReleaseId, told) : null;
    case "verification.changed":
      return ofVerification(subject, told);
    case "check.finished":
      return ofJourney(sql, subject, told);
    case "check.missed":
      return ofMissed(subject, told);
    case "duty.reminded":
      return ofDuty(subject, told);
    case "alert.changed":
      return ofAlert(subject, told);
    case "incident.changed":
      return ofIncident(subject, told);
    case "notice.sent":
      return ofPack(subject, told);
    case "operations.summary":
      return ofSummary(subject, told);
    case "drift.found":
      return ofDrift(subject, told);
    case "preview.changed":
      return told["state"] === "asking" ? ofFork(subject, word(told["sha"])) : null;
    default:
      return null;
  }
}

async function ofDeployment(sql: Sql, id: RunId, told: Body): Promise<FoundNotice | null> {
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

/** When it begins, when it gets worse or better, and when it is over: each once. */
function ofAlert(key: string, told: Body): FoundNotice {
  const isOver = told["state"] === "resolved";
  const level = told["level"] === "warning" ? "warning" : "error";
  return {
    about: `alert ${key} ${word(told["number"])} ${isOver ? "resolved" : level}`,
    notice: {
      kind: isOver ? "alert.resolved" : "alert.raised",
      level: isOver ? "success" : level,
      title: isOver ? `${word(told["title"])}: it is well again` : word(told["title"]),
      text: word(told["note"]),
      ...{
        environment: typeof told["environment"] === "string" ? told["environment"] : null,
        run: null,
        release: null,
      },
      ...{ url: null, facts: [], thread: `alert ${key}` },
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
async function ofPause(
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

/** Once a day for each duty. */
function ofDuty(
  duty: string,
  { day, urgency, why, dueAt, title, owner, environment, escalation, mend }: Body,
): FoundNotice {
  const isLate = urgency !== "soon";
  const others = Array.isArray(escalation) ? escalation.map((role) => word(role)) : [];
  return {
    about: `duty ${duty} ${word(day)}`,
    notice: {
      kind: isLate ? "duty.overdue" : "duty.due",
      level: isLate ? "error" : "warning",
      title: `${word(title)}: ${word(why)}`,
      text: "",
      environment: typeof environment === "string" ? environment : null,
      run: null,
      release: null,
      url: null,
      facts: [
        { name: "Owner", value: word(owner) },
        ...(isLate && others.length > 0 ? [{ name: "Then", value: others.join(", ") }] : []),
        ...(typeof dueAt === "string" ? [{ name: "Due", value: dueAt.slice(0, 10) }] : []),
        typeof mend === "string"
          ? { name: "Mend it", value: mend }
          : { name: "Show it", value: `fairway duties attest ${duty}` },
      ],
      thread: `duty ${duty}`,
    },
  };
}

async function ofRelease(sql: Sql, id: ReleaseId): Promise<FoundNotice> {
  const { revision } = await releaseById(sql, id);
  return {
    about: `release ${id}`,
    notice: {
      kind: "release.made",
      level: "info",
      title: `${id}: ${revision.subject}`,
      text: "",
      environment: null,
      run: null,
      release: id,
      url: null,
      facts: [
        { name: "Commit", value: revision.short },
        { name: "Author", value: revision.author },
      ],
      thread: `release ${id}`,
    },
  };
}

/** A gate of a run, known by its job. */
async function ofGate(sql: Sql, id: RunId, { job, attempt, message }: Body): Promise<FoundNotice | null> {
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

async function ofQuestion(sql: Sql, id: RunId, question: string, place: string): Promise<FoundNotice> {
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

async function ofRun(sql: Sql, id: RunId, { state, attention }: Body): Promise<FoundNotice | null> {
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

const ofQuarantine = (release: ReleaseId, { by, reason, run }: Body): FoundNotice => ({
  about: `quarantine ${release} ${word(run)} ${word(reason)}`,
  notice: {
    kind: "quarantine.set",
    level: "warning",
    title: `${release} is in quarantine`,
    text: word(reason),
    environment: null,
    run: (run ?? null) as RunId | null,
    release,
    url: null,
    facts: [{ name: "By", value: word(by, "fairway") }],
    thread: typeof run === "string" ? run : `release ${release}`,
  },
});

const ofDrift = (environment: string, body: Body): FoundNotice => {
  const { stack, resources, run, contracts, differences, at } = body;
  const isOfContracts = typeof contracts === "string";
  const found = isOfContracts ? differences : resources;
  return {
    about: isOfContracts
      ? `contract drift ${environment} ${contracts} ${word(at)}`
      : `drift ${environment} ${word(stack)} ${word(run)} ${JSON.stringify(found)}`,
    notice: {
      kind: "drift.found",
      level: "warning",
      title: isOfContracts
        ? `${environment}: the chain of ${contracts} is not as its release left it`
        : `${environment}: the infrastructure of ${word(stack)} is not as written`,
      text: Array.isArray(found) ? found.join("\n") : "",
      environment,
      run: (run ?? null) as RunId | null,
      release: null,
      url: null,
      facts: [
        {
          name: "Look",
          value: isOfContracts ? `fairway contracts ${environment}` : `fairway infrastructure drift ${environment}`,
        },
      ],
      thread: `drift ${environment}`,
    },
  };
};

/** The commit of a fork waits for somebody's yes. What its author wrote is not told: everybody may write that. */
const ofFork = (preview: string, sha: string): FoundNotice => ({
  about: `fork ${preview} ${sha}`,
  notice: {
    kind: "approval.asked",
    level: "warning",
    title: `${preview}: a commit of a fork asks to be let in`,
    text: `${sha} gets a preview, without secrets, when somebody has looked at it`,
    environment: preview,
    run: null,
    release: null,
    url: null,
    facts: [{ name: "Answer", value: `fairway preview approve ${preview} --sha ${sha}` }],
    thread: `preview ${preview}`,
  },
});

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

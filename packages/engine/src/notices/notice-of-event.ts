import type { ReleaseId, RunId } from "@fairway/core";
import type { EngineEvent } from "../store/events.ts";
import { releaseById } from "../store/releases.ts";
import type { Sql } from "../store/store.ts";
import type { Body, FoundNotice } from "./found-notice.ts";
import { word } from "./found-notice.ts";
import { ofJourney, ofMissed, ofVerification } from "./notice-of-check.ts";
import { ofIncident, ofPack, ofSummary } from "./notice-of-operations.ts";
import { ofDeployment, ofGate, ofPause, ofQuestion, ofRun } from "./notice-of-run.ts";

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

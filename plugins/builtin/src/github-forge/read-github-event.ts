import type { ForgeEvent, ForgePayload, Sha } from "@fairway/core";
import { isNoSha, isRefName, isSha } from "@fairway/core";

/** What a webhook of GitHub says has happened, or why it does not hold together. */
export type GitHubEventReading =
  | { readonly ok: true; readonly event: ForgeEvent | null }
  | { readonly ok: false; readonly why: string };

/**
 * What the body of each event must have. The name of the event is in a header, which is not signed: a body that was signed as
 * one thing must not pass for another (https://docs.github.com/webhooks/webhook-events-and-payloads).
 */
const marks: Readonly<Record<string, readonly string[]>> = {
  branch_protection_rule: ["rule"],
  check_run: ["check_run"],
  check_suite: ["check_suite"],
  create: ["ref", "ref_type", "master_branch"],
  delete: ["ref", "ref_type", "pusher_type"],
  deployment: ["deployment"],
  deployment_status: ["deployment", "deployment_status"],
  discussion: ["discussion"],
  discussion_comment: ["discussion", "comment"],
  fork: ["forkee"],
  gollum: ["pages"],
  issue_comment: ["issue", "comment"],
  issues: ["issue"],
  label: ["label"],
  merge_group: ["merge_group"],
  milestone: ["milestone"],
  page_build: ["build"],
  pull_request: ["pull_request", "action"],
  pull_request_review: ["pull_request", "review"],
  pull_request_review_comment: ["pull_request", "comment"],
  push: ["ref", "before", "after"],
  registry_package: ["registry_package"],
  release: ["release"],
  repository_dispatch: ["client_payload", "action"],
  status: ["sha", "state", "context"],
  watch: ["sender", "action"],
  workflow_run: ["workflow_run"],
};

/** Marks of which no other event has any, so that one cannot be told as another that asks for less. */
const tells = [
  ...["pull_request", "issue", "release", "workflow_run", "check_run", "check_suite", "deployment", "forkee"],
  ...["review", "comment", "thread", "ref_type"],
];

type JsonRecord = Readonly<Record<string, unknown>>;

/** Reads the parsed body of an event of this repository (`owner/name`). Events that nothing can listen to are nothing. */
export function readGitHubEvent(name: string, body: unknown, repository: string): GitHubEventReading {
  if (!isRecord(body)) return no("the body is no object");
  const of = recordAt(body, "repository");
  const called = of === null ? null : textAt(of, "full_name");
  if (called !== null && called.toLowerCase() !== repository.toLowerCase()) return no("it is of another repository");
  if (name === "ping") return "zen" in body || "hook_id" in body ? { ok: true, event: null } : no("it is no ping");
  const wanted = Object.hasOwn(marks, name) ? marks[name] : undefined;
  if (wanted === undefined) return { ok: true, event: null };
  if (called === null) return no("it names no repository");
  const missing = wanted.find((key) => !(key in body));
  if (missing !== undefined) return no(`a ${name} has ${missing}, and this body has none`);
  const foreign = tells.find((key) => key in body && !wanted.includes(key) && !name.startsWith(key));
  if (foreign !== undefined && !(name === "issue_comment" && foreign === "issue"))
    return no(`a ${name} has no ${foreign}, and this body has one`);
  const by = textAt(recordAt(body, "sender") ?? {}, "login") ?? "github";
  const payload = body as ForgePayload;
  if (name === "push") return readPush(body, payload, by);
  if (name === "pull_request") return readPull(body, payload, by);
  return { ok: true, event: { kind: "other", name, by, payload, action: textAt(body, "action") } };
}

const no = (why: string): GitHubEventReading => ({ ok: false, why });

function readPush(body: JsonRecord, payload: ForgePayload, by: string): GitHubEventReading {
  const ref = textAt(body, "ref");
  const before = shaAt(body, "before");
  const after = shaAt(body, "after");
  if (ref === null || !isRefName(ref)) return no("its ref is no name of a branch or tag");
  if (before === undefined || after === undefined) return no("its commits are no hashes");
  if ("deleted" in body && (body["deleted"] === true) !== (after === null)) return no("it was deleted and was not");
  const head = recordAt(body, "head_commit");
  return {
    ok: true,
    event: { kind: "push", name: "push", by, payload, ref, before, after, message: head && textAt(head, "message") },
  };
}

function readPull(body: JsonRecord, payload: ForgePayload, by: string): GitHubEventReading {
  const pull = recordAt(body, "pull_request") ?? {};
  const { number } = "number" in body ? body : pull;
  const action = textAt(body, "action");
  const head = sideOf(pull, "head");
  const base = sideOf(pull, "base");
  if (typeof number !== "number" || !Number.isSafeInteger(number) || number < 1) return no("its number is none");
  if (action === null || head === null || base === null) return no("its branches are no branches with commits");
  const state = textAt(pull, "state");
  if (state !== "open" && state !== "closed") return no("it is neither open nor closed");
  if ((action === "closed") !== (state === "closed") && ["opened", "reopened", "closed"].includes(action))
    return no(`it was ${action} and is ${state}`);
  return {
    ok: true,
    event: {
      kind: "pull-request",
      name: "pull_request",
      by,
      payload,
      action,
      number,
      title: textAt(pull, "title") ?? "",
      state,
      head: { ref: head.ref, sha: head.sha },
      base: { ref: base.ref, sha: base.sha },
      // Without its repository (a fork that was deleted) it is a stranger's.
      fromFork: head.repository === null || head.repository !== base.repository,
      message: null,
      changedAt: textAt(pull, "updated_at"),
    },
  };
}

function sideOf(
  pull: JsonRecord,
  side: "head" | "base",
): { readonly ref: string; readonly sha: Sha; readonly repository: string | null } | null {
  const found = recordAt(pull, side) ?? {};
  const ref = textAt(found, "ref");
  const sha = textAt(found, "sha");
  if (ref === null || sha === null || !isSha(sha) || !isRefName(`refs/heads/${ref}`)) return null;
  return { ref, sha, repository: textAt(recordAt(found, "repo") ?? {}, "full_name") };
}

/** Null for git's zeros, undefined for what is no hash. */
function shaAt(body: JsonRecord, key: string): Sha | null | undefined {
  const text = textAt(body, key);
  if (text === null || !isSha(text)) return undefined;
  return isNoSha(text) ? null : text;
}

/** Whether a value is a JSON object. */
export const isRecord = (value: unknown): value is JsonRecord =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A text of an object; null where there is none. */
export function textAt(object: JsonRecord, key: string): string | null {
  const value = Object.hasOwn(object, key) ? object[key] : undefined;
  return typeof value === "string" ? value : null;
}

/** An object within an object; null where there is none. */
export function recordAt(object: JsonRecord, key: string): JsonRecord | null {
  const value = Object.hasOwn(object, key) ? object[key] : undefined;
  return isRecord(value) ? value : null;
}

import type { Repository, Revision } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import type { JsonObject, JsonValue, Workflow, WorkflowEvent } from "@fairway/workflow";

/** What a person says has happened, or has a file say. */
export interface EventRequest {
  /** `push`, `pull_request`, …; null takes what the workflow listens to. */
  readonly name: string | null;
  /** For a workflow that is started by hand. */
  readonly inputs: Readonly<Record<string, JsonValue>>;
  /** The event as GitHub would send it. */
  readonly payload: JsonObject | null;
}

/** The event that starts a workflow at a revision: what was asked for, completed from the repository. */
export async function workflowEvent(
  repository: Repository,
  revision: Revision,
  workflow: Workflow,
  request: EventRequest,
  by: string,
): Promise<WorkflowEvent> {
  const name = request.name ?? usualEvent(workflow);
  const given = request.payload ?? {};
  const ref = await refOf(repository, revision);
  const { name: called } = await repository.identity();
  const inputs = { ...objectAt(given, "inputs"), ...request.inputs };
  const base = { repository: repositoryPayload(called), sender: { login: by, type: "User" } };
  const { sha } = revision;
  if (name === "pull_request" || name === "pull_request_target") return pullRequest(name, revision, given, base, ref);
  if (name === "schedule") {
    const schedule = textAt(given, "schedule") ?? workflow.triggers.schedules[0]?.cron;
    if (schedule === undefined)
      throw new FairwayError("bad_request", `${workflow.file} has no schedule`, { hint: "give another --event" });
    return { name, ref, sha, schedule, payload: { schedule, ...base, ...given } };
  }
  if (name === "workflow_dispatch")
    return {
      name,
      ref,
      sha,
      inputs,
      payload: { inputs, ref, workflow: workflow.file, ...base, ...given },
    };
  const type = textAt(given, "action");
  const before = textAt(given, "before") ?? (await parentOf(repository, sha));
  const changedPaths = before === undefined ? undefined : await repository.changedPaths(before, sha);
  const commit = {
    id: sha,
    message: revision.subject,
    timestamp: revision.committedAt,
    author: { name: revision.author },
    committer: { name: revision.author },
  };
  const pushed = {
    ref,
    before: before ?? "0".repeat(40),
    after: sha,
    head_commit: commit,
    commits: [commit],
    pusher: { name: by },
  };
  return {
    name,
    ...(type === undefined ? {} : { type }),
    ref: textAt(given, "ref") ?? ref,
    sha,
    ...(changedPaths === undefined ? {} : { changedPaths }),
    payload: { ...(name === "push" ? pushed : {}), ...base, ...given },
  };
}

/** What a workflow that says nothing of it is most likely meant to be tried with. */
function usualEvent({ triggers }: Workflow): string {
  const listens = triggers.events.map(({ event }) => event);
  const usual = ["push", "workflow_dispatch", "pull_request"].find(
    (name) => listens.includes(name) || (name === "workflow_dispatch" && triggers.dispatch !== undefined),
  );
  return usual ?? listens[0] ?? (triggers.schedules.length > 0 ? "schedule" : "push");
}

function pullRequest(
  name: string,
  revision: Revision,
  given: JsonObject,
  base: JsonObject,
  ref: string,
): WorkflowEvent {
  const asked = objectAt(given, "pull_request");
  const number = typeof given["number"] === "number" ? given["number"] : Number(asked["number"] ?? 1);
  const head = objectAt(asked, "head");
  const into = objectAt(asked, "base");
  const headRepository = textAt(objectAt(head, "repo"), "full_name");
  const baseRepository = textAt(objectAt(into, "repo"), "full_name");
  const fromFork =
    objectAt(head, "repo")["fork"] === true ||
    (headRepository !== undefined && baseRepository !== undefined && headRepository !== baseRepository);
  const headRef = textAt(head, "ref") ?? ref.replace(/^refs\/heads\//, "");
  const baseRef = textAt(into, "ref") ?? "main";
  const type = textAt(given, "action") ?? "synchronize";
  const payload = {
    ...base,
    action: type,
    number,
    ...given,
    pull_request: {
      number,
      title: revision.subject,
      ...asked,
      head: { ref: headRef, sha: revision.sha, ...head },
      base: { ref: baseRef, ...into },
    },
  };
  return {
    name,
    type,
    ref: name === "pull_request" ? `refs/pull/${number}/merge` : `refs/heads/${baseRef}`,
    sha: revision.sha,
    baseRef,
    headRef,
    fromFork,
    payload,
  };
}

/** The full ref of a revision; of a hash or a detached head the branch that a push of it would most likely be. */
async function refOf(repository: Repository, { ref, sha }: Revision): Promise<string> {
  if (ref === null) return "refs/heads/main";
  const isBranch = await repository.resolve(`refs/heads/${ref}`).then(
    (branch) => branch.sha === sha,
    () => false, // there is no such branch, so it is a tag
  );
  return isBranch ? `refs/heads/${ref}` : `refs/tags/${ref}`;
}

/** The commit before; undefined of the first. */
const parentOf = (repository: Repository, sha: string): Promise<string | undefined> =>
  repository.resolve(`${sha}^`).then(
    (parent) => parent.sha,
    () => undefined,
  );

const repositoryPayload = (name: string): JsonObject => {
  const [owner = name, short = owner] = name.split("/");
  return { full_name: name, name: short, owner: { login: owner }, default_branch: "main" };
};

function textAt(object: JsonObject, key: string): string | undefined {
  const value = object[key];
  return typeof value === "string" ? value : undefined;
}

function objectAt(object: JsonObject, key: string): JsonObject {
  const value = object[key];
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

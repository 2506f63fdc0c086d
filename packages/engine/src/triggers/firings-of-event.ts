import type {
  CommitAuthor,
  CommitHistory,
  Forge,
  ForgeEvent,
  PullRequestEvent,
  PushEvent,
  Repository,
  Sha,
  TriggerSource,
} from "@fairway/core";
import { answerEvent, branchOf, isRefName, isSha, pullRef, tagOf } from "@fairway/core";
import type { NewFiring } from "../store/trigger-firings.ts";
import { nameMatcher } from "./name-matcher.ts";
import type { TriggerProject } from "./trigger-project.ts";

export interface FiringParts {
  readonly repository: Repository;
  readonly history: CommitHistory;
  readonly forge: Forge;
  readonly read: TriggerProject | null;
  /** Whether `on:` of workflow files counts. */
  readonly workflows: boolean;
}

/** What an event comes to. `ref`: what the forge has there by it, which a look at it would find as well. */
export interface EventFirings {
  readonly firings: readonly NewFiring[];
  readonly ref: { readonly name: string; readonly sha: Sha; readonly isNewest: boolean } | null;
  /** Why it cannot be used at all; null where it can. */
  readonly refused: string | null;
}

/** Said of a ref that is not there any more. */
export const gone = "gone";

/** What fires on an event. Asks the forge for the commits first. Changes nothing in the database. May be repeated. */
export async function firingsOf(parts: FiringParts, event: ForgeEvent, document: string): Promise<EventFirings> {
  const about = aboutOf(event);
  if (about.problem !== null) return { firings: [], ref: null, refused: about.problem };
  if (about.fetch !== null) await parts.forge.fetch([about.fetch]);
  const complete = await withMessage(parts.history, event);
  const made = { document, by: event.by, asked: { sender: senderOf(event) }, ref: about.ref, sha: about.sha };
  return {
    firings: [
      ...(await configured(parts, complete, about, made)),
      ...(await ofWorkflows(parts, complete, about, made)),
    ],
    ref:
      about.ref === null
        ? null
        : { name: about.ref, sha: about.sha ?? gone, isNewest: await isNewest(parts.history, event) },
    refused: null,
  };
}

interface About {
  readonly ref: string | null;
  /** The newest commit of it; null where it is gone. */
  readonly sha: Sha | null;
  readonly fetch: string | null;
  /** Tells this move of the ref from every other. */
  readonly key: string;
  readonly problem: string | null;
}

function aboutOf(event: ForgeEvent): About {
  const nothing = { ref: null, sha: null, fetch: null, key: "", problem: null };
  switch (event.kind) {
    case "push": {
      const { ref, before, after } = event;
      if (!isRefName(ref))
        return { ...nothing, problem: `${JSON.stringify(ref.slice(0, 100))} names no branch and no tag` };
      if ((before !== null && !isSha(before)) || (after !== null && !isSha(after)))
        return { ...nothing, problem: "the commits are no commits" };
      return {
        ref,
        sha: after,
        fetch: after === null ? null : ref,
        key: `${ref} ${before ?? ""}..${after ?? ""}`,
        problem: null,
      };
    }
    case "pull-request": {
      const { number, head, base, action, state, changedAt } = event;
      const ref = pullRef(number);
      if (!isSha(head.sha) || !isRefName(`refs/heads/${head.ref}`) || !isRefName(`refs/heads/${base.ref}`))
        return { ...nothing, problem: `pull request ${number} names no branches and commits` };
      const moves = ["opened", "synchronize"].includes(action);
      const key = `${ref} ${action} ${head.sha}${moves ? "" : ` ${changedAt ?? ""}`}`;
      return {
        ref,
        sha: state === "closed" ? null : head.sha,
        fetch: state === "closed" ? null : ref,
        key,
        problem: null,
      };
    }
    case "other":
      return nothing;
  }
}

/** Whether a ref is still where a push left it: one that comes late says nothing of how things are now. */
async function isNewest(history: CommitHistory, event: ForgeEvent): Promise<boolean> {
  return event.kind !== "push" || event.after === null || (await history.tip(event.ref)) === event.after;
}

/** A push of plain git says nothing of the message; the commit does. */
async function withMessage(history: CommitHistory, event: ForgeEvent): Promise<ForgeEvent> {
  if (event.kind === "other" || event.message !== null) return event;
  const sha = event.kind === "push" ? event.after : event.head.sha;
  return sha === null ? event : { ...event, message: await history.messageOf(sha) };
}

type Made = Pick<NewFiring, "document" | "by" | "asked" | "ref" | "sha">;

/** Who did it: what the forge calls them, with their address where it tells that too. */
function senderOf({ by, payload }: ForgeEvent): CommitAuthor {
  const pusher = payload?.["pusher"];
  const told = typeof pusher === "object" && pusher !== null && "email" in pusher ? pusher["email"] : null;
  return { name: by, email: typeof told === "string" ? told : "" };
}

async function configured(
  { repository, history, read }: FiringParts,
  event: ForgeEvent,
  about: About,
  made: Made,
): Promise<readonly NewFiring[]> {
  const triggers = read?.project.triggers ?? [];
  if (event.kind === "other" || triggers.length === 0) return [];
  const matcher = await nameMatcher();
  const changedPaths = await changedBy(repository, event);
  const on = await branchesWith(
    history,
    triggers.flatMap((trigger) => trigger.on),
    event,
  );
  return triggers.flatMap((trigger): readonly NewFiring[] => {
    const answer = answerEvent(trigger, event, { changedPaths, isOn: (branch) => on.has(branch), matcher });
    if (answer === null) return [];
    return [
      {
        ...made,
        // A pull request's head is somebody else's until it is merged.
        sha: made.sha ?? (event.kind === "pull-request" ? event.head.sha : null),
        key: `${trigger.name} ${about.key}`,
        trigger: trigger.name,
        cause: answer.source.kind,
        request: { source: "configuration", trigger, inputs: defaultsOf(trigger.inputs) },
        state: answer.starts ? "pending" : "declined",
        why: answer.because,
      },
    ];
  });
}

const defaultsOf = (inputs: NonNullable<TriggerProject["project"]["triggers"]>[number]["inputs"]) =>
  Object.fromEntries(inputs.map((input) => [input.name, input.default ?? input.options[0] ?? ""]));

/** Undefined where it cannot be told. */
async function changedBy(
  repository: Repository,
  event: PushEvent | PullRequestEvent,
): Promise<readonly string[] | undefined> {
  const from = event.kind === "push" ? event.before : event.base.sha;
  const to = event.kind === "push" ? event.after : event.head.sha;
  return from === null || to === null ? undefined : repository.changedPaths(from, to).catch(() => undefined);
}

/** The branches, of those that the triggers for tags ask about, that a tag's commit is on. */
async function branchesWith(
  history: CommitHistory,
  sources: readonly TriggerSource[],
  event: ForgeEvent,
): Promise<ReadonlySet<string>> {
  if (event.kind !== "push" || event.after === null || tagOf(event.ref) === null) return new Set();
  const { after } = event;
  const asked = new Set(
    sources.flatMap((source) => (source.kind === "tag" && source.branch !== null ? [source.branch] : [])),
  );
  const found = await Promise.all(
    [...asked].map(async (branch) => {
      const tip = await history.tip(`refs/heads/${branch}`);
      return tip !== null && (await history.isAncestor(after, tip)) ? [branch] : [];
    }),
  );
  return new Set(found.flat());
}

const workflowFolder = ".github/workflows";

/**
 * The workflow files that listen to such an event, as the event's own commit has them. Whether one starts is decided when it
 * does.
 */
async function ofWorkflows(
  parts: FiringParts,
  event: ForgeEvent,
  about: About,
  made: Made,
): Promise<readonly NewFiring[]> {
  if (!parts.workflows) return [];
  const sha = await workflowSha(parts, event, about);
  if (sha === null) return [];
  const files = (await parts.history.filesIn(sha, workflowFolder)).filter((file) => /\.ya?ml$/u.test(file));
  if (files.length === 0) return [];
  const { readWorkflow } = await import("@fairway/workflow");
  const found = await Promise.all(
    files.map(async (file): Promise<readonly NewFiring[]> => {
      const text = await parts.repository.textOf(sha, file);
      const reading = text === undefined ? undefined : readWorkflow(text, file);
      // One that cannot be read may have meant to listen; the try to start it tells what is wrong with it.
      const listens =
        reading !== undefined &&
        ("problems" in reading
          ? event.kind === "push" && branchOf(event.ref) !== null
          : reading.workflow.triggers.events.some((trigger) => trigger.event === event.name));
      if (!listens) return [];
      return [
        {
          ...made,
          sha,
          key: `${file} ${about.key === "" ? (made.document ?? "") : about.key}`,
          trigger: file,
          cause: event.name,
          request: { source: "workflow", file, schedule: null },
          state: "pending",
          why: "is to be looked at",
        },
      ];
    }),
  );
  return found.flat();
}

/** The commit whose workflow files count, as on GitHub: the event's own, or the main branch's where it has none. */
async function workflowSha({ read, history }: FiringParts, event: ForgeEvent, { sha }: About): Promise<Sha | null> {
  if (event.kind === "pull-request")
    return event.name === "pull_request_target" ? history.tip(`refs/heads/${event.base.ref}`) : event.head.sha;
  return event.kind === "push" ? sha : (read?.sha ?? null);
}

// Imported as a type only: the sentences below must name every kind there is, and the type checker sees to it.
import type { EngineEvent } from "../../packages/engine/src/store/events.ts";

const kinds: Readonly<Record<EngineEvent["kind"], readonly [subject: string, sentence: string]>> = {
  "run.created": ["a run", "A run was asked for."],
  "run.changed": ["a run", "A run came into another state, was told to stop, or needs attention."],
  "job.changed": ["a run", "A job of a run came into another state or says something new."],
  "step.changed": ["a run", "A step of a job began or ended."],
  "approval.asked": ["a run", "A rollout asks a person whether to go on from a share of traffic."],
  "approval.given": ["a run", "Someone answered a run that waits for an approval."],
  "analysis.changed": ["a run", "The figures of a new release say something else; `body` has the verdict and why."],
  "environment.changed": ["an environment", "An environment was locked, unlocked, taken or left by a deployment."],
  "release.created": ["a release", "A release was made."],
  "deployment.changed": ["a run", "A deployment began to change its environment, or left it."],
  "deployment.paused": ["a run", "Somebody holds a deployment where it is; `body` has who and why."],
  "deployment.resumed": ["a run", "A deployment that was held goes on; `body` has who lets it."],
  "preview.changed": [
    "a preview",
    "A preview was asked for, shows another commit, fell asleep or woke, or ended; `body` has its state, its address and why.",
  ],
  "quarantine.changed": [
    "a release",
    "Its digest was put into quarantine, or lifted out of it; `body` has who and why.",
  ],
  "alert.changed": [
    "what is wrong",
    "Something that is looked at again and again is wrong, or is well again; `body` has its level and where.",
  ],
  "drift.changed": ["an environment", "Somebody took a difference of the infrastructure on, or lets it be."],
  "check.finished": [
    "an environment",
    "A check of what runs came to something; its number and status are in the body.",
  ],
  "check.missed": ["an environment", "A journey was not made when it was due."],
  "verification.changed": ["an environment", "A release counts as verified there again, or not any more."],
  "drift.found": [
    "an environment",
    "A look at the infrastructure, or at the chain of contracts, found what differs from what was released and is new.",
  ],
  "flags.changed": ["an environment", "Its feature flags have changed; `body` has the new version and which."],
  "rollout.moved": [
    "a run",
    "Replicas or traffic of a service moved; `body` has the service, the share of traffic, and both releases' replicas.",
  ],
  "disclosures.changed": ["a commit", "What it shows its users was looked at, or somebody said yes to it."],
  "incident.changed": [
    "an incident",
    "It was opened or closed, or somebody said how severe it is; `body` has what became of it and where.",
  ],
  "notice.sent": ["a release", "Its pack is there for those who have to have it; `body` has its digest and files."],
  "operations.summary": ["a day", "The summary of the operations log up to that day was written; it is in `body`."],
  "duty.reminded": ["a duty", "Its owner is to hear of it today."],
  "freeze.overridden": ["a run", "Somebody wants it to go through a freeze."],
  "migrations.changed": [
    "an environment",
    "Migrations were run on its databases, or somebody said what became of one.",
  ],
  "notices.changed": ["a channel", "People are to be told something there."],
  "duties.changed": [
    "an environment or the area of the entry",
    "Other duties hold, evidence of one came, or one was passed over; never which.",
  ],
  "people.changed": ["`people`", "There are other people, or they may do something else."],
  "tokens.changed": ["`token`", "An API token was made or revoked."],
  "secrets.changed": ["an environment or `secret`", "Secrets were set, removed or sealed anew; never which."],
  "router.changed": [
    "an environment or `router`",
    "The router was exchanged, read its certificates again, or maintenance began or ended.",
  ],
  "trigger.fired": [
    "a firing",
    "A trigger had something to answer, or what it started is known; `body` has the trigger and why.",
  ],
  "worker.lost": ["a worker", "A worker no longer answers; others take over what it had."],
};

/** The page that describes every kind of event. */
export function eventsReference(): string {
  const rows = Object.entries(kinds).map(([kind, [subject, sentence]]) => `| \`${kind}\` | ${subject} | ${sentence} |`);
  return `# Events

<!-- Written from tools/reference/events-reference.ts by tools/generate-reference.mjs; a test fails when it differs. -->

\`GET /api/v1/events\` is a stream of what happens. Each event has a number \`seq\` that only grows, the time \`at\`, its \`kind\`,
the \`subject\` it happened to, and a \`body\`. Whoever has seen one number has seen all before it: \`?after=<seq>\` goes on where
an earlier stream ended.

Events are kept for a while, not for ever: where those behind \`after\` are gone already, the first is one of the kind
\`events.forgotten\`, and what was read before must be read again.

| kind | happens to | when |
| --- | --- | --- |
${rows.join("\n")}
`;
}

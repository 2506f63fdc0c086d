import type { Digest, ReleaseId, RunId } from "../ids.ts";
import type { Millis, Timestamp } from "../units.ts";

/** Everything that people can be told of, with what it means. The list is closed. */
export const noticeKinds = {
  "release.made": "A release was made.",
  "release.failed": "A release could not be made.",
  "approval.asked": "A deployment, or a step of it, waits for an approval.",
  "deployment.began": "A deployment began to change its environment.",
  "deployment.succeeded": "A deployment was carried through.",
  "deployment.failed": "A deployment was not carried through: what ran before is back, or nobody knows what runs.",
  "deployment.paused": "Somebody holds a deployment where it is.",
  "deployment.resumed": "A deployment that was held goes on.",
  "deployment.dropped": "A deployment ended before it changed anything, or made way for a newer one.",
  "rollback.succeeded": "A way back was carried through.",
  "run.attention": "Something goes on only when a person has looked.",
  "quarantine.set": "A release was put into quarantine.",
  "verification.revoked":
    "A release does not count as verified in an environment any more: it was asked again, and a check said no.",
  "verification.renewed": "It does again: all checks said yes.",
  "synthetic.failed": "A journey of users has failed.",
  "synthetic.recovered": "It went well again.",
  "synthetic.missed": "A journey was not made when it was due: nobody knows how it would have gone.",
  "duty.due": "Something that somebody owes is due soon.",
  "duty.overdue": "Something that somebody owes is overdue, or was not well when it was looked at last.",
  "alert.raised":
    "Something that is looked at again and again is wrong: a log that is not archived, a standby that is gone.",
  "alert.resolved": "It is well again.",
  "drift.found": "Infrastructure, or a chain, differs from what its configuration says.",
  "notice.sent": "What a release says is there for those who have to have it before.",
  "incident.opened": "Something goes wrong for those who use what runs.",
  "incident.confirmed": "Somebody said how severe an incident is.",
  "incident.closed": "An incident is over.",
  "operations.summary": "The summary of the operations log was written.",
  "notices.tested": "Somebody wants to know whether notices arrive.",
} as const;

export type NoticeKind = keyof typeof noticeKinds;

export const noticeKindNames: readonly NoticeKind[] = Object.keys(noticeKinds) as readonly NoticeKind[];

/** How much it matters. */
export type NoticeLevel = "info" | "success" | "warning" | "error";

/** Something that people are told, once, wherever they want to hear it. It names no secret. */
export interface Notice {
  /** Stays the same however often it is sent. */
  readonly id: string;
  readonly kind: NoticeKind;
  readonly level: NoticeLevel;
  /** One line. */
  readonly title: string;
  /** What more there is to say, in plain text; empty where that is nothing. */
  readonly text: string;
  readonly at: Timestamp;
  readonly environment: string | null;
  readonly run: RunId | null;
  readonly release: ReleaseId | null;
  /** Where to look; null where Fairway has no address that others reach. */
  readonly url: string | null;
  readonly facts: readonly { readonly name: string; readonly value: string }[];
  /** Notices of one thread belong together: all of one deployment. */
  readonly thread: string;
  /** Only to these of a channel's addresses; to all of them when left out. */
  readonly to?: readonly string[] | undefined;
  /** To one person alone, who may answer what it asks by a link of their own. */
  readonly personal?: PersonalNotice | undefined;
}

/** Who is told alone, and what they are asked. The link itself is made when it is sent, and is kept nowhere. */
export interface PersonalNotice {
  /** Of Fairway. */
  readonly person: string;
  readonly name: string;
  readonly address: string;
  readonly run: RunId;
  readonly job: string;
  readonly attempt: number;
  readonly digest: Digest;
}

/** What a place that takes notices answered. */
export type NoticeAnswer =
  | {
      readonly told: true;
      /** By which it is found there again, for those that follow in its thread. */
      readonly reference: string | null;
    }
  | {
      readonly told: false;
      readonly why: string;
      /** Whether the same call may succeed later. */
      readonly again: boolean;
      /** How long it asked to be left alone. */
      readonly after: Millis | null;
      /** Nobody knows whether it arrived: there was no answer. */
      readonly uncertain: boolean;
    };

/** What a notifier knows of what was sent before. */
export interface NoticeHistory {
  /** Where the first notice of the thread is found there; null for the first. */
  readonly thread: string | null;
  /** Whether it was tried before and nobody knows whether it arrived. */
  readonly uncertain: boolean;
}

/** A place where people hear of things. */
export interface Notifier {
  /** Tells it. May be called again with the same notice, and tells it once where the place allows that. */
  notify(notice: Notice, history: NoticeHistory): Promise<NoticeAnswer>;
}

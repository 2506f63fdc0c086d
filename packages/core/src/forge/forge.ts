import type { Annotation } from "../check/annotation.ts";
import type { Sha } from "../ids.ts";
import type { Millis } from "../units.ts";
import type { ForgeEvent } from "./forge-event.ts";

/** A request that says that something happened, as it came in. */
export interface Delivery {
  /** In small letters. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
}

/** What a delivery turned out to be. Nothing of it was parsed before its sender was known. */
export type DeliveryReading =
  | {
      readonly accepted: true;
      /** The forge's own number of it; not signed, so the body counts too. */
      readonly delivery: string;
      /** What happened; null for one that only asks whether we listen. */
      readonly event: ForgeEvent | null;
    }
  | { readonly accepted: false; readonly status: 400 | 401 | 404 | 413 | 415; readonly why: string };

/** What a commit came to, beside its name. */
export interface CommitStatusReport {
  readonly kind: "status";
  readonly sha: Sha;
  /** What it is about; one for each name and commit is shown. */
  readonly context: string;
  readonly state: "pending" | "success" | "failure" | "error";
  readonly description: string;
  readonly url: string | null;
}

/** A check with the places of what it found. */
export interface CheckRunReport {
  readonly kind: "check-run";
  readonly sha: Sha;
  readonly name: string;
  readonly state:
    | "queued"
    | "in_progress"
    | "success"
    | "failure"
    | "cancelled"
    | "skipped"
    | "neutral"
    | "action_required";
  readonly title: string;
  readonly summary: string;
  readonly annotations: readonly Annotation[];
  readonly url: string | null;
}

/** That a commit is being brought to an environment, and how far it is. */
export interface DeploymentReport {
  readonly kind: "deployment";
  readonly sha: Sha;
  readonly environment: string;
  readonly production: boolean;
  readonly state: "queued" | "in_progress" | "success" | "failure" | "error" | "inactive";
  readonly description: string;
  /** Where people find the environment. */
  readonly environmentUrl: string | null;
  readonly url: string | null;
}

/** A comment at a pull request, of which there is one for each topic. */
export interface CommentReport {
  readonly kind: "comment";
  readonly number: number;
  /** Never shown: by it the comment is found again. */
  readonly topic: string;
  /** Markdown. */
  readonly text: string;
}

/** Notes for a tag. */
export interface ReleaseNotesReport {
  readonly kind: "release";
  readonly tag: string;
  readonly title: string;
  /** Markdown. */
  readonly text: string;
  readonly prerelease: boolean;
}

/** One thing that a forge is told. Telling it again changes it in place. */
export type ForgeReport = CommitStatusReport | CheckRunReport | DeploymentReport | CommentReport | ReleaseNotesReport;

/** How telling went. */
export type ReportReceipt =
  /** `id` is the forge's own, and is given back when the same is told again. */
  | { readonly outcome: "told"; readonly id: string | null }
  /** It will never be taken as it is. */
  | { readonly outcome: "refused"; readonly why: string }
  /** The forge asks for a pause, or is away. `after`: no sooner than that. */
  | { readonly outcome: "later"; readonly why: string; readonly after: Millis | null };

/** A pull request that is open. */
export interface OpenPull {
  readonly number: number;
  readonly title: string;
  readonly head: { readonly ref: string; readonly sha: Sha };
  readonly base: { readonly ref: string; readonly sha: Sha | null };
  readonly fromFork: boolean;
  readonly by: string;
}

/** What a forge has at this moment. */
export interface ForgeState {
  /** Branches and tags by their full names; of an annotated tag the commit. */
  readonly refs: ReadonlyMap<string, Sha>;
  readonly pulls: readonly OpenPull[];
}

/** Where the repository is kept with others, and where people look for what became of a commit. */
export interface Forge {
  readonly name: string;
  /** The kinds of reports that it has a place for; others are not made. */
  readonly takes: ReadonlySet<ForgeReport["kind"]>;
  /** How long between two looks at what it has; null where nobody needs to look. */
  readonly lookEvery: Millis | null;
  /** Looks at a request by the secret that was agreed, without asking the forge. May be repeated. */
  readDelivery(delivery: Delivery): Promise<DeliveryReading>;
  /** Brings commits that events name into the local repository. May be repeated. Throws when it cannot be reached. */
  fetch(refs: readonly string[]): Promise<void>;
  /** What it has now; null when nothing has changed since the last look. Throws `target_unreachable` when it is away. */
  look(): Promise<ForgeState | null>;
  /** Tells it something. `id`: what it answered when it was told this before. May be repeated; it never throws for a no. */
  report(report: ForgeReport, id: string | null, key: string): Promise<ReportReceipt>;
}

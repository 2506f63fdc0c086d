import type { Problem, SourcePlace } from "../model/place.ts";

/**
 * What Fairway makes of a construct: `enforced` as on GitHub; `emulated` to the same end by Fairway's own means; `no-effect`
 * read, and nothing follows from it here; `rejected` refused before anything starts.
 */
export type Mark = "enforced" | "emulated" | "no-effect" | "rejected";

/** One construct of a file: a key, or one of several values that mean different things. */
export interface Construct {
  /** As one would write it: `jobs.build.steps[0].uses`. */
  readonly path: string;
  readonly place: SourcePlace;
  readonly mark: Mark;
  readonly reason: string;
}

/** Something that GitHub accepts and that will not do what its author wants. */
export interface Fault {
  /** Stable, so that it can be searched for: `deploy-without-approval`. */
  readonly rule: FaultRule;
  readonly message: string;
  readonly place: SourcePlace;
  readonly hint: string;
  /** A unified diff against the file, when there is one change that mends it. */
  readonly patch?: string;
}

/** The faults that are looked for, each with the sentence that the documentation has of it. */
export const faultRules = {
  "deploy-without-approval": "Every push of a branch deploys, and nobody has to approve it.",
  "branch-deploys-nothing": "A branch starts the workflow, and no job deploys it.",
  "vercel-preview-only": "Vercel is given no --prod, so a preview is deployed.",
  "oidc-without-permission": "A cloud role is assumed by token, and the job may not have one.",
  "poetry-at-the-root": "Poetry runs where there is no project of its own.",
  "installed-never-tested": "A project is installed, and nothing tests it.",
  "no-concurrency-group": "Two pushes can deploy at once, and the older one last.",
  "deploys-without-order": "Parts that are deployed together have no order among them.",
  "no-migrations": "The backend is deployed, and nothing migrates its database.",
  "action-pinned-by-tag": "An action is named by a tag, which its owner can move.",
  "built-again-to-deploy": "What is deployed is built anew, so it is not what was tested.",
  "forced-deployment-as-rollback": "A forced deployment of ECS is meant as a way back, and brings the same again.",
  "old-state-as-rollback": "An old state of Terraform is meant as a way back, and changes nothing that there is.",
} as const;

export type FaultRule = keyof typeof faultRules;

/** Everything that can be said of a workflow file without running it. */
export interface WorkflowReport {
  readonly file: string;
  /** Why it cannot run at all; then nothing else is known. */
  readonly problems: readonly Problem[];
  /** In the order of the file. */
  readonly constructs: readonly Construct[];
  /** In the order of the file. */
  readonly faults: readonly Fault[];
}

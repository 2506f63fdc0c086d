/**
 * Patterns as GitHub's filters have them: in order, a later one overrides an earlier one, `!` takes out. `ignore` turns
 * the whole list round.
 */
export interface PatternFilter {
  readonly ignore: boolean;
  readonly patterns: readonly string[];
}

/** Which tags are meant: by patterns, by a range of semantic versions, or by both; null lets every tag through. */
export interface TagRule {
  readonly names: PatternFilter | null;
  /** `>=1.0.0 <2.0.0`; a `v` before the version is no part of it. Pre-releases count only where the range names one. */
  readonly semver: string | null;
}

/** One thing that a trigger listens to. */
export type TriggerSource =
  | { readonly kind: "push"; readonly branches: PatternFilter | null; readonly paths: PatternFilter | null }
  | {
      readonly kind: "tag";
      readonly tags: TagRule;
      /** The branch that the tag's commit must be on; null where it may be anywhere. */
      readonly branch: string | null;
    }
  | {
      readonly kind: "pull-request";
      /** Of the branch that it goes into. */
      readonly branches: PatternFilter | null;
      readonly paths: PatternFilter | null;
      /** GitHub's words: `opened`, `synchronize`, `reopened`, `closed`, … */
      readonly types: readonly string[];
    }
  | {
      readonly kind: "schedule";
      /** Five parts, as cron has them. */
      readonly cron: string;
      /** An IANA name. */
      readonly timezone: string;
      /** Whether one run makes up for those that were missed while Fairway was down. */
      readonly catchUp: boolean;
    }
  /** A person asks for it. */
  | { readonly kind: "manual" }
  /** A program asks for it, with a token of its own. */
  | { readonly kind: "api" };

/** A value that whoever fires a trigger may give. */
export type InputValue = string | number | boolean;

/** One typed input, as those of GitHub's `workflow_dispatch`. */
export interface TriggerInput {
  readonly name: string;
  readonly type: "string" | "boolean" | "number" | "choice" | "environment";
  readonly description: string | null;
  readonly required: boolean;
  readonly default: InputValue | null;
  /** Of a choice. */
  readonly options: readonly string[];
}

/** What a trigger starts. */
export type TriggerAction =
  /** Makes a release of the commit; `deploy`: the environments that take every release get it. */
  | { readonly kind: "release"; readonly deploy: boolean }
  /** Brings the release of the commit there; one is made first where the environment takes what no other has verified. */
  | { readonly kind: "deploy"; readonly environment: string }
  /** Asks the checks of an environment again of what runs there. */
  | { readonly kind: "verify"; readonly environment: string }
  /** Plans what the commit would do to the infrastructure of an environment, and changes nothing. */
  | { readonly kind: "plan"; readonly environment: string }
  | {
      readonly kind: "workflow";
      /** In the repository: `.github/workflows/nightly.yml`. */
      readonly file: string;
      /** Only this job and what it needs. */
      readonly job: string | null;
      /** Of the commit that this environment runs, and not of the newest. */
      readonly environment: string | null;
      /** What it is given; `{ input: NAME }` passes one of the trigger on. */
      readonly inputs: Readonly<Record<string, InputValue | { readonly input: string }>>;
    };

/** What is started by itself, when, and with what. */
export interface Trigger {
  readonly name: string;
  readonly on: readonly TriggerSource[];
  readonly inputs: readonly TriggerInput[];
  readonly starts: TriggerAction;
}

/** What a trigger starts, as a sentence's end: `deploys to staging`. */
export function actionLabel(action: TriggerAction): string {
  switch (action.kind) {
    case "release":
      return action.deploy ? "makes a release and deploys it" : "makes a release";
    case "deploy":
      return `deploys to ${action.environment}`;
    case "verify":
      return `verifies ${action.environment}`;
    case "plan":
      return `plans the infrastructure of ${action.environment}`;
    case "workflow":
      return `runs ${action.file}${action.environment === null ? "" : ` as ${action.environment} has it`}`;
  }
}

/** What a trigger listens to, in a few words: `push of main`, `tag v*`, `0 2 * * * Europe/Berlin`. */
export function sourceLabel(source: TriggerSource): string {
  switch (source.kind) {
    case "push":
      return `push${of(source.branches)}${source.paths === null ? "" : " with paths"}`;
    case "tag":
      return `tag${of(source.tags.names)}${source.tags.semver === null ? "" : ` ${source.tags.semver}`}${source.branch === null ? "" : ` on ${source.branch}`}`;
    case "pull-request":
      return `pull request${source.branches === null ? "" : ` into ${patternsOf(source.branches)}`}`;
    case "schedule":
      return `${source.cron} ${source.timezone}`;
    case "manual":
      return "by hand";
    case "api":
      return "by the API";
  }
}

const of = (filter: PatternFilter | null): string => (filter === null ? "" : ` ${patternsOf(filter)}`);
const patternsOf = ({ ignore, patterns }: PatternFilter): string => `${ignore ? "all but " : ""}${patterns.join(", ")}`;

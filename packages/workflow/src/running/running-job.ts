import { setMaxListeners } from "node:events";
import { codeOf, type ErrorCode } from "@fairway/core";
import type { Contexts, JobInstance } from "../model/plan.ts";
import type { OpenContainers } from "../containers/job-containers.ts";
import type { JobHost, StepConclusion } from "./job-host.ts";
import type { JobSurroundings } from "./job-surroundings.ts";
import type { ProblemMatcher } from "./problem-matcher.ts";
import type { FileCommands } from "./file-commands.ts";
import { withPaths } from "./env-files.ts";
import { AnnotationCounter } from "./annotation-counter.ts";
import { type StepEffects, noEffects, withMatchers } from "./step-effects.ts";
import type { RegisteredPost, StepRecord, StepsContext } from "./step-record.ts";

/** What later steps inherit from earlier ones. A value: steps work on a draft, and only its record is taken over. */
export interface Inheritance {
  readonly env: Readonly<Record<string, string>>;
  /** In the order of PATH: the newest first. */
  readonly paths: readonly string[];
  readonly matchers: readonly ProblemMatcher[];
  /** What actions keep for their post steps, by place. */
  readonly states: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** The `steps` contexts of composite actions, by place. */
  readonly inner: Readonly<Record<string, StepsContext>>;
  /** The post steps that are to run, in the order in which their actions began. */
  readonly posts: readonly RegisteredPost[];
}

/** What the first step inherits. */
export const nothingInherited: Inheritance = { env: {}, paths: [], matchers: [], states: {}, inner: {}, posts: [] };

/** What is inherited after a step whose record this is. */
export function inherit(before: Inheritance, record: StepRecord): Inheritance {
  return {
    env: { ...before.env, ...record.effects.env },
    paths: withPaths(before.paths, record.effects.paths),
    matchers: record.effects.matchers.reduce(withMatchers, before.matchers),
    states: { ...before.states, ...record.states },
    inner: { ...before.inner, ...record.inner },
    posts: [...before.posts, ...record.posts],
  };
}

/** One top-level step while it is carried out: what it and the steps inside it have changed so far. */
export class Draft {
  /** The step whose log and annotations all of it goes to. */
  readonly key: string;
  inherited: Inheritance;
  readonly effects: StepEffects = noEffects();
  readonly states: Record<string, Record<string, string>> = {};
  readonly inner: Record<string, StepsContext> = {};
  readonly posts: RegisteredPost[] = [];
  /** To be removed when the record is kept. */
  readonly files: FileCommands[] = [];
  readonly annotations: AnnotationCounter;

  constructor(key: string, inherited: Inheritance) {
    this.key = key;
    this.inherited = inherited;
    this.annotations = new AnnotationCounter(key);
  }

  /** Takes over what a step, or a step inside it, left; outputs and state belong to that one alone. */
  take(at: string, effects: StepEffects): void {
    const place = mainPlace(at);
    Object.assign(this.effects.env, effects.env);
    this.effects.paths.push(...effects.paths);
    this.effects.masks.push(...effects.masks);
    this.effects.matchers.push(...effects.matchers);
    const state = { ...this.inherited.states[place], ...this.states[place], ...effects.state };
    if (Object.keys(effects.state).length > 0) this.states[place] = state;
    this.inherited = {
      ...this.inherited,
      env: { ...this.inherited.env, ...effects.env },
      paths: withPaths(this.inherited.paths, effects.paths),
      matchers: effects.matchers.reduce(withMatchers, this.inherited.matchers),
    };
  }

  stateOf(at: string): Readonly<Record<string, string>> {
    const place = mainPlace(at);
    return { ...this.inherited.states[place], ...this.states[place] };
  }
}

/** Where the main step of a pre or post step stands: `post-3/0` belongs to `3/0`. They share their state. */
export function mainPlace(place: string): string {
  return place.replace(/^(?:post|pre)-/, "").replace(/@\d+/, "");
}

/** Errors of a host that are about what was asked, and fail the step that asked; all others end the attempt. */
const answers: ReadonlySet<string | undefined> = new Set<ErrorCode>([
  "bad_request",
  "checkout_failed",
  "command_failed",
  "git_missing",
  "not_allowed_now",
  "not_found",
  "revision_not_found",
]);

/** What all steps of a running job share. */
export class RunningJob {
  readonly instance: JobInstance;
  readonly host: JobHost;
  readonly around: JobSurroundings;
  /** Those that stay the same through the job. */
  readonly contexts: Contexts;
  /** Errors of the host itself, which are no failure of a step. */
  readonly #faults = new WeakSet<object>();
  /** What `hashFiles` comes to for the step whose turn it is, by its patterns; or what is wrong with it. */
  readonly hashes: Map<string, { readonly hash: string } | { readonly problem: unknown }> = new Map();
  readonly #outOfTime = new AbortController();
  /** Its containers, once they were started; null where none are to be had. */
  containers: OpenContainers | null = null;
  /** The images that were built for its container actions. */
  readonly images: Map<string, string> = new Map();
  /** Everything that `::add-mask::` asked for so far. */
  readonly masks: Set<string> = new Set();
  /** Aborted when the job is cancelled, by somebody or because its time is over. */
  readonly signal: AbortSignal;
  #failed = false;
  #cancelled = false;

  constructor(instance: JobInstance, host: JobHost, around: JobSurroundings, contexts: Contexts) {
    this.instance = instance;
    this.host = host;
    this.around = around;
    this.contexts = contexts;
    this.signal = AbortSignal.any([host.signal, this.#outOfTime.signal]);
    // Each step inside another listens.
    setMaxListeners(0, this.signal);
  }

  /** Whether it was cancelled because its time was over. */
  get timedOut(): boolean {
    return this.#outOfTime.signal.aborted;
  }

  /** Cancels the job because its time is over. */
  endTime(): void {
    this.#outOfTime.abort();
  }

  /** `job.status`: what `success()` and its like ask. */
  get status(): StepConclusion {
    return this.#cancelled ? "cancelled" : this.#failed ? "failure" : "success";
  }

  fail(): void {
    this.#failed = true;
  }

  cancel(): void {
    this.#cancelled = true;
  }

  /** Calls the host; what it throws is told apart from a mistake in a step, unless it is about what was asked. */
  async ask<T>(call: (host: JobHost) => Promise<T>): Promise<T> {
    try {
      return await call(this.host);
    } catch (thrown) {
      if (typeof thrown === "object" && thrown !== null && !answers.has(codeOf(thrown))) this.#faults.add(thrown);
      throw thrown;
    }
  }

  /** Marks an error as one that ends the whole attempt, not the step. */
  fault<E extends object>(thrown: E): E {
    this.#faults.add(thrown);
    return thrown;
  }

  isFault(thrown: unknown): boolean {
    return typeof thrown === "object" && thrown !== null && this.#faults.has(thrown);
  }
}

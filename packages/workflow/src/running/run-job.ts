import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { codeOf, messageOf } from "@fairway/core";
import { closeContainers, openContainers, refuseContainers } from "../containers/job-containers.ts";
import type { ActionDefinition } from "../model/action.ts";
import type { JsonObject } from "../model/json.ts";
import type { JobInstance } from "../model/plan.ts";
import type { Step } from "../model/step.ts";
import { carryOutStep } from "./carry-out-step.ts";
import { Evaluation } from "./evaluation.ts";
import { eventPathOf, jobContexts } from "./job-contexts.ts";
import type { JobHost, StepConclusion } from "./job-host.ts";
import type { JobSurroundings } from "./job-surroundings.ts";
import { ActionFinder, deepestAction, parseActionReference } from "./resolve-action.ts";
import { Draft, inherit, nothingInherited, RunningJob } from "./running-job.ts";
import { reportIssue } from "./step-issue.ts";
import type { JobEnd, StepContext, StepEnd, StepRecord } from "./step-record.ts";
import type { PlacedStep, StepScope, StepStage } from "./step-scope.ts";
import { watchJobTime } from "./job-time.ts";
import { writeWhole } from "./write-whole.ts";

/** How a job's steps are told apart when it is repeated from one of them: those before keep their records. */
export interface JobRetry {
  /** The key of the first step to do again. */
  readonly from: string;
  /** 2 for the second time. */
  readonly attempt: number;
}

/**
 * Runs the steps of one job to its end, as GitHub's own runner does. Called again with the same host after a crash it goes
 * on: recorded steps are not repeated, and what they left (variables, PATH, outputs, state) is taken from their records.
 *
 * Throws `needs_attention` when nobody knows whether a step took effect, and whatever the host throws.
 */
export async function runJob(
  instance: JobInstance,
  host: JobHost,
  around: JobSurroundings,
  retry?: JobRetry,
): Promise<JobEnd> {
  const job = new RunningJob(instance, host, around, jobContexts(instance, host, around));
  const run = new JobRun(job, retry);
  const time = watchJobTime(job, instance.job.timeoutMinutes, instance.job.cancelTimeoutMinutes);
  try {
    const end = await run.toEnd(time.giveUp);
    await closeContainers(job);
    return end;
  } catch (thrown) {
    // Whoever looks at it begins anew; after anything else the job goes on, and finds its containers.
    if (codeOf(thrown) === "needs_attention") await closeContainers(job);
    throw thrown;
  } finally {
    time.close();
  }
}

class JobRun {
  readonly #job: RunningJob;
  readonly #finder: ActionFinder;
  readonly #retry: JobRetry | undefined;
  readonly #ended: StepEnd[] = [];
  readonly #steps: Record<string, StepContext> = {};
  #inherited = nothingInherited;
  #repeating = false;

  constructor(job: RunningJob, retry: JobRetry | undefined) {
    this.#job = job;
    this.#finder = new ActionFinder(job);
    this.#retry = retry;
  }

  async toEnd(giveUp: AbortSignal): Promise<JobEnd> {
    const steps = this.#job.instance.job.steps;
    if (await this.#setUp(steps)) {
      for (const [index, step] of steps.entries()) await this.#pre(step, index, giveUp);
      for (const [index, step] of steps.entries()) {
        await this.#step({ step, place: `${index + 1}` }, "main", giveUp);
      }
    }
    for (const post of this.#inherited.posts.toReversed()) {
      if (post.place.includes("/")) continue;
      const inside = this.#inherited.posts.some(
        ({ place, composite }) => place.startsWith(`${post.place}/`) && !composite,
      );
      const step = steps[Number(post.place) - 1];
      if (step === undefined || (post.composite && !inside)) continue;
      const placed = { step, place: `post-${post.place}`, condition: post.condition, prefix: "Post " };
      await this.#step(placed, "post", giveUp);
    }
    return this.#end();
  }

  /** Before the first step: variables of workflow and job, the event's payload, and every action that is used. */
  async #setUp(steps: readonly Step[]): Promise<boolean> {
    const { instance, host } = this.#job;
    const startedAt = Date.now();
    try {
      refuseContainers(this.#job);
      for (const layer of instance.env) {
        const env = new Evaluation(this.#job, { ...this.#job.contexts, env: this.#inherited.env }, this.#status).texts(
          layer,
        );
        this.#inherited = { ...this.#inherited, env: { ...this.#inherited.env, ...env } };
      }
      await writeEvent(host.folders.temp, (this.#job.contexts["github"] as JsonObject)["event"] ?? {});
      await this.#findActions(steps, 1);
      this.#job.containers = await openContainers(this.#job, this.#inherited.env);
      return true;
    } catch (thrown) {
      if (this.#job.isFault(thrown)) throw thrown;
      const key = "setup";
      reportIssue(this.#job, new Draft(key, this.#inherited), "error", messageOf(thrown));
      this.#job.fail();
      const ended = { outcome: "failure", conclusion: "failure", startedAt, endedAt: Date.now() } as const;
      this.#ended.push({ key, id: key, name: "Set up job", ...ended });
      return false;
    }
  }

  /** Those of other repositories, also inside each other; what is in the workspace may not be there yet. */
  async #findActions(steps: readonly Step[], depth: number): Promise<void> {
    for (const step of steps) {
      if (step.kind !== "uses" || parseActionReference(step.uses.reference).kind === "local") continue;
      const found = await this.#finder.find(step.uses.reference);
      const inside = "definition" in found && found.definition.kind === "composite" ? found.definition.steps : [];
      if (depth < deepestAction) await this.#findActions(inside, depth + 1);
    }
  }

  readonly #status = (): StepConclusion => this.#job.status;

  async #pre(step: Step, index: number, giveUp: AbortSignal): Promise<void> {
    if (step.kind !== "uses" || parseActionReference(step.uses.reference).kind === "local") return;
    const found = await this.#finder.find(step.uses.reference);
    if (!("definition" in found)) return;
    const condition = preCondition(found.definition);
    if (condition === undefined) return;
    const placed = { step, place: `pre-${index + 1}`, condition, prefix: "Pre " };
    await this.#step(placed, "pre", giveUp);
  }

  /** One top-level step: everything about it is one record. */
  async #step(placed: PlacedStep, stage: StepStage, giveUp: AbortSignal): Promise<void> {
    const key = this.#keyOf(placed.place);
    const draft = new Draft(key, this.#inherited);
    const scope: StepScope = {
      place: "",
      stage,
      contexts: this.#job.contexts,
      steps: this.#steps,
      overrides: {},
      status: this.#status,
      signal: giveUp,
      deadline: undefined,
    };
    const record = await this.#job.ask(async (host) =>
      host.step(key, async (): Promise<StepRecord> => {
        if (this.#job.signal.aborted) this.#job.cancel();
        const startedAt = Date.now();
        const end = await carryOutStep(this.#job, draft, this.#finder, scope, { ...placed, place: key });
        return {
          name: end.name,
          outcome: end.outcome,
          conclusion: end.conclusion,
          startedAt,
          endedAt: Date.now(),
          effects: { ...draft.effects, outputs: { ...end.outputs }, state: {} },
          inner: draft.inner,
          states: draft.states,
          posts: draft.posts,
        };
      }),
    );
    this.#take(key, placed, stage, record);
    await Promise.all(draft.files.map(async (files) => files.remove()));
  }

  #take(key: string, { step }: PlacedStep, stage: StepStage, record: StepRecord): void {
    const { name, outcome, conclusion, startedAt, endedAt, effects } = record;
    for (const mask of effects.masks) {
      this.#job.masks.add(mask);
      this.#job.host.addMask(mask);
    }
    this.#inherited = inherit(this.#inherited, record);
    if (conclusion === "failure") this.#job.fail();
    if (conclusion === "cancelled" || this.#job.signal.aborted) this.#job.cancel();
    if (stage === "main" && !step.id.startsWith("__")) {
      this.#steps[step.id] = { outputs: effects.outputs, outcome, conclusion };
    }
    this.#job.host.progress?.({ step: key, name, state: conclusion });
    this.#ended.push({ key, id: step.id, name, outcome, conclusion, startedAt, endedAt });
  }

  #keyOf(place: string): string {
    if (this.#retry === undefined) return place;
    if (place === this.#retry.from || place.startsWith("post-")) this.#repeating = true;
    return this.#repeating ? `${place}@${this.#retry.attempt}` : place;
  }

  #end(): JobEnd {
    const { instance } = this.#job;
    if (this.#job.signal.aborted) this.#job.cancel();
    const contexts = {
      ...this.#job.contexts,
      env: this.#inherited.env,
      steps: { ...this.#steps } as unknown as JsonObject,
    };
    const evaluation = new Evaluation(this.#job, contexts, this.#status);
    const draft = new Draft("complete", this.#inherited);
    const outputs: Record<string, string> = {};
    for (const { name, value } of instance.job.outputs) {
      const text = this.#tried(draft, () => evaluation.text(value));
      if (text === undefined || text === "") continue;
      if (this.#holdsSecret(text)) {
        reportIssue(this.#job, draft, "warning", `Skip output '${name}' since it may contain secret.`);
      } else {
        outputs[name] = text;
      }
    }
    const url = instance.job.environment?.url;
    const address = url === undefined ? undefined : this.#tried(draft, () => evaluation.text(url));
    const shown = address !== undefined && address !== "" && !this.#holdsSecret(address);
    if (address !== undefined && address !== "" && !shown) {
      reportIssue(this.#job, draft, "warning", "Skip setting environment url as environment url may contain secret.");
    }
    return {
      result: this.#job.status,
      outputs,
      steps: this.#ended,
      ...(shown ? { environmentUrl: address } : {}),
      timedOut: this.#job.timedOut,
    };
  }

  #tried(draft: Draft, work: () => string): string | undefined {
    try {
      return work();
    } catch (thrown) {
      reportIssue(this.#job, draft, "error", messageOf(thrown));
      this.#job.fail();
      return undefined;
    }
  }

  #holdsSecret(text: string): boolean {
    const { secrets } = this.#job.host;
    return [...Object.values(secrets), ...this.#job.masks].some(
      (secret) => secret.trim() !== "" && text.includes(secret.trim()),
    );
  }
}

/** On which condition an action has something to do before the job's steps; undefined for one that has not. */
function preCondition(definition: ActionDefinition): string | undefined {
  switch (definition.kind) {
    case "node":
      return definition.pre === undefined ? undefined : definition.preIf;
    case "docker":
      return definition.preEntrypoint === undefined ? undefined : definition.preIf;
    case "composite":
      return undefined;
  }
}

async function writeEvent(temp: string, event: unknown): Promise<void> {
  const path = eventPathOf(temp);
  await mkdir(dirname(path), { recursive: true });
  // A step that is found again after a crash may be about to read it.
  await writeWhole(path, JSON.stringify(event));
}

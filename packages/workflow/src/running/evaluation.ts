import { evaluate, evaluateCondition, evaluateText, evaluateTexts } from "../expressions/evaluate.ts";
import type { ExpressionFunctions } from "../expressions/functions.ts";
import type { JsonValue } from "../model/json.ts";
import type { Condition } from "../model/job.ts";
import type { Contexts } from "../model/plan.ts";
import type { Template } from "../model/template.ts";
import type { Step } from "../model/step.ts";
import { hashFiles, hashFilesInTurns } from "./hash-files.ts";
import type { RunningJob } from "./running-job.ts";
import type { StepScope } from "./step-scope.ts";

/** Evaluates what is written in a workflow at one moment of a job; throws `expression_failed`. */
export class Evaluation {
  readonly #contexts: Contexts;
  readonly #job: RunningJob;
  readonly #status: StepScope["status"];

  constructor(job: RunningJob, contexts: Contexts, status: StepScope["status"]) {
    this.#job = job;
    this.#contexts = { ...contexts, job: { ...job.containers?.context, status: job.status } };
    this.#status = status;
  }

  /**
   * Computes what the step asks of `hashFiles` before it is evaluated, because evaluating waits for nothing and nobody. What
   * one hash says may decide about another.
   */
  async hashAhead(step: Step, condition: string): Promise<void> {
    this.#job.hashes.clear();
    if (!/hashfiles\s*\(/i.test(`${condition} ${JSON.stringify(step)}`)) return;
    for (let round = 0; round < 3; round++) {
      const wanted = this.#hashesOf(step, condition);
      if (wanted.size === 0) return;
      for (const [key, patterns] of wanted) {
        try {
          this.#job.hashes.set(key, { hash: await hashFilesInTurns(patterns, this.#job.host.folders) });
        } catch (problem) {
          this.#job.hashes.set(key, { problem });
        }
      }
    }
  }

  #hashesOf(step: Step, condition: string): ReadonlyMap<string, readonly string[]> {
    const wanted = new Map<string, readonly string[]>();
    const functions: ExpressionFunctions = {
      ...this.#functions,
      hashFiles: (...patterns) => {
        const key = JSON.stringify(patterns);
        const known = this.#job.hashes.get(key);
        if (known === undefined) wanted.set(key, patterns);
        return known !== undefined && "hash" in known ? known.hash : "";
      },
    };
    const { name, env, continueOnError, timeoutMinutes } = step;
    const own = step.kind === "run" ? [step.run, step.shell, step.workingDirectory] : [step.with];
    const tries = [name, env, continueOnError, timeoutMinutes, ...own].map(
      (template) => (): unknown => (template === undefined ? "" : evaluate(template, this.#contexts, functions)),
    );
    tries.push(() => evaluateCondition({ effective: condition }, this.#contexts, functions));
    for (const attempt of tries) {
      try {
        attempt();
      } catch {
        // What cannot be computed is said when its turn comes.
      }
    }
    return wanted;
  }

  value(template: Template): JsonValue {
    return evaluate(template, this.#contexts, this.#functions);
  }

  text(template: Template): string {
    return evaluateText(template, this.#contexts, this.#functions);
  }

  /** A mapping as texts, in order; undefined is nothing. */
  texts(template: Template | undefined): Readonly<Record<string, string>> {
    return evaluateTexts(template, this.#contexts, this.#functions);
  }

  condition(condition: Pick<Condition, "effective">): boolean {
    // Nearly every step has this one, and evaluating it means to turn the whole event into GitHub's own data.
    if (condition.effective === "success()") return this.#status() === "success";
    if (condition.effective === "always()") return true;
    return evaluateCondition(condition, this.#contexts, this.#functions);
  }

  get #functions(): ExpressionFunctions {
    const { workspace, home } = this.#job.host.folders;
    return {
      success: () => this.#status() === "success",
      failure: () => this.#status() === "failure",
      cancelled: () => this.#job.status === "cancelled",
      hashFiles: (...patterns) => {
        const known = this.#job.hashes.get(JSON.stringify(patterns));
        if (known === undefined) return hashFiles(patterns, { workspace, home });
        if ("hash" in known) return known.hash;
        throw known.problem;
      },
    };
  }
}

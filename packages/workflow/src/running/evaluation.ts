import { evaluate, evaluateCondition, evaluateText, evaluateTexts } from "../expressions/evaluate.ts";
import type { ExpressionFunctions } from "../expressions/functions.ts";
import type { JsonValue } from "../model/json.ts";
import type { Condition } from "../model/job.ts";
import type { Contexts } from "../model/plan.ts";
import type { Template } from "../model/template.ts";
import { hashFiles } from "./hash-files.ts";
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
      hashFiles: (...patterns) => hashFiles(patterns, { workspace, home }),
    };
  }
}

import type { Annotation } from "./job-host.ts";

const annotationsPerLevel = 50;

/** Numbers the annotations of one step and stops at a bound: a linter gone wild would bury the rest. */
export class AnnotationCounter {
  readonly #step: string;
  readonly #counts = { notice: 0, warning: 0, error: 0 };
  #all = 0;

  constructor(step: string) {
    this.#step = step;
  }

  next(annotation: Omit<Annotation, "id" | "step">): Annotation | undefined {
    if (this.#counts[annotation.level]++ >= annotationsPerLevel) return undefined;
    return { ...annotation, id: `${this.#step}#${++this.#all}`, step: this.#step };
  }
}

import type { AnalysisRule } from "./analysis-options.ts";

/** What a query gave at one look; a text says why it gave no number. */
export interface QueryAnswer {
  readonly candidate: number | string;
  readonly stable: number | string | null;
}

type QueryRule = Extract<AnalysisRule, { metric: "query" }>;

/** How the last answers to a query were. One number tells no chance, so it must be bad so many times in a row. */
export interface QueryRun {
  readonly answers: number;
  readonly badInARow: number;
  readonly last: QueryAnswer | null;
  /** What is bad about the last; null when nothing is. */
  readonly bad: string | null;
  /** Whether the stable release breaks the same bound. */
  readonly stableBad: boolean;
}

export const noQueryRun: QueryRun = { answers: 0, badInARow: 0, last: null, bad: null, stableBad: false };

/** How many bad answers in a row are a no. */
export const badAnswersThatFail = 3;

/** Adds an answer. One that is no number counts for nothing, and the answers after it begin a row anew. */
export function addAnswer(before: QueryRun, rule: QueryRule, answer: QueryAnswer): QueryRun {
  if (typeof answer.candidate === "string") return { ...before, last: answer, badInARow: 0, bad: null };
  const bad = outside(rule, answer.candidate) ?? above(rule, answer.candidate, answer.stable);
  return {
    answers: before.answers + 1,
    badInARow: bad === null ? 0 : before.badInARow + 1,
    last: answer,
    bad,
    stableBad: typeof answer.stable === "number" && outside(rule, answer.stable) !== null,
  };
}

function outside({ max, min }: QueryRule, value: number): string | null {
  if (max !== undefined && value > max) return `above ${max}`;
  if (min !== undefined && value < min) return `below ${min}`;
  return null;
}

function above({ difference }: QueryRule, candidate: number, stable: QueryAnswer["stable"]): string | null {
  if (difference === null || typeof stable !== "number") return null;
  return candidate > stable + (Math.abs(stable) * difference) / 100
    ? `more than ${difference} % above the stable release's ${round(stable)}`
    : null;
}

/** A number as people read it. */
export const round = (value: number): string => String(Number(value.toPrecision(3)));

import { join, relative } from "node:path";
import { evaluate, evaluationLimits } from "./evaluate.ts";
import { readModule } from "./module-source.ts";
import type { ProblemCode } from "./problems.ts";
import type { Source } from "./source.ts";

/** Runs a configuration program, once its text has been found to be one. */
export async function readProgram(root: string, file: string, text: string): Promise<Source> {
  const module = readModule(file, text);
  if (!module.readable) return module;
  const evaluation = await evaluate(join(root, file));
  const unanswered = (code: ProblemCode, message: string, fix: string): Source => ({
    readable: false,
    problems: [{ line: 1, column: 1, code, message, fix }],
  });
  switch (evaluation.outcome) {
    case "value":
      return { readable: true, data: evaluation.data, findings: evaluation.findings, places: module.places };
    case "fault": {
      const { fault } = evaluation;
      const where = fault.file === null ? {} : { file: relative(root, fault.file) };
      const { line, column, message } = fault;
      const fix = fault.fix === undefined ? {} : { fix: fault.fix };
      return { readable: false, problems: [{ ...where, line, column, code: "evaluation", message, ...fix }] };
    }
    case "timeout":
      return unanswered(
        "evaluation",
        `the program gave no configuration within ${evaluation.after / 1000} s and was ended`,
        "look for a loop without an end, or a promise that is never kept",
      );
    case "too-large":
      return unanswered(
        "too_large",
        `the program printed or exported more than ${evaluation.bytes / 1024 / 1024} MiB and was ended`,
        "a configuration is data about a project, not the data of one",
      );
    case "ended":
      return /heap out of memory/u.test(evaluation.output)
        ? unanswered(
            "evaluation",
            `the program used more than ${evaluationLimits.memoryMegabytes} MB of memory and was ended`,
            "a configuration needs little",
          )
        : unanswered(
            "evaluation",
            `the program ended ${evaluation.how} before it gave a configuration`,
            evaluation.output.trim() === "" ? "take the exit out" : `it said: ${lastLine(evaluation.output)}`,
          );
  }
}

const lastLine = (output: string): string => output.trim().split("\n").at(-1)?.slice(0, 300) ?? "";

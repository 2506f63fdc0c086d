import type { PlaybookStep } from "@fairway/core";
import { programOf } from "@fairway/core";
import { millisOf } from "../duration.ts";
import { didYouMean } from "../problems.ts";

/** A fence of a text, as CommonMark reads it: it is closed by one of its kind that is as long. */
interface Fence {
  readonly mark: string;
  readonly info: string;
  readonly line: number;
  readonly lines: readonly string[];
  readonly isClosed: boolean;
}

/** Something of a playbook that would be passed over, or found out only half-way through it. */
export interface StepFault {
  readonly line: number;
  readonly message: string;
  readonly fix: string;
}

/** The steps of a playbook's text: the fences that say so. */
export const playbookSteps = (text: string): readonly PlaybookStep[] =>
  fencesOf(text).fences.flatMap((fence) => stepOf(fence) ?? []);

/**
 * What is wrong with the steps of a text, also with what was meant as one and is none: nobody would run it, and nobody know.
 */
export function stepFaults(text: string): readonly StepFault[] {
  const { fences, outside } = fencesOf(text);
  return [
    ...outside.flatMap(({ line, text: written }) =>
      /^[\s>*+\d.)-]*(?:`{3,}|~{3,})[^`]*\bstep=/u.test(written)
        ? [
            {
              line,
              message: "a step begins at the beginning of its line",
              fix: "take away what stands before the fence",
            },
          ]
        : [],
    ),
    ...fences.flatMap(faultsOf),
  ];
}

interface Fences {
  readonly fences: readonly Fence[];
  /** The lines that are in no fence. */
  readonly outside: readonly { readonly line: number; readonly text: string }[];
}

function fencesOf(text: string): Fences {
  const fences: Fence[] = [];
  const outside: Fences["outside"][number][] = [];
  let open: (Omit<Fence, "isClosed" | "lines"> & { readonly lines: string[] }) | null = null;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const fence = /^ {0,3}(`{3,}|~{3,})(.*)$/.exec(line);
    if (open === null) {
      const [, mark = "", info = ""] = fence ?? [];
      if (mark !== "" && !(mark.startsWith("`") && info.includes("`")))
        open = { mark, info, line: index + 1, lines: [] };
      else outside.push({ line: index + 1, text: line });
    } else if (fence !== null && closes(open.mark, fence)) {
      fences.push({ ...open, isClosed: true });
      open = null;
    } else open.lines.push(line);
  }
  return { fences: open === null ? fences : [...fences, { ...open, isClosed: false }], outside };
}

const closes = (open: string, [, mark = "", rest = ""]: RegExpExecArray): boolean =>
  mark[0] === open[0] && mark.length >= open.length && rest.trim() === "";

const wordsOf = (info: string): readonly string[] => info.trim().split(/\s+/);

function stepOf({ info, line, lines }: Fence): PlaybookStep | null {
  const [language = "", ...words] = wordsOf(info);
  const name = words.find((word) => word.startsWith("step="))?.slice("step=".length);
  if (name === undefined || name === "") return null;
  const [approval, idempotent] = [words.includes("approval"), words.includes("idempotent")];
  const written = words.find((word) => word.startsWith("timeout="))?.slice("timeout=".length);
  const timeout = written === undefined ? null : (millisOf(written) ?? Number.NaN);
  return { name, language, text: lines.join("\n"), approval, idempotent, timeout, line };
}

const known = ["approval", "idempotent", "timeout=10m"];

function faultsOf(fence: Fence): readonly StepFault[] {
  const step = stepOf(fence);
  const fault = (message: string, fix: string, line = fence.line): StepFault => ({ line, message, fix });
  const swallowed = fence.lines.findIndex((line) => isFenceOfStep(line, fence.mark));
  const hidden =
    swallowed === -1
      ? []
      : [
          fault(
            "this step stands in a fence that is still open",
            `close the fence of line ${fence.line} before it, or make its own longer`,
            fence.line + 1 + swallowed,
          ),
        ];
  if (step === null)
    return /\bstep\s*=/iu.test(fence.info)
      ? [...hidden, fault("this is meant as a step, and is none", "write it as ```sh step=NAME")]
      : hidden;
  const { name, language, timeout, text } = step;
  const named = wordsOf(fence.info).indexOf(`step=${name}`);
  const strange = wordsOf(fence.info).filter(
    (word, place) => place > 0 && place !== named && !/^(?:approval|idempotent|timeout=.*)$/u.test(word),
  );
  return [
    ...hidden,
    ...(programOf(step) === null
      ? [
          fault(
            `nothing runs ${JSON.stringify(language)}`,
            "write sh, bash, js or python at the fence, or leave step= out",
          ),
        ]
      : []),
    ...strange.map((word) =>
      fault(
        `nobody knows what ${JSON.stringify(word)} means at the step ${name}`,
        didYouMean(word, known) ?? `known here: ${known.join(", ")}`,
      ),
    ),
    ...(Number.isNaN(timeout) ? [fault(`the timeout of ${name} is no span`, "write timeout=10m")] : []),
    ...(timeout === 0 ? [fault(`${name} would be ended before it begins`, "write timeout=10m")] : []),
    ...(text.trim() === "" ? [fault(`there is nothing in ${name} to run`, "write its commands into the fence")] : []),
    ...(fence.isClosed ? [] : [fault(`the fence of ${name} is not closed`, `close it with ${fence.mark}`)]),
    ...(/^[a-z0-9][a-z0-9-]{0,59}$/u.test(name)
      ? []
      : [fault(`${JSON.stringify(name)} cannot name a step`, "small letters, digits and dashes")]),
  ];
}

/** Whether a line would be a step's fence, were it not within one of the same kind. */
function isFenceOfStep(line: string, around: string): boolean {
  const [, mark = "", info = ""] = /^ {0,3}(`{3,}|~{3,})(.*)$/.exec(line) ?? [];
  return mark.length >= around.length && mark[0] === around[0] && /\sstep=/u.test(info);
}

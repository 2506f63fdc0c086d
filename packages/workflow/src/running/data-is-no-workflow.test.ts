import fc from "fast-check";
import { expect, test } from "vitest";
import { evaluateText } from "../expressions/evaluate.ts";
import { readWorkflow } from "../index.ts";
import { AnnotationCounter } from "./annotation-counter.ts";
import { parseEnvFile } from "./env-files.ts";
import { noEffects } from "./step-effects.ts";
import { StepOutput } from "./step-output.ts";

// What people of other repositories write: names of branches, titles, messages, what their code prints.

/** Pieces of which an attack on a workflow is made, and what may stand between them. */
const piece = fc.oneof(
  fc.constantFrom(
    ...[
      "${{",
      "}}",
      "${{ secrets.KEY }}",
      "secrets.KEY",
      "toJSON(secrets)",
      "github.token",
      "'",
      "format('{0}', secrets.KEY)",
    ],
    ...[
      "::",
      "::set-env name=NODE_OPTIONS::--require=./x.js",
      "::SET-ENV name=PATH::/tmp",
      "::add-path::/tmp",
      "##[set-env name=A;]b",
    ],
    ...[
      "set-env",
      "Add-Path",
      " name=",
      "NODE_OPTIONS",
      "node_options",
      "PATH",
      "LD_PRELOAD",
      "=",
      "<<EOF",
      "EOF",
      "\n",
      "\r",
      "\u0085",
    ],
    ...["$(touch pwned)", "`id`", "@/etc/passwd", "%0A", "%250A", "%3A%3A", "\u2028", "\u202E", "\uFEFF", "\u0000"],
  ),
  fc.string({ maxLength: 4 }),
);
const text = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(""));

const reading = readWorkflow(
  "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: test\n        env: { TITLE: '${{ github.event.title }}' }\n",
  "a.yml",
);
if ("problems" in reading) throw new Error(JSON.stringify(reading.problems));
const [job] = reading.workflow.jobs;
const [step] = job !== undefined && "steps" in job ? job.steps : [];
const env = step?.env;
const title = env?.kind === "mapping" ? env.entries[0]?.value : undefined;

test("a text from outside is put where an expression asks for it, and is never one itself", () => {
  expect(title?.kind).toBe("expression");
  fc.assert(
    fc.property(text, (written) => {
      const contexts = { github: { event: { title: written } }, secrets: { KEY: "the secret" } };
      expect(title && evaluateText(title, contexts)).toBe(written);
    }),
    { numRuns: 500 },
  );
});

test("whatever a step prints, it sets no variable and no path of later steps", () => {
  fc.assert(
    fc.property(fc.array(text, { maxLength: 6 }), (lines) => {
      const effects = noEffects();
      const surroundings = { step: "1", workspace: "/nowhere", env: {}, debug: false, matchers: [] };
      new StepOutput(surroundings, effects, new AnnotationCounter("1")).take(lines.flatMap((line) => line.split("\n")));
      expect([effects.env, effects.paths]).toEqual([{}, []]);
    }),
    { numRuns: 500 },
  );
});

test("a value within a delimiter that nobody knows sets that one variable, whatever it is", () => {
  fc.assert(
    fc.property(text, fc.uuid(), (value, delimiter) => {
      const read = parseEnvFile(`TITLE<<${delimiter}\n${value}\n${delimiter}\n`);
      expect(read).toEqual({ pairs: [["TITLE", value]] });
    }),
    { numRuns: 500 },
  );
});

import { z } from "zod";
import { timestamp } from "./timestamp.ts";

const inputValue = z.union([z.string(), z.number(), z.boolean()]);

/** A trigger that has fired, and what came of it. */
export const firingShape = z.object({
  number: z.number(),
  trigger: z.string().describe("Its name, or the path of a workflow file"),
  cause: z
    .string()
    .describe("`push`, `tag`, `pull-request`, `schedule`, `manual`, `api`, or GitHub's name of the event"),
  ref: z.string().nullable(),
  sha: z.string().nullable(),
  by: z.string(),
  state: z
    .enum(["pending", "waiting", "started", "declined", "failed"])
    .describe("`declined`: it listens and nothing starts, which is no fault; `failed`: it was to start and could not"),
  why: z.string().describe("Why it did or did not start something"),
  run: z.string().nullable().describe("What was started"),
  firedAt: timestamp,
  decidedAt: timestamp.nullable(),
});

/** What is started by itself. */
export const triggerShape = z.object({
  name: z.string(),
  on: z.array(z.string()).describe("What it listens to, in words"),
  starts: z.string().describe("What it starts, in words"),
  inputs: z.array(
    z.object({
      name: z.string(),
      type: z.enum(["string", "boolean", "number", "choice", "environment"]),
      description: z.string().nullable(),
      required: z.boolean(),
      default: inputValue.nullable(),
      options: z.array(z.string()),
    }),
  ),
  next: timestamp.nullable().describe("When its schedule comes due"),
  last: firingShape.nullable().describe("What it last came to"),
});

/** All triggers, and whether they count. */
export const triggersShape = z.object({
  branch: z.string().describe("The main branch: its newest commit says what is started"),
  problem: z.string().nullable().describe("Why its newest commit does not count; the last that could be read does"),
  triggers: z.array(triggerShape),
});

/** A firing as the API shows it. */
export type FiringShape = z.output<typeof firingShape>;
/** Triggers as the API shows them. */
export type TriggersShape = z.output<typeof triggersShape>;

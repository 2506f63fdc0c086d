import { z } from "zod";
import type { Route } from "../route.ts";
import { routes } from "../routes.ts";
import { firingShape, triggersShape } from "../shapes/trigger.ts";
import { by, limit, none, rowNumber, words } from "./inputs.ts";

/** What is started by itself. */
export const triggerOperations = {
  triggers: {
    ...routes.triggers,
    summary: "What is started by itself: what it listens to, when it comes due and what it last came to.",
    access: "read",
    params: none,
    query: none,
    body: null,
    answer: triggersShape,
    kind: "json",
  },
  firings: {
    ...routes.firings,
    summary: "Triggers that have fired, the newest first, and why each did or did not start something.",
    access: "read",
    params: none,
    query: z.object({ trigger: z.string().max(1000).optional(), before: rowNumber, limit }),
    body: null,
    answer: z.array(firingShape),
    kind: "json",
  },
  firing: {
    ...routes.firing,
    summary: "A trigger that has fired.",
    access: "read",
    params: z.object({ firing: z.coerce.number().int().min(1) }),
    query: none,
    body: null,
    answer: firingShape,
    kind: "json",
  },
  fireTrigger: {
    ...routes.fireTrigger,
    summary:
      "Fires a trigger that listens to people or to programs, with inputs. What it starts is told by its firing.",
    access: "change",
    anywhere: true,
    params: z.object({ trigger: z.string().min(1).max(60) }),
    query: none,
    body: z.object({
      inputs: z.record(z.string().max(100), z.union([z.string(), z.number(), z.boolean()])).default({}),
      key: words(200).min(1).nullable().default(null).describe("However often it is fired with one key, it fires once"),
      by,
    }),
    answer: firingShape,
    kind: "json",
  },
  tellMoves: {
    ...routes.tellMoves,
    summary:
      "Tells that branches and tags were moved, as git's post-receive hook hears it. Telling it again changes nothing.",
    access: "change",
    anywhere: true,
    params: none,
    query: none,
    body: z.object({
      moves: z
        .array(
          z.object({
            ref: z.string().min(1).max(1024).describe("In full: `refs/heads/main`"),
            before: z.string().max(64).describe("A commit, or zeros where there was none"),
            after: z.string().max(64).describe("A commit, or zeros where it is gone"),
          }),
        )
        .max(1000),
      by,
    }),
    answer: z.object({ news: z.number().describe("How many were not known yet") }),
    kind: "json",
  },
} as const satisfies Record<string, Route>;

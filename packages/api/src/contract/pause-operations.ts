import { z } from "zod";
import { run } from "../shapes/run.ts";
import type { Route } from "../route.ts";
import { routes } from "../routes.ts";
import { by, none, note, runId } from "./inputs.ts";

/** Holding a deployment where it is, and letting it go on. */
export const pauseOperations = {
  pause: {
    ...routes.pause,
    summary:
      "Holds a deployment where it is: nothing more is begun, shifted or ended, and no deadline runs out. It can still be approved, stopped and rolled back.",
    access: "change",
    params: runId,
    query: none,
    body: z.object({ by, reason: note.describe("Why, for whoever meets it") }),
    answer: run,
    kind: "json",
  },
  resume: {
    ...routes.resume,
    summary: "Lets a deployment that was paused go on from where it is.",
    access: "change",
    params: runId,
    query: none,
    body: z.object({ by }),
    answer: run,
    kind: "json",
  },
} as const satisfies Record<string, Route>;

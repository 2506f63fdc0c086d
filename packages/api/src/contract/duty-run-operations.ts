import { z } from "zod";
import type { Route } from "../route.ts";
import { routes } from "../routes.ts";
import { credentialsShape } from "../shapes/credential.ts";
import { playbookShape } from "../shapes/playbook.ts";
import { run } from "../shapes/run.ts";
import { by, none } from "./inputs.ts";

/** Duties that show themselves, and playbooks that are run. */
export const dutyRunOperations = {
  runDuty: {
    ...routes.runDuty,
    summary: "Begins what shows a duty by itself; what it comes to is put on record.",
    access: "change",
    params: none,
    query: none,
    body: z.object({
      by,
      duty: z.string().min(1).max(160).describe("As `fairway duties` lists it"),
      release: z
        .string()
        .regex(/^r\d+$/, "a release is named like r42")
        .nullable()
        .default(null),
    }),
    answer: run,
    kind: "json",
  },
  credentials: {
    ...routes.credentials,
    summary:
      "The keys that the project has, with what is owed of each, and in what that differs from the store. Never a value.",
    access: "read",
    anywhere: true,
    params: none,
    query: z.object({ env: z.string().max(60).optional() }),
    body: null,
    answer: credentialsShape,
    kind: "json",
  },
  playbooks: {
    ...routes.playbooks,
    summary: "The playbooks of the commit whose duties hold, with the steps that run.",
    access: "read",
    anywhere: true,
    params: none,
    query: none,
    body: null,
    answer: z.array(playbookShape),
    kind: "json",
  },
  runPlaybook: {
    ...routes.runPlaybook,
    summary:
      "Runs the steps of a playbook one after another, as the commit has them whose duties hold, whatever becomes of the file meanwhile.",
    access: "change",
    params: z.object({ playbook: z.string().min(1).max(60) }),
    query: none,
    body: z.object({
      by,
      environment: z.string().max(60).nullable().default(null).describe("Told to the steps as FAIRWAY_ENVIRONMENT"),
    }),
    answer: run,
    kind: "json",
  },
} as const satisfies Record<string, Route>;

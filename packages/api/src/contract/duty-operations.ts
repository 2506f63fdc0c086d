import { z } from "zod";
import type { Route } from "../route.ts";
import { routes } from "../routes.ts";
import {
  dutiesShape,
  dutyDetail,
  dutyMatrix,
  dutyShape,
  dutyTimes,
  gateDecision,
  replayedDecision,
} from "../shapes/duty.ts";
import { by, environmentName, limit, none, words } from "./inputs.ts";

const dutyId = z.string().min(1).max(160).describe("As `fairway duties` lists it");
const release = z
  .string()
  .regex(/^r\d+$/, "a release is named like r42")
  .nullable()
  .default(null);
const releaseAsked = z
  .string()
  .regex(/^r\d+$/, "a release is named like r42")
  .optional()
  .describe("Of what is owed for each release: of this one");
const moment = z.iso.datetime({ error: "must be a moment in UTC such as 2026-11-22T10:00:00Z" });
const day = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}$/, "must be a day such as 2026-11-22")
  .optional();

/** What people owe, and what is on record of it. */
export const dutyOperations = {
  duties: {
    ...routes.duties,
    summary: "What is owed, and how each of it stands.",
    access: "read",
    anywhere: true,
    params: none,
    query: z.object({ env: z.string().max(60).optional(), release: releaseAsked }),
    body: null,
    answer: dutiesShape,
    kind: "json",
  },
  duty: {
    ...routes.duty,
    summary: "One duty, with what is on record of it.",
    access: "read",
    anywhere: true,
    params: none,
    query: z.object({ duty: dutyId, release: releaseAsked, limit }),
    body: null,
    answer: dutyDetail,
    kind: "json",
  },
  attestDuty: {
    ...routes.attestDuty,
    summary:
      "Puts on record what somebody, or a program, has found of a duty. It is never changed; a later row may correct it.",
    access: "change",
    params: none,
    query: none,
    body: z.object({
      by,
      duty: dutyId,
      release,
      outcome: z.enum(["passed", "failed", "partial", "skipped"]).default("passed"),
      note: words(2000).default(""),
      automation: words(120).min(1).nullable().default(null).describe("The program that found it out"),
      facts: z
        .record(z.string().max(60), z.union([words(400), z.number(), z.boolean(), z.null()]))
        .default({})
        .describe("Numbers and words for the board; never a secret"),
      artifacts: z
        .array(
          z.object({ name: words(200), sha256: z.string().regex(/^[0-9a-f]{64}$/), bytes: z.number().int().min(0) }),
        )
        .max(50)
        .default([]),
      observedAt: moment.optional().describe("When it was so; now when left out"),
      validUntil: moment.nullable().default(null),
      corrects: z.number().int().min(1).nullable().default(null).describe("The row that this one corrects"),
    }),
    answer: dutyShape,
    kind: "json",
  },
  waiveDuty: {
    ...routes.waiveDuty,
    summary: "Passes a duty over for a while. It always ends, and whoever owes the duty or gains by it may not.",
    access: "approve",
    stepUp: true,
    params: none,
    query: none,
    body: z.object({ by, duty: dutyId, release, reason: words(2000), until: moment.nullable().default(null) }),
    answer: dutyShape,
    kind: "json",
  },
  readDuties: {
    ...routes.readDuties,
    summary: "Reads the duties of a commit. What has problems, or asks for less, leaves what holds as it is.",
    access: "change",
    params: none,
    query: none,
    body: z.object({ by, ref: z.string().min(1).max(200).default("HEAD") }),
    answer: dutiesShape.omit({ duties: true }),
    kind: "json",
  },
  acceptDuties: {
    ...routes.acceptDuties,
    summary:
      "Lets duties hold that ask for less than before; only for whoever owns the gate. They hold once each gate's owner has said so.",
    access: "approve",
    stepUp: true,
    params: none,
    query: none,
    body: z.object({
      by,
      what: words(120).min(1).describe("The commit that is held back, or at least 7 signs of it: others are refused"),
    }),
    answer: dutiesShape.omit({ duties: true }),
    kind: "json",
  },
  readiness: {
    ...routes.readiness,
    summary: "Whether an environment takes a release, by the duties that its gate names: a sentence, and each of them.",
    access: "read",
    params: environmentName,
    query: z.object({ release: releaseAsked }),
    body: null,
    answer: gateDecision,
    kind: "json",
  },
  replayDecision: {
    ...routes.replayDecision,
    summary: "Works a decision of a gate out again from what was known then, and says whether it comes out the same.",
    access: "audit",
    params: z.object({ number: z.coerce.number().int().min(1) }),
    query: none,
    body: null,
    answer: replayedDecision,
    kind: "json",
  },
  dutyMatrix: {
    ...routes.dutyMatrix,
    summary: "Who does what and what does a part of it by itself, with the last evidence and what is due next.",
    access: "read",
    anywhere: true,
    params: none,
    query: none,
    body: null,
    answer: dutyMatrix,
    kind: "json",
  },
  dutyCalendar: {
    ...routes.dutyCalendar,
    summary: "When duties are due, and how the times that are over have ended.",
    access: "read",
    anywhere: true,
    params: none,
    query: z.object({
      from: day.describe("Today when left out"),
      until: day.describe("30 days later when left out"),
      owner: z.string().max(60).optional(),
    }),
    body: null,
    answer: z.array(dutyTimes),
    kind: "json",
  },
  dutyFeed: {
    ...routes.dutyFeed,
    summary: "When duties are due within a year, as a calendar that programs subscribe to (RFC 5545).",
    access: "read",
    anywhere: true,
    params: none,
    query: z.object({ owner: z.string().max(60).optional() }),
    body: null,
    answer: z.string(),
    kind: "file",
  },
} as const satisfies Record<string, Route>;

import { z } from "zod";
import type { Route } from "../route.ts";
import { routes } from "../routes.ts";
import { disclosuresShape, educationShape, packetShape, releaseNoticeShape, summaryShape } from "../shapes/content.ts";
import { by, none, words } from "./inputs.ts";

const release = z.object({ release: z.string().regex(/^r\d+$/, "a release is named like r42") });
const digest = z.string().max(100).nullable().default(null).describe("What was read: with another it is refused");
const day = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}$/, "a day is written like 2026-11-22")
  .optional();

/** What releases show their users, who is told before, and what Fairway writes for people. */
export const contentOperations = {
  disclosures: {
    ...routes.disclosures,
    summary: "What a commit shows its users, held against ops/disclosures.yaml, and who said yes to it.",
    access: "read",
    params: none,
    query: z.object({ ref: z.string().min(1).max(200).default("HEAD") }),
    body: null,
    answer: disclosuresShape,
    kind: "json",
  },
  approveDisclosures: {
    ...routes.approveDisclosures,
    summary:
      "Says yes to what users see: by whoever has the role, and wrote none of it. It is void once a word changes.",
    access: "change",
    params: none,
    query: none,
    body: z.object({ by, ref: z.string().min(1).max(200).default("HEAD"), digest, note: words(2000).default("") }),
    answer: disclosuresShape,
    kind: "json",
  },
  releaseNotice: {
    ...routes.releaseNotice,
    summary: "The pack of a release, who has it, and from when on that counts.",
    access: "read",
    params: release,
    query: none,
    body: null,
    answer: releaseNoticeShape,
    kind: "json",
  },
  sendReleaseNotice: {
    ...routes.sendReleaseNotice,
    summary: "Tells the channels that the pack of a release is there.",
    access: "change",
    params: release,
    query: none,
    body: z.object({ by }),
    answer: releaseNoticeShape,
    kind: "json",
  },
  receiveReleaseNotice: {
    ...routes.receiveReleaseNotice,
    summary: "Says that one has the pack of a release; once all roles have, the time begins.",
    access: "change",
    params: release,
    query: none,
    body: z.object({ by, role: z.string().max(40).nullable().default(null), digest }),
    answer: releaseNoticeShape,
    kind: "json",
  },
  packet: {
    ...routes.packet,
    summary: "What those who begin have to know, from the configuration that holds; each part with its source.",
    access: "read",
    params: none,
    query: none,
    body: null,
    answer: packetShape,
    kind: "json",
  },
  operationsSummary: {
    ...routes.operationsSummary,
    summary: "The summary of the operations log: from where the last one ended, or of two weeks.",
    access: "read",
    anywhere: true,
    params: none,
    query: z.object({ from: day, until: day }),
    body: null,
    answer: summaryShape,
    kind: "json",
  },
  education: {
    ...routes.education,
    summary: "What users learn from, with the figure that says whether they do.",
    access: "read",
    params: none,
    query: none,
    body: null,
    answer: z.array(educationShape),
    kind: "json",
  },
} as const satisfies Record<string, Route>;

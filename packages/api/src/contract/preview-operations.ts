import { z } from "zod";
import type { Route } from "../route.ts";
import { routes } from "../routes.ts";
import { previewShape } from "../shapes/preview.ts";
import { by, flag, limit, none, words, rowNumber } from "./inputs.ts";

const preview = z.object({ preview: z.string().min(1).max(60).describe("Its name: `pr-12`") });

/** Environments that live as long as a pull request. Who may change them has a role for `previews`, or for everything. */
export const previewOperations = {
  previews: {
    ...routes.previews,
    summary: "The previews there are and how each stands, the newest first.",
    access: "read",
    anywhere: true,
    params: none,
    query: z.object({ ended: flag.describe("Also those that have ended, the newest first"), before: rowNumber, limit }),
    body: null,
    answer: z.array(previewShape),
    kind: "json",
  },
  preview: {
    ...routes.preview,
    summary: "One preview, also when it has ended.",
    access: "read",
    anywhere: true,
    params: preview,
    query: none,
    body: null,
    answer: previewShape,
    kind: "json",
  },
  openPreview: {
    ...routes.openPreview,
    summary:
      "Opens a preview of a branch, a tag, a commit or the number of an open pull request. Of a branch it follows each push, and it ends with the branch.",
    access: "change",
    anywhere: true,
    params: none,
    query: none,
    body: z.object({
      ref: words(1024).min(1),
      name: words(100).min(1).nullable().default(null).describe("What it is called; one made of the ref when left out"),
      by,
    }),
    answer: previewShape,
    kind: "json",
  },
  closePreview: {
    ...routes.closePreview,
    summary: "Has a preview taken away: replicas, routes, databases. It does not come back with the same commit.",
    access: "change",
    anywhere: true,
    params: preview,
    query: none,
    body: z.object({ by }),
    answer: previewShape,
    kind: "json",
  },
  approvePreview: {
    ...routes.approvePreview,
    summary: "Lets one commit of a fork have its preview. The next push asks again.",
    access: "approve",
    anywhere: true,
    params: preview,
    query: none,
    body: z.object({ sha: words(64).min(1).describe("The whole commit that was looked at"), by }),
    answer: previewShape,
    kind: "json",
  },
} as const satisfies Record<string, Route>;

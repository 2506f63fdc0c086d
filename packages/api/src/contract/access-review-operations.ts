import { z } from "zod";
import type { Route } from "../route.ts";
import { routes } from "../routes.ts";
import { accessReviewShape, listedPrincipal, vendorContact } from "../shapes/access-review.ts";
import { by, limit, none, words } from "./inputs.ts";

const number = z.object({ number: z.coerce.number().int().min(1) });
const vendor = z.object({ vendor: words(120).min(1).describe("As ops/credentials.yaml calls it") });

/** Who can do what in a system, decided one by one, and what was spoken of with vendors. */
export const accessReviewOperations = {
  accessReviews: {
    ...routes.accessReviews,
    summary: "The newest review of who can do what, of each duty that asks for one.",
    access: "read",
    anywhere: true,
    params: none,
    query: none,
    body: null,
    answer: z.array(accessReviewShape),
    kind: "json",
  },
  accessReview: {
    ...routes.accessReview,
    summary: "One review, with what was decided of everybody.",
    access: "read",
    anywhere: true,
    params: number,
    query: none,
    body: null,
    answer: accessReviewShape,
    kind: "json",
  },
  openAccessReview: {
    ...routes.openAccessReview,
    summary:
      "Begins a review with everybody that a system lists. Who was to be revoked by the one before and is there still turns the duty red.",
    access: "change",
    params: none,
    query: none,
    body: z.object({
      by,
      duty: z.string().min(1).max(160).describe("As `fairway duties` lists it"),
      system: words(200).min(1),
      principals: z.array(listedPrincipal).min(1).max(5_000),
    }),
    answer: accessReviewShape,
    kind: "json",
  },
  decideAccess: {
    ...routes.decideAccess,
    summary: "Says what becomes of one of them; nobody decides about themselves. With the last the duty is shown.",
    access: "change",
    params: number,
    query: none,
    body: z.object({
      by,
      principal: z.string().min(1).max(300),
      choice: z.enum(["keep", "change", "revoke"]),
      because: words(2000).min(1),
    }),
    answer: accessReviewShape,
    kind: "json",
  },
  vendorContacts: {
    ...routes.vendorContacts,
    summary: "What was spoken of with a vendor, the newest first. It is never changed.",
    access: "read",
    anywhere: true,
    params: vendor,
    query: z.object({ limit }),
    body: null,
    answer: z.array(vendorContact),
    kind: "json",
  },
  logVendorContact: {
    ...routes.logVendorContact,
    summary: "Writes down what was spoken of with a vendor.",
    access: "change",
    params: vendor,
    query: none,
    body: z.object({ by, note: words(4000).min(1).describe("Never a secret") }),
    answer: z.array(vendorContact),
    kind: "json",
  },
} as const satisfies Record<string, Route>;

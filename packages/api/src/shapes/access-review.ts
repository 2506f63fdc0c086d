import { z } from "zod";
import { timestamp } from "./timestamp.ts";

const choice = z.enum(["keep", "change", "revoke"]);

export const listedPrincipal = z.object({
  principal: z.string().min(1).max(300),
  kind: z.enum(["user", "role", "root"]),
  access: z.array(z.string().max(300)).max(500).describe("Policies and groups, by name"),
  lastUsed: timestamp.nullable(),
  concerns: z.array(z.string().max(300)).max(50).describe("What a reviewer should see first"),
});

export const accessReviewShape = z
  .object({
    number: z.number().describe("The row of the record that lists everybody"),
    duty: z.string(),
    system: z.string().describe("`aws:123456789012`, or the name of a file"),
    at: timestamp,
    by: z.string(),
    open: z.number().describe("How many nobody has decided yet"),
    principals: z.array(
      listedPrincipal.extend({
        decision: z.object({ choice, because: z.string(), by: z.string(), at: timestamp }).nullable(),
      }),
    ),
  })
  .meta({ id: "AccessReview" });
export type AccessReviewShape = z.output<typeof accessReviewShape>;

export const vendorContact = z
  .object({ number: z.number().describe("Its row in the record"), at: timestamp, by: z.string(), note: z.string() })
  .meta({ id: "VendorContact" });
export type VendorContactShape = z.output<typeof vendorContact>;

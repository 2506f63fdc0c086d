import { z } from "zod";
import { timestamp } from "./timestamp.ts";

/** Who can do what in an account of a platform, for a review of access. */
export const accessReportShape = z
  .object({
    system: z.string().describe("`aws:123456789012`"),
    at: timestamp,
    principals: z.array(
      z.object({
        principal: z.string(),
        kind: z.enum(["user", "role", "root"]),
        arn: z.string(),
        access: z.array(z.string()).describe("Policies and groups, by name"),
        lastUsed: timestamp.nullable(),
        used: z
          .array(z.string())
          .nullable()
          .describe("Services of the last 90 days; null where nobody asked, or the platform did not say"),
        concerns: z.array(z.string()).describe("What a reviewer should see first: `no MFA`, `key of 400 days`"),
      }),
    ),
  })
  .meta({ id: "AccessReport" });

export type AccessReportShape = z.infer<typeof accessReportShape>;

import { z } from "zod";
import { awsAccess } from "../schema-aws.ts";
import { text } from "../schema-parts.ts";
import type { WrittenRotation } from "./written-duties.ts";

const roles = z.strictObject({
  driver: z.literal("postgres-role").meta({
    description: "Fairway exchanges it itself: of a credential that is a PostgreSQL address.",
  }),
  admin: text("must be a text")
    .min(1)
    .meta({ description: "The secret with the address of somebody who may change roles." }),
});

const managed = z.strictObject({
  driver: z.literal("aws-secrets-manager").meta({
    description:
      "AWS Secrets Manager exchanges it by the function that the secret has there. Fairway asks for it, waits, and gives it to those who use it.",
  }),
  secret: text("must be the name or the ARN of a secret")
    .min(1)
    .max(2048)
    .meta({
      description: "The secret of Secrets Manager.",
      examples: ["shop/database"],
    }),
  ...awsAccess,
});

/** Who exchanges a key. */
export const rotationForm: z.ZodType<WrittenRotation> = z
  .discriminatedUnion("driver", [roles, managed], {
    error: 'must have a driver: "postgres-role" or "aws-secrets-manager"',
  })
  .meta({ description: "The exchange of a credential's key." });

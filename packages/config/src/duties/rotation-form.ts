import { z } from "zod";
import { awsAccess } from "../schema-aws.ts";
import { text } from "../schema-parts.ts";
import { secret } from "./secret-form.ts";
import type { WrittenRotation } from "./written-duties.ts";

const roles = z.strictObject({
  driver: z.literal("postgres-role").meta({
    description: "Fairway exchanges it itself: of a credential that is a PostgreSQL address.",
  }),
  admin: secret.meta({ description: "The secret with the address of somebody who may change roles." }),
});

const program = (description: string): z.ZodArray<z.ZodString> =>
  z
    .array(text("must be a word of the command"), { error: "must be a list of words" })
    .min(1, { error: "must name a program" })
    .meta({ description });

const told = z
  .record(text("must be a variable"), secret, { error: "must be variables" })
  .optional()
  .meta({ description: "Variables, and the secrets whose values the programs are told." });

const managed = z.strictObject({
  driver: z.literal("aws-secrets-manager").meta({
    description:
      "AWS Secrets Manager keeps it. The function that the secret has there exchanges it: Fairway asks for it, waits, and gives it to those who use it. With `create` and `revoke` Fairway exchanges it itself.",
  }),
  secret: text("must be the name or the ARN of a secret")
    .min(1)
    .max(2048)
    .meta({
      description: "The secret of Secrets Manager.",
      examples: ["shop/database"],
    }),
  verify: program(
    "Ends with 0 when FAIRWAY_KEY works, and with 1 when it is refused. Without it nobody sees that the old key is refused, and an exchange is only a part of one.",
  ).optional(),
  create: program(
    "Makes a new key and writes it out on one line; with the same FAIRWAY_ROTATION it makes one. Needs `revoke` and `verify`. The secret needs no function then.",
  ).optional(),
  revoke: program("Takes FAIRWAY_KEY away. Needs `create`.").optional(),
  secrets: told,
  ...awsAccess,
});

const programs = z.strictObject({
  driver: z.literal("command").meta({ description: "Programs of the repository exchange it, each in a checkout." }),
  create: program("Makes a new key and writes it out on one line. With the same FAIRWAY_ROTATION it makes one."),
  verify: program("Ends with 0 when FAIRWAY_KEY works, and with 1 when it is refused."),
  revoke: program("Takes FAIRWAY_KEY away."),
  secrets: told,
});

/** Who exchanges a key. */
export const rotationForm: z.ZodType<WrittenRotation> = z
  .discriminatedUnion("driver", [roles, managed, programs], {
    error: 'must have a driver: "postgres-role", "aws-secrets-manager" or "command"',
  })
  .meta({ description: "The exchange of a credential's key." });

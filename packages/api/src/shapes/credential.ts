import { z } from "zod";
import { timestamp } from "./timestamp.ts";

export const credentialsShape = z
  .object({
    credentials: z.array(
      z.object({
        id: z.string(),
        vendor: z.string(),
        kind: z.string(),
        environments: z.array(z.string()),
        owner: z.string(),
        store: z.string().nullable().describe("Its name in the store of secrets"),
        consumers: z.array(z.string()).describe("The services that use it"),
        duties: z.array(
          z.object({
            duty: z.string(),
            owner: z.string(),
            state: z.enum(["ok", "due", "overdue", "failing", "unknown"]),
            why: z.string(),
            dueAt: timestamp.nullable(),
          }),
        ),
      }),
    ),
    tokens: z
      .array(
        z.object({
          id: z.string(),
          name: z.string(),
          owner: z.string().describe("Who made it"),
          expiresAt: timestamp,
          duty: z.string().describe("The duty that stands for it"),
          state: z.enum(["ok", "due", "overdue", "failing", "unknown"]),
        }),
      )
      .describe("API tokens of Fairway that end within two weeks or ended in the last two"),
    drift: z
      .array(z.object({ environment: z.string(), name: z.string(), drift: z.enum(["unlisted", "absent"]) }))
      .describe("In what the inventory differs from the names in the store"),
  })
  .meta({ id: "Credentials" });
export type CredentialsShape = z.output<typeof credentialsShape>;

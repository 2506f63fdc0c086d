import { z } from "zod";
import { grantShape, permission } from "./people.ts";
import { revision } from "./revision.ts";
import { timestamp } from "./timestamp.ts";

/** What somebody may do in one place. */
const mayIn = z.object({
  environment: z.string().nullable().describe("null: what belongs to the project as a whole"),
  allowed: z.array(permission),
  refused: z.array(z.object({ permission, reason: z.string().describe("The words that the server refuses with") })),
});

export const meShape = z
  .object({
    name: z.string(),
    id: z.string(),
    kind: z.enum(["person", "token", "system"]),
    owner: z.string().nullable().describe("Of a token"),
    singleUser: z.boolean().describe("Nobody logs in: whoever sits at the machine may do everything"),
    grants: z.array(grantShape),
    may: z.array(mayIn).describe("First the project as a whole, then each environment in the order of promotion"),
    somewhere: z.array(permission).describe("What is allowed in at least one place"),
    provenUntil: timestamp
      .nullable()
      .describe(
        "Until when an approval is taken without showing again who asks; null where it must be shown first, or never can be",
      ),
    expiresAt: timestamp.nullable(),
    project: z.string(),
    repository: z.string().nullable().describe("Where people find it on the web; null where it came from no server"),
    version: z.string(),
    features: z
      .array(z.enum(["login", "flags", "forge", "infrastructure", "migrations", "notices", "registry", "triggers"]))
      .describe("What is configured, so that pages without it are not offered"),
  })
  .meta({ id: "Me" });
export type MeShape = z.output<typeof meShape>;

export const waitingShape = z
  .object({
    run: z.string(),
    title: z.string(),
    kind: z
      .enum(["approval", "step", "infrastructure", "attention"])
      .describe(
        "A deployment, a rollout's next step, a plan of infrastructure; or something went wrong that a person must look at",
      ),
    environment: z.string().nullable(),
    release: z.string().nullable(),
    revision: revision.nullable(),
    requestedBy: z.string(),
    since: timestamp,
    question: z.string(),
    digest: z.string().nullable().describe("That an answer must repeat; null where nothing is to be answered"),
    needed: z.number(),
    given: z.array(z.string()).describe("Who has said yes"),
    you: z.object({
      may: z.boolean().describe("Whether your answer would count"),
      reason: z.string().nullable().describe("Why it would not"),
    }),
  })
  .meta({ id: "Waiting" });
export type WaitingShape = z.output<typeof waitingShape>;

import { z } from "zod";
import { timestamp } from "./timestamp.ts";

/** A preview as it stands. */
export const previewShape = z
  .object({
    number: z.number().describe("Which one it is: a name may come again once it has ended"),
    name: z.string().describe("Of its environment, and the first part of its host"),
    standing: z
      .enum(["waiting", "asking", "building", "deploying", "ready", "asleep", "failed", "ending", "ended"])
      .describe(
        "`waiting`: until there is room; `asking`: for somebody's yes to the commit of a fork; `asleep`: the next request wakes it",
      ),
    why: z
      .string()
      .describe("What it waits for, what went wrong, or why it has ended; empty where there is nothing to say"),
    url: z.string().nullable().describe("Where people look at it; null before its first deployment"),
    hosts: z.array(z.string()).describe("Every host that a service of it answers at"),
    pull: z.number().nullable().describe("The pull request that it is for; null where somebody asked for it"),
    ref: z.string(),
    sha: z.string().describe("The commit that it is to show"),
    title: z.string().describe("Of the pull request or the commit, as it was written there"),
    fork: z.boolean().describe("Whether the commit is of somebody who may not push here: it gets no secrets"),
    approvedBy: z.string().nullable().describe("Who let this commit of a fork in"),
    openedBy: z.string(),
    openedAt: timestamp,
    usedAt: timestamp.describe("When somebody last asked for it, or pushed"),
    endsAt: timestamp.nullable().describe("When it is taken away if nobody asks for it; null once it is"),
    endedAt: timestamp.nullable(),
    run: z.string().nullable().describe("What builds, deploys or ends it"),
  })
  .meta({ id: "Preview" });
export type PreviewShape = z.output<typeof previewShape>;

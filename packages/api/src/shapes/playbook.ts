import { z } from "zod";

export const playbookShape = z
  .object({
    id: z.string(),
    title: z.string(),
    owner: z.string(),
    file: z.string(),
    sha256: z.string().describe("Of the file: what a run is pinned to"),
    reviewed: z.string().describe("The day on which somebody last went through it"),
    steps: z
      .array(
        z.object({
          name: z.string(),
          language: z.string(),
          text: z.string(),
          approval: z.boolean().describe("Whether a person must say yes before it"),
          idempotent: z.boolean().describe("Whether it may be run again when nobody knows whether it was"),
        }),
      )
      .describe("What runs of it; none of one that is for reading"),
  })
  .meta({ id: "Playbook" });
export type PlaybookShape = z.output<typeof playbookShape>;

import { z } from "zod";
import { quarantineNote } from "./quarantine.ts";
import { revision } from "./revision.ts";
import { timestamp } from "./timestamp.ts";

export const releaseShape = z
  .object({
    id: z.string(),
    digest: z.string(),
    revision,
    parts: z.array(
      z.object({
        service: z.string(),
        artifact: z.string().describe("The digest of its files, or of its image's manifest"),
        image: z.string().nullable().describe("Where the image is kept; null for an artifact of files"),
        takenFrom: z.string().nullable(),
        sbom: z.string().nullable().describe("The digest of the list of what it is made of"),
        migrations: z
          .object({
            digest: z.string(),
            count: z.number(),
            from: z.string().nullable().describe("The newest that must be there before it starts"),
            to: z.string().nullable().describe("The newest that it knows; it runs on later ones that only expand"),
          })
          .nullable()
          .describe("Of its database, and the schemas that it runs on; null where it has none"),
      }),
    ),
    leftOut: z.array(z.object({ service: z.string(), reason: z.string() })),
    flags: z
      .string()
      .nullable()
      .describe("The digest of the feature flags of every environment as they stood; null when there were none"),
    createdAt: timestamp,
    verifiedIn: z.array(z.string()),
    runningIn: z.array(z.string()),
    quarantine: quarantineNote.nullable().describe("Why nobody can deploy it; null when anybody may"),
  })
  .meta({ id: "Release" });
export type ReleaseShape = z.output<typeof releaseShape>;

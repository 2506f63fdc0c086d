import { z } from "zod";
import { revision } from "./revision.ts";

const digest = z.string().describe("`sha256:` and 64 hex digits");

export const releaseManifest = z
  .object({
    version: z.literal(1),
    sha: z.string(),
    configuration: digest,
    artifacts: z.record(
      z.string(),
      z.discriminatedUnion("kind", [
        z.object({ kind: z.literal("files"), digest }),
        z.object({ kind: z.literal("image"), digest, image: z.string() }),
      ]),
    ),
    migrations: z.record(z.string(), digest),
    infrastructure: digest.nullable(),
    contracts: z.record(z.string(), digest),
    flags: digest.nullable(),
    secrets: z
      .record(z.string(), z.record(z.string(), z.string().nullable()))
      .describe("Which value each secret had, by environment and name, never the value itself"),
  })
  .meta({
    id: "ReleaseManifest",
    description: "What the release's digest is taken over, as canonical JSON (RFC 8785)",
  });

export const releaseDiff = z
  .object({
    from: z.string(),
    to: z.string(),
    services: z.array(
      z.object({
        service: z.string(),
        change: z.enum(["added", "removed", "left-out", "changed", "rebuilt", "unchanged"]),
        from: digest.nullable(),
        to: digest.nullable(),
        commits: z.array(revision).describe("That touched what it is built from, newest first"),
      }),
    ),
    settings: z.array(z.object({ key: z.string(), from: z.unknown(), to: z.unknown() })),
    flags: z.array(
      z.object({
        environment: z.string(),
        key: z.string(),
        change: z.enum(["added", "removed", "changed"]),
        from: z.unknown().describe("How it stood; null where it was not there"),
        to: z.unknown(),
      }),
    ),
    secrets: z.array(z.string()).describe("Those with another value now, as `environment/NAME`"),
    repository: z
      .string()
      .nullable()
      .describe("Where people find commits and pull requests on the web; null where it came from no server"),
    commits: z
      .array(
        revision.extend({
          pull: z.number().nullable().describe("The number of the pull request, as the subject says"),
        }),
      )
      .describe("All that the later has and the earlier has not, newest first; at most 100"),
    note: z.string().nullable().describe("Why the commits could not be listed"),
  })
  .meta({ id: "ReleaseDiff" });
export type ReleaseDiffShape = z.output<typeof releaseDiff>;

export const releaseVerification = z
  .object({
    release: z.string(),
    ok: z.boolean(),
    findings: z.array(
      z.object({
        what: z.string(),
        ok: z.boolean(),
        detail: z.string(),
        note: z
          .literal(true)
          .optional()
          .describe("Nothing is wrong, and somebody should know: a tag was moved, or something could not be looked at"),
      }),
    ),
  })
  .meta({ id: "ReleaseVerification" });

export const envelope = z
  .object({
    payloadType: z.string(),
    payload: z.string().describe("Base64 of an in-toto statement 1 with a SLSA provenance 1 predicate"),
    signatures: z.array(z.object({ keyid: z.string(), sig: z.string() })),
  })
  .meta({ id: "Envelope", description: "A signed document, as DSSE 1.0 writes it" });

export const signingKey = z
  .object({ id: z.string(), publicKey: z.string().describe("PEM"), firstSeenAt: z.string(), current: z.boolean() })
  .meta({ id: "SigningKey" });

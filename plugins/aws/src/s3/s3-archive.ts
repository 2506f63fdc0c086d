import { createHash } from "node:crypto";
import type { S3Place } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import { awsErrorName } from "../session/aws-error.ts";
import type { AwsSession } from "../session/aws-session.ts";

/** How long nobody may take an object away: in `governance` those with a permission of its own may, in `compliance` nobody. */
export interface Retention {
  readonly mode: "governance" | "compliance";
  readonly until: Date;
}

/** What became of something that was to be kept: written now, there already with the same content, or with another. */
export type Kept = { readonly kept: "now" | "before" | "other"; readonly key: string };

/** Objects of S3 that are written once and never again: bundles of releases, and evidence. */
export interface S3Archive {
  /**
   * Keeps these bytes under this name. Safe to repeat: the same bytes again are `before`. Where others are there under the name
   * it is `other`, and they stay, for nothing in an archive is ever written over.
   */
  keep(
    name: string,
    bytes: Uint8Array,
    about?: { readonly type?: string; readonly retention?: Retention },
  ): Promise<Kept>;
  /**
   * The bytes, held to the digest that they were kept with; null where nothing is under the name. Throws `artifact_damaged`
   * else.
   */
  read(name: string): Promise<Uint8Array | null>;
  /** Names below, in the order of their letters. */
  list(below?: string, most?: number): Promise<readonly string[]>;
  /** Until when it cannot be taken away; null where nothing holds it. */
  retention(name: string): Promise<Retention | null>;
}

/** What of the digest of an object is written beside it. */
const digestKey = "fairway-sha256";

export function s3Archive(session: AwsSession, { bucket, prefix }: S3Place): S3Archive {
  const keyOf = (name: string): string => `${prefix}${name}`;

  async function read(name: string): Promise<Uint8Array | null> {
    const s3 = await session.s3();
    let found;
    try {
      found = await s3.getObject({ Bucket: bucket, Key: keyOf(name) });
    } catch (thrown) {
      if (isGone(thrown)) return null;
      throw thrown;
    }
    const bytes = (await found.Body?.transformToByteArray()) ?? new Uint8Array();
    const wanted = found.Metadata?.[digestKey];
    // What has no digest was put there by somebody else.
    if (wanted !== sha256(bytes))
      throw new FairwayError("artifact_damaged", `s3://${bucket}/${keyOf(name)} is not what was kept there`, {
        hint: "look at the versions of the object; what was kept first is still there where the bucket has versions",
      });
    return bytes;
  }

  return {
    read,

    async keep(name, bytes, { type = "application/octet-stream", retention } = {}) {
      const s3 = await session.s3();
      try {
        await s3.putObject({
          Bucket: bucket,
          Key: keyOf(name),
          Body: bytes,
          ContentType: type,
          IfNoneMatch: "*",
          ChecksumAlgorithm: "SHA256",
          Metadata: { [digestKey]: sha256(bytes) },
          ...(retention === undefined
            ? {}
            : {
                ObjectLockMode: retention.mode === "compliance" ? "COMPLIANCE" : "GOVERNANCE",
                ObjectLockRetainUntilDate: retention.until,
              }),
        });
        return { kept: "now", key: keyOf(name) };
      } catch (thrown) {
        // A conflict is of two who write the same at the same moment; one of them gets through.
        if (!["PreconditionFailed", "ConditionalRequestConflict"].includes(awsErrorName(thrown) ?? "")) throw thrown;
      }
      const there = await read(name);
      const isSame = there !== null && sha256(there) === sha256(bytes);
      return { kept: isSame ? "before" : "other", key: keyOf(name) };
    },

    async list(below = "", most = 1000) {
      const s3 = await session.s3();
      const names: string[] = [];
      let after: string | undefined;
      do {
        const page = await s3.listObjectsV2({
          Bucket: bucket,
          Prefix: keyOf(below),
          MaxKeys: Math.min(1000, most - names.length),
          ...(after === undefined ? {} : { ContinuationToken: after }),
        });
        names.push(...(page.Contents ?? []).flatMap(({ Key }) => (Key === undefined ? [] : Key.slice(prefix.length))));
        after = page.NextContinuationToken;
      } while (after !== undefined && names.length < most);
      return names;
    },

    async retention(name) {
      const s3 = await session.s3();
      const found = await s3.headObject({ Bucket: bucket, Key: keyOf(name) });
      const { ObjectLockMode: mode, ObjectLockRetainUntilDate: until } = found;
      return mode === undefined || until === undefined
        ? null
        : { mode: mode === "COMPLIANCE" ? "compliance" : "governance", until };
    },
  };
}

/** What stands against keeping evidence in this bucket, as sentences; none where it is fit. */
export async function archiveProblems(session: AwsSession, bucket: string): Promise<readonly string[]> {
  const s3 = await session.s3();
  const problems: string[] = [];
  const { Status: versions } = await s3.getBucketVersioning({ Bucket: bucket });
  if (versions !== "Enabled") problems.push(`the bucket ${bucket} keeps no versions: what is deleted there is gone`);
  const lock = await s3.getObjectLockConfiguration({ Bucket: bucket }).catch((thrown: unknown) => {
    if (awsErrorName(thrown) === "ObjectLockConfigurationNotFoundError") return undefined;
    throw thrown;
  });
  if (lock?.ObjectLockConfiguration?.ObjectLockEnabled !== "Enabled")
    problems.push(`the bucket ${bucket} has no object lock: who may delete may delete evidence`);
  return problems;
}

const isGone = (thrown: unknown): boolean => ["NoSuchKey", "NotFound"].includes(awsErrorName(thrown) ?? "");
const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

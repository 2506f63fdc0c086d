import { S3 } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { needs } from "../../../../tools/skips.ts";
import type { AwsDouble } from "../../fixtures/double.ts";
import { awsDouble, region } from "../../fixtures/double.ts";
import { awsSession } from "../session/aws-session.ts";
import { archiveProblems, s3Archive } from "./s3-archive.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe.skipIf(!needs("moto"))("an archive in S3", () => {
  let aws: AwsDouble;
  let s3: S3;
  const access = { region, account: null, profile: null, role: null };
  beforeAll(async () => {
    aws = await awsDouble();
    s3 = new S3({ region, forcePathStyle: true });
    const CreateBucketConfiguration = { LocationConstraint: region } as const;
    await s3.createBucket({ Bucket: "evidence", CreateBucketConfiguration, ObjectLockEnabledForBucket: true });
    await s3.createBucket({ Bucket: "plain", CreateBucketConfiguration });
  });
  afterAll(async () => {
    s3.destroy();
    await aws.close();
  });
  const archive = (prefix: string): ReturnType<typeof s3Archive> =>
    s3Archive(awsSession(access), { bucket: "evidence", prefix });

  test("what is kept once is what is read, and keeping it again changes nothing", async () => {
    const of = archive("once/");
    expect(await of.keep("r1.tar", bytes("one"))).toEqual({ kept: "now", key: "once/r1.tar" });
    expect(await of.keep("r1.tar", bytes("one"))).toEqual({ kept: "before", key: "once/r1.tar" });
    expect(new TextDecoder().decode((await of.read("r1.tar")) ?? bytes(""))).toBe("one");
    expect(await of.read("r2.tar")).toBeNull();
    expect((await s3.listObjectVersions({ Bucket: "evidence", Prefix: "once/" })).Versions).toHaveLength(1);
  });

  test("nothing in it is written over", async () => {
    const of = archive("over/");
    await of.keep("r1.tar", bytes("one"));
    expect(await of.keep("r1.tar", bytes("two"))).toEqual({ kept: "other", key: "over/r1.tar" });
    expect(new TextDecoder().decode((await of.read("r1.tar")) ?? bytes(""))).toBe("one");
  });

  test("what was changed behind its back is not given out", async () => {
    const of = archive("changed/");
    await of.keep("r1.tar", bytes("one"));
    const { Metadata } = await s3.headObject({ Bucket: "evidence", Key: "changed/r1.tar" });
    await s3.putObject({ Bucket: "evidence", Key: "changed/r1.tar", Body: "two", ...(Metadata && { Metadata }) });
    await expect(of.read("r1.tar")).rejects.toThrow(/is not what was kept there/u);
    await s3.putObject({ Bucket: "evidence", Key: "changed/r2.tar", Body: "somebody else's, without a digest" });
    await expect(of.read("r2.tar")).rejects.toMatchObject({ code: "artifact_damaged" });
  });

  test("it is held until its time, and says so", async () => {
    const of = archive("held/");
    const until = new Date("2099-01-01T00:00:00Z");
    await of.keep("r1.json", bytes("{}"), { retention: { mode: "compliance", until } });
    expect(await of.retention("r1.json")).toEqual({ mode: "compliance", until });
    await of.keep("r2.json", bytes("{}"));
    expect(await of.retention("r2.json")).toBeNull();
    const { Versions: [version] = [] } = await s3.listObjectVersions({ Bucket: "evidence", Prefix: "held/r1.json" });
    await expect(
      s3.deleteObject({
        Bucket: "evidence",
        Key: "held/r1.json",
        ...(version?.VersionId && { VersionId: version.VersionId }),
      }),
    ).rejects.toMatchObject({ name: "AccessDenied" });
  });

  test("names come in order, page by page", async () => {
    const of = archive("many/");
    for (const name of ["c", "a", "b"]) await of.keep(name, bytes(name));
    expect(await of.list()).toEqual(["a", "b", "c"]);
    expect(await of.list("", 2)).toEqual(["a", "b"]);
  });

  test("a bucket without versions and lock is called unfit", async () => {
    expect(await archiveProblems(awsSession(access), "evidence")).toEqual([]);
    expect(await archiveProblems(awsSession(access), "plain")).toEqual([
      "the bucket plain keeps no versions: what is deleted there is gone",
      "the bucket plain has no object lock: who may delete may delete evidence",
    ]);
  });
});

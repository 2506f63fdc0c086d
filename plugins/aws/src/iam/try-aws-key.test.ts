import { IAM } from "@aws-sdk/client-iam";
import type { AwsKeyProbe } from "@fairway/core";
import { codeOf } from "@fairway/core";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { needs } from "../../../../tools/skips.ts";
import type { AwsDouble } from "../../fixtures/double.ts";
import { awsDouble, region } from "../../fixtures/double.ts";
import { tryAwsKey } from "./try-aws-key.ts";

const probe: AwsKeyProbe = { kind: "awsKey", id: "DEPLOY_KEY_ID", secret: "DEPLOY_KEY", region, account: null };

describe.skipIf(!needs("moto"))("an access key of AWS is asked about with itself", () => {
  let aws: AwsDouble;
  let iam: IAM;
  let key: { readonly id: string; readonly secret: string };
  beforeAll(async () => {
    aws = await awsDouble();
    iam = new IAM({ region });
    await iam.createUser({ UserName: "deploy" });
    const { AccessKey: made } = await iam.createAccessKey({ UserName: "deploy" });
    key = { id: made?.AccessKeyId ?? "", secret: made?.SecretAccessKey ?? "" };
    // From now on it looks at who signs.
    await fetch(`${aws.url}/moto-api/reset-auth`, { method: "POST", body: "0" });
  });
  afterAll(async () => {
    iam.destroy();
    await fetch(`${aws.url}/moto-api/reset-auth`, { method: "POST", body: "inf" });
    await aws.close();
  });

  test("a key that works is known by its user, and is of the account that is meant", async () => {
    const works = await tryAwsKey(probe, key);
    expect(works).toMatchObject({ verdict: "passed", summary: expect.stringContaining("user/deploy") });
    expect(await tryAwsKey({ ...probe, account: "123456789012" }, key)).toEqual(works);
    expect(await tryAwsKey({ ...probe, account: "999999999999" }, key)).toMatchObject({
      verdict: "failed",
      summary: expect.stringContaining("not of account 999999999999"),
    });
  });

  test("a key that AWS does not know, and one with another secret, is refused, and nothing of it is told", async () => {
    const refused = { verdict: "failed", summary: "AWS refuses the key whose id DEPLOY_KEY_ID has" };
    expect(await tryAwsKey(probe, { ...key, secret: `${key.secret}x` })).toEqual(refused);
    expect(await tryAwsKey(probe, { ...key, id: "AKIANOBODYHASTHISONE" })).toEqual(refused);
  });

  test("without an answer of AWS nobody knows whether the key works", async () => {
    vi.stubEnv("AWS_ENDPOINT_URL", "http://127.0.0.1:1");
    try {
      const silent: unknown = await tryAwsKey(probe, key, { attempts: 1 }).catch((thrown: unknown) => thrown);
      expect(codeOf(silent)).toBe("target_unreachable");
    } finally {
      // Here, and not before the next test: that is another file's, which has an address of its own by then.
      vi.unstubAllEnvs();
    }
  });
});

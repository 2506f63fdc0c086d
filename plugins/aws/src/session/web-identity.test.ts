import { IAM } from "@aws-sdk/client-iam";
import { codeOf } from "@fairway/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { needs } from "../../../../tools/skips.ts";
import type { AwsDouble } from "../../fixtures/double.ts";
import { awsDouble, region } from "../../fixtures/double.ts";
import { awsSession } from "./aws-session.ts";

describe.skipIf(!needs("moto"))("a role that is taken on without keys", () => {
  let aws: AwsDouble;
  beforeAll(async () => {
    aws = await awsDouble();
  });
  afterAll(() => aws.close());
  const access = { region, account: null, profile: null, role: null, identity: "fairway" } as const;

  test("a token of our own is given to STS for its audience, once, and the role is whom AWS sees", async () => {
    const iam = new IAM({ region });
    const { Role } = await iam.createRole({
      RoleName: "fairway",
      AssumeRolePolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement: [] }),
    });
    iam.destroy();
    const audiences: string[] = [];
    const session = awsSession(
      { ...access, role: Role?.Arn ?? "", account: "123456789012" },
      {
        webIdentity: (audience) => {
          audiences.push(audience);
          return Promise.resolve("header.claims.signature");
        },
      },
    );
    const sts = await session.sts();
    const { Arn } = await sts.getCallerIdentity({});
    expect(Arn).toBe("arn:aws:sts::123456789012:assumed-role/fairway/fairway");
    await sts.getCallerIdentity({});
    expect(audiences).toEqual(["sts.amazonaws.com"]);
  });

  test("without a role there is nothing to take on", async () => {
    const session = awsSession(access, { webIdentity: () => Promise.resolve("token") });
    const error: unknown = await session.sts().catch((thrown: unknown) => thrown);
    expect(codeOf(error)).toBe("denied");
  });
});

import { IAM } from "@aws-sdk/client-iam";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { needs } from "../../../../tools/skips.ts";
import type { AwsDouble } from "../../fixtures/double.ts";
import { awsDouble, region } from "../../fixtures/double.ts";
import { awsSession } from "../session/aws-session.ts";
import { accessReport, awsPrincipals, usersIn } from "./access-review.ts";

const now = Date.parse("2026-11-22T12:00:00Z");

test("the report tells who has no MFA, an old key, or was not there for long", () => {
  const report = [
    "user,arn,user_creation_time,password_enabled,password_last_used,mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_2_active,access_key_2_last_used_date",
    "<root_account>,arn:root,2020-01-01T00:00:00+00:00,not_supported,2026-11-01T00:00:00+00:00,false,true,2020-01-01T00:00:00+00:00,N/A,false,N/A",
    "ann,arn:ann,2020-01-01T00:00:00+00:00,true,2026-11-20T00:00:00+00:00,true,false,N/A,N/A,false,N/A",
    "bot,arn:bot,2020-01-01T00:00:00+00:00,false,N/A,false,true,2025-11-22T12:00:00+00:00,2026-01-01T00:00:00+00:00,false,N/A",
    "new,arn:new,2026-11-21T00:00:00+00:00,true,no_information,true,false,N/A,N/A,false,N/A",
  ].join("\n");
  const said = usersIn(report, now);
  expect(said.map(({ principal, kind, concerns }) => [principal, kind, ...concerns])).toEqual([
    ["root", "root", "no MFA", "root has a key", expect.stringMatching(/^key of \d{4} days$/u)],
    ["ann", "user"],
    ["bot", "user", "key of 365 days", "not used for 90 days"],
    ["new", "user", "never used"],
  ]);
  expect(said[2]?.lastUsed).toEqual(new Date("2026-01-01T00:00:00Z"));
});

describe.skipIf(!needs("moto"))("an account", () => {
  let aws: AwsDouble;
  let iam: IAM;
  beforeAll(async () => {
    aws = await awsDouble();
    iam = new IAM({ region });
  });
  afterAll(async () => {
    iam.destroy();
    await aws.close();
  });

  test("everybody in it is listed with what they may do, but no service's own role", async () => {
    const Document = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "s3:GetObject", Resource: "*" }] };
    const { Policy } = await iam.createPolicy({ PolicyName: "Read", PolicyDocument: JSON.stringify(Document) });
    await iam.createUser({ UserName: "ann" });
    await iam.attachUserPolicy({ UserName: "ann", PolicyArn: Policy?.Arn });
    await iam.createGroup({ GroupName: "developers" });
    await iam.addUserToGroup({ UserName: "ann", GroupName: "developers" });
    const trust = JSON.stringify({ Version: "2012-10-17", Statement: [] });
    await iam.createRole({ RoleName: "deploy", AssumeRolePolicyDocument: trust });
    await iam.attachRolePolicy({ RoleName: "deploy", PolicyArn: Policy?.Arn });
    await iam.createRole({
      RoleName: "ecs",
      Path: "/aws-service-role/ecs.amazonaws.com/",
      AssumeRolePolicyDocument: trust,
    });
    const session = awsSession({ region, account: null, profile: null, role: null });
    const found = await awsPrincipals(session, { pause: 1 });
    expect(found.map(({ principal, kind, access }) => [kind, principal, ...access])).toEqual(
      expect.arrayContaining([
        ["user", "ann", "Read", "group developers"],
        ["role", "deploy", "Read"],
      ]),
    );
    expect(found.some(({ principal }) => principal === "ecs")).toBe(false);
    const report = await accessReport(session, { pause: 1, now: () => now });
    expect(report).toMatchObject({ system: "aws:123456789012", at: "2026-11-22T12:00:00.000Z" });
    expect(report.principals.find(({ principal }) => principal === "ann")).toMatchObject({
      ...{ kind: "user", access: ["Read", "group developers"], used: null },
      arn: "arn:aws:iam::123456789012:user/ann",
    });
  });

  test("what each used is asked of all first, and who does not come in time is told without the others being lost", async () => {
    const trust = JSON.stringify({ Version: "2012-10-17", Statement: [] });
    for (const RoleName of ["quick", "slow", "given-up"])
      await iam.createRole({ RoleName, AssumeRolePolicyDocument: trust });
    const asked: string[] = [];
    const nameOf = (arn: unknown): string => String(arn).split("/").at(-1) ?? "";
    const answers = (job: string): object => {
      if (job === "slow") return { JobStatus: "IN_PROGRESS" };
      if (job === "given-up") return { JobStatus: "FAILED" };
      return {
        JobStatus: "COMPLETED",
        ServicesLastAccessed: [
          { ServiceNamespace: "s3", LastAuthenticated: new Date(now - 1000) },
          { ServiceNamespace: "ec2", LastAuthenticated: new Date(0) },
        ],
      };
    };
    const session = awsSession(
      { region, account: null, profile: null, role: null },
      {
        // moto has no word of what was used.
        onClient: (client) =>
          client.middlewareStack.add(
            (next, context) => async (args) => {
              const input = args.input as { readonly Arn?: string; readonly JobId?: string };
              const command = String(context.commandName);
              if (!command.includes("ServiceLastAccessedDetails")) return next(args);
              asked.push(command.startsWith("Generate") ? "begun" : "looked");
              const output = command.startsWith("Generate") ? { JobId: nameOf(input.Arn) } : answers(input.JobId ?? "");
              return { output: { $metadata: {}, ...output }, response: {} };
            },
            { step: "initialize" },
          ),
      },
    );
    const { principals } = await accessReport(session, { used: true, now: () => now, pause: 1, tries: 3 });
    const told = (name: string): unknown => principals.find(({ principal }) => principal === name);
    expect(told("quick")).toMatchObject({ used: ["s3"], concerns: [] });
    for (const name of ["slow", "given-up"])
      expect(told(name)).toMatchObject({ used: null, concerns: ["AWS did not say what it used"] });
    expect(asked.lastIndexOf("begun")).toBeLessThan(asked.indexOf("looked"));
  });
});

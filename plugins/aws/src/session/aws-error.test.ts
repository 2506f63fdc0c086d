import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { codeOf } from "@fairway/core";
import { expect, onTestFinished, test, vi } from "vitest";
import { awsError, policyHint } from "./aws-error.ts";
import { awsSession } from "./aws-session.ts";

const call = { action: "ecs:UpdateService", region: "eu-central-1", profile: null };
const thrown = (name: string, message: string, httpStatusCode?: number): Error =>
  Object.assign(new Error(message), { name, $metadata: { httpStatusCode, requestId: "4711" } });

test.each([
  [
    "ExpiredTokenException",
    "The security token included in the request is expired",
    400,
    "denied",
    false,
    /have expired/,
    /give the daemon new credentials/,
  ],
  [
    "UnrecognizedClientException",
    "The security token included in the request is invalid",
    400,
    "denied",
    false,
    /does not know/,
    /access key/,
  ],
  [
    "CredentialsProviderError",
    "Could not load credentials from any providers",
    undefined,
    "denied",
    false,
    /no credentials/,
    /AWS_PROFILE/,
  ],
  [
    "InvalidSignatureException",
    "Signature expired: 20261122T170000Z is now earlier than 20261122T172000Z",
    403,
    "denied",
    false,
    /clock of this machine/,
    /set the clock/,
  ],
  ["ThrottlingException", "Rate exceeded", 400, "target_unreachable", true, /left alone/, undefined],
  [
    "ClusterNotFoundException",
    "Cluster not found.",
    400,
    "not_found",
    false,
    /Cluster not found/,
    /the region \(eu-central-1\)/,
  ],
  [
    "LimitExceededException",
    "The limit for the resource has been exceeded.",
    400,
    "not_allowed_now",
    false,
    /quota/,
    /Service Quotas/,
  ],
  ["ServerException", "Server Error", 500, "target_unreachable", true, /answered 500/, undefined],
  [
    "InvalidParameterException",
    "TaskDefinition is inactive",
    400,
    "not_found",
    false,
    /was deregistered or deleted: TaskDefinition is inactive/,
    /deploy again/,
  ],
  ["InvalidParameterException", "The count is wrong", 400, "not_allowed_now", false, /refused: The count/, undefined],
  [
    "InvalidIdentityToken",
    "No OpenIDConnect provider found in your account",
    400,
    "denied",
    false,
    /does not take the token/,
    /identity provider in IAM/,
  ],
  [
    "Error",
    "getaddrinfo ENOTFOUND ecs.eu-centrall-1.amazonaws.com",
    undefined,
    "target_unreachable",
    true,
    /no such address/,
    /is eu-central-1 a region of AWS/,
  ],
  ["TimeoutError", "socket hang up", undefined, "target_unreachable", true, /did not answer/, undefined],
] as const)("%s says what it is and what to do", (name, message, status, code, retryable, words, hint) => {
  const error = awsError(thrown(name, message, status), call);
  expect(error).toMatchObject({ code, retryable });
  expect(error.message).toMatch(/^ecs:UpdateService in eu-central-1: /);
  expect(error.message).toMatch(words);
  expect(error.hint ?? "no hint").toMatch(hint ?? /^no hint$/);
});

test("a profile that expired is signed in again by its name", () => {
  const error = awsError(thrown("ExpiredToken", "expired", 400), { ...call, profile: "prod" });
  expect(error.hint).toBe("sign in again: aws sso login --profile prod");
});

test("a permission that is missing is named, with the line of the policy", () => {
  const message =
    "User: arn:aws:sts::123456789012:assumed-role/deploy/fairway is not authorized to perform: ecs:UpdateService on resource: arn:aws:ecs:eu-central-1:123456789012:service/shop/api because no identity-based policy allows the ecs:UpdateService action";
  expect(awsError(thrown("AccessDeniedException", message, 400), call)).toMatchObject({ code: "denied" });
  expect(policyHint(message, "ecs:Anything")).toBe(
    'allow ecs:UpdateService: add {"Effect":"Allow","Action":"ecs:UpdateService","Resource":"arn:aws:ecs:eu-central-1:123456789012:service/shop/api"} to the policy; `fairway aws policy` prints all of it',
  );
  expect(policyHint("no", "iam:PassRole")).toMatch(/^allow iam:PassRole: add .*"Resource":"\*"/);
});

test.each([
  [500, false],
  [503, true],
])("a page of HTML with %s is not an answer of AWS", async (status, retryable) => {
  const server = createServer((_, response) =>
    response.writeHead(status, { "content-type": "text/html" }).end("<!doctype html><title>500</title>"),
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.close();
    vi.unstubAllEnvs();
  });
  vi.stubEnv("AWS_ENDPOINT_URL", `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  vi.stubEnv("AWS_ACCESS_KEY_ID", "test");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "test");
  const session = awsSession({ region: "eu-central-1", account: null, profile: null, role: null }, { attempts: 1 });
  const error: unknown = await (
    await session.ecs()
  )
    .describeServices({ services: ["api"] })
    .catch((caught: unknown) => caught);
  expect(codeOf(error)).toBe("target_unreachable");
  expect(error).toMatchObject({ retryable, message: expect.stringMatching(/is not AWS/) });
});

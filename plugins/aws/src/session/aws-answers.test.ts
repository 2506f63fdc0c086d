import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { codeOf } from "@fairway/core";
import { expect, onTestFinished, test, vi } from "vitest";
import { awsSession } from "./aws-session.ts";

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** An AWS that answers so, one answer after another and the last one for ever; what it was asked, by action. */
async function answering(...answers: readonly Answer[]): Promise<{ readonly asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    request.resume().on("end", () => {
      const answer = answers[Math.min(asked.length, answers.length - 1)];
      asked.push(String(request.headers["x-amz-target"]).replace(/^.*\./u, ""));
      answer?.(request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
    vi.unstubAllEnvs();
  });
  vi.stubEnv("AWS_ENDPOINT_URL", `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  vi.stubEnv("AWS_ACCESS_KEY_ID", "test");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "test");
  return { asked };
}

/** An error as ECS writes it. */
const error =
  (type: string, message: string, status = 400): Answer =>
  (_, response) =>
    response
      .writeHead(status, { "content-type": "application/x-amz-json-1.1", "x-amzn-requestid": "4711" })
      .end(JSON.stringify({ __type: `com.amazonaws.ecs#${type}`, message }));

const well: Answer = (_, response) =>
  response.writeHead(200, { "content-type": "application/x-amz-json-1.1" }).end(JSON.stringify({ services: [] }));

const access = { region: "eu-central-1", account: null, profile: null, role: null };
const asking = async (attempts?: number): Promise<unknown> => {
  const ecs = await awsSession(access, attempts === undefined ? {} : { attempts }).ecs();
  return ecs.describeServices({ services: ["api"] }).catch((caught: unknown) => caught);
};

/** What a web server says that does not know the call: an emulator, or a proxy. */
const page: Answer = (_, response) =>
  response
    .writeHead(500, { "content-type": "text/html" })
    .end("<!doctype html><title>500 Internal Server Error</title>");

test.each<[string, Answer, string, unknown, string]>([
  [
    "a service that was deleted",
    error("ServiceNotActiveException", "Service was not ACTIVE."),
    "not_found",
    "ecs:DescribeServices in eu-central-1: Service was not ACTIVE. (ServiceNotActiveException) (request 4711)",
    "check its name, the region (eu-central-1) and the account",
  ],
  [
    "a task definition that was deregistered",
    error("InvalidParameterException", "TaskDefinition is inactive"),
    "not_found",
    "ecs:DescribeServices in eu-central-1: the task definition was deregistered or deleted: TaskDefinition is inactive (request 4711)",
    "deploy again, which registers it anew from the one that the service has",
  ],
  [
    "a task definition that was deleted",
    error("ClientException", "Unable to describe task definition."),
    "not_found",
    "ecs:DescribeServices in eu-central-1: the task definition was deregistered or deleted: Unable to describe task definition. (request 4711)",
    "deploy again, which registers it anew from the one that the service has",
  ],
  [
    "an image that is gone",
    error("ImageNotFoundException", "The image with imageId {imageDigest:'sha256:1'} does not exist"),
    "not_found",
    "ecs:DescribeServices in eu-central-1: the image is gone: The image with imageId {imageDigest:'sha256:1'} does not exist (request 4711)",
    "build the release again, and look at the lifecycle policy of its repository",
  ],
  [
    "a page of HTML, which is no error of AWS",
    page,
    "target_unreachable",
    expect.stringMatching(/^ecs:DescribeServices in eu-central-1: what answered 500 is not AWS: /u),
    "look at AWS_ENDPOINT_URL and at the proxy between here and there; an emulator answers so what it does not know",
  ],
  [
    "credentials that have expired",
    error("ExpiredTokenException", "The security token included in the request is expired"),
    "denied",
    "ecs:DescribeServices in eu-central-1: the credentials of the daemon have expired: The security token included in the request is expired (request 4711)",
    "give the daemon new credentials",
  ],
  [
    "a permission that is missing",
    error(
      "AccessDeniedException",
      "User: arn:aws:iam::123456789012:user/ci is not authorized to perform: ecs:DescribeServices on resource: arn:aws:ecs:eu-central-1:123456789012:service/shop/api because no identity-based policy allows the ecs:DescribeServices action",
    ),
    "denied",
    "ecs:DescribeServices in eu-central-1: User: arn:aws:iam::123456789012:user/ci is not authorized to perform: ecs:DescribeServices on resource: arn:aws:ecs:eu-central-1:123456789012:service/shop/api because no identity-based policy allows the ecs:DescribeServices action (request 4711)",
    'allow ecs:DescribeServices: add {"Effect":"Allow","Action":"ecs:DescribeServices","Resource":"arn:aws:ecs:eu-central-1:123456789012:service/shop/api"} to the policy; `fairway aws policy` prints all of it',
  ],
  [
    "another region",
    error("ClusterNotFoundException", "Cluster not found."),
    "not_found",
    "ecs:DescribeServices in eu-central-1: Cluster not found. (ClusterNotFoundException) (request 4711)",
    "check its name, the region (eu-central-1) and the account",
  ],
  [
    "a quota",
    error("LimitExceededException", "The limit for the resource has been exceeded."),
    "not_allowed_now",
    "ecs:DescribeServices in eu-central-1: a quota is reached: The limit for the resource has been exceeded. (request 4711)",
    "ask for more in the console of Service Quotas, or take away what is not needed",
  ],
  [
    "a clock that goes wrong",
    error(
      "InvalidSignatureException",
      "Signature expired: 20261122T170000Z is now earlier than 20261122T172000Z (20261122T172500Z - 5 min.)",
      403,
    ),
    "denied",
    "ecs:DescribeServices in eu-central-1: the clock of this machine is not AWS's: Signature expired: 20261122T170000Z is now earlier than 20261122T172000Z (20261122T172500Z - 5 min.) (request 4711)",
    "set the clock of the machine that the daemon runs on (timedatectl set-ntp true)",
  ],
  [
    "a key that AWS does not know",
    error("UnrecognizedClientException", "The security token included in the request is invalid."),
    "denied",
    "ecs:DescribeServices in eu-central-1: AWS does not know the credentials of the daemon: The security token included in the request is invalid. (request 4711)",
    "check the access key and its secret, and whether the key is still active",
  ],
])("%s, as AWS's own SDK reads it, is told in one sentence with what to do", async (_, answer, code, message, hint) => {
  await answering(answer);
  const caught = await asking(1);
  expect(codeOf(caught)).toBe(code);
  expect(caught).toMatchObject({
    message,
    hint,
    retryable: false,
  });
});

test("JSON that breaks off is no answer of AWS", async () => {
  await answering((_, response) =>
    response.writeHead(200, { "content-type": "application/x-amz-json-1.1" }).end('{"services": [{"serviceN'),
  );
  const caught = await asking(1);
  expect(codeOf(caught)).toBe("target_unreachable");
  expect(caught).toMatchObject({ message: expect.stringMatching(/what answered(?: 200)? is not AWS/u) });
});

test("what is throttled is asked again by the SDK's adaptive mode, and then it is well", async () => {
  const throttled = error("ThrottlingException", "Rate exceeded");
  const { asked } = await answering(throttled, error("ServerException", "Service Unavailable", 503), well);
  expect(await asking()).toMatchObject({ services: [] });
  expect(asked).toEqual(["DescribeServices", "DescribeServices", "DescribeServices"]);
});

test("what is refused is asked once", async () => {
  const { asked } = await answering(error("AccessDeniedException", "no"));
  expect(codeOf(await asking())).toBe("denied");
  expect(asked).toHaveLength(1);
});

test("a client is in the adaptive mode", async () => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", "test");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "test");
  onTestFinished(() => void vi.unstubAllEnvs());
  const ecs = await awsSession(access).ecs();
  const { mode } = (await ecs.config.retryStrategy()) as { readonly mode?: string };
  expect(mode).toBe("adaptive");
});

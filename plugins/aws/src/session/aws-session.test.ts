import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { codeOf } from "@fairway/core";
import { expect, onTestFinished, test, vi } from "vitest";
import { awsSession } from "./aws-session.ts";

test.each([
  ["the service", null],
  ["the role that is taken on first", "arn:aws:iam::123456789012:role/deploy"],
])("a call that is never answered by %s is over, and may be made again", async (_, role) => {
  const silent = createServer(() => undefined);
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    silent.closeAllConnections();
    silent.close();
    vi.unstubAllEnvs();
  });
  vi.stubEnv("AWS_ENDPOINT_URL", `http://127.0.0.1:${(silent.address() as AddressInfo).port}`);
  vi.stubEnv("AWS_ACCESS_KEY_ID", "test");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "test");
  const access = { region: "eu-central-1", account: null, profile: null, role };
  const ecs = await awsSession(access, { attempts: 1, timeout: 200 }).ecs();
  const error: unknown = await ecs.describeServices({ services: ["api"] }).catch((caught: unknown) => caught);
  expect(codeOf(error)).toBe("target_unreachable");
  expect(error).toMatchObject({ retryable: true, cause: { name: "TimeoutError" } });
});

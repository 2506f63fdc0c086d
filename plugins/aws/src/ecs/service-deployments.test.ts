import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test, vi } from "vitest";
import { awsSession } from "../session/aws-session.ts";
import { findBegun } from "./find-begun.ts";
import { ecsService } from "./ecs-service.ts";
import { ecsMemory } from "./ecs-target.ts";
import { serviceDeployments } from "./service-deployments.ts";

const place = { cluster: "shop", service: "api" };
const ids = Array.from({ length: 50 }, (_, index) => index);

/** An ECS whose record comes in pages, of which the first is empty, and the oldest before the newest. */
async function paged(): Promise<ReturnType<typeof awsSession>> {
  const server = createServer((request, response) => {
    let text = "";
    request.setEncoding("utf8").on("data", (part: string) => (text += part));
    request.on("end", () => {
      const given = JSON.parse(text) as {
        readonly nextToken?: string;
        readonly serviceRevisionArns?: readonly string[];
      };
      const from = given.nextToken === undefined ? 0 : Number(given.nextToken);
      const page = given.nextToken === undefined ? [] : ids.slice(from, from + 20);
      const next = given.nextToken === undefined ? "0" : from + 20 < ids.length ? String(from + 20) : undefined;
      const answers: Readonly<Record<string, object>> = {
        ListServiceDeployments: {
          serviceDeployments: page.map((id) => ({
            serviceDeploymentArn: `deployment-${id}`,
            targetServiceRevisionArn: `revision-${id}`,
            createdAt: 1_700_000_000 + id,
          })),
          nextToken: next,
        },
        DescribeServiceRevisions: {
          serviceRevisions: given.serviceRevisionArns?.map((serviceRevisionArn) => ({
            serviceRevisionArn,
            taskDefinition: serviceRevisionArn.replace("revision", "task"),
          })),
        },
      };
      // More than so many at once AWS refuses.
      const isRefused = (given.serviceRevisionArns?.length ?? 0) > 20;
      const operation = String(request.headers["x-amz-target"]).replace(/^.*\./u, "");
      response
        .writeHead(isRefused ? 400 : 200, { "content-type": "application/x-amz-json-1.1" })
        .end(JSON.stringify(isRefused ? { __type: "InvalidParameterException" } : (answers[operation] ?? {})));
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
  return awsSession({ region: "eu-central-1", account: null, profile: null, role: null }, { attempts: 1 });
}

test("the newest deployment is found on whatever page it is", async () => {
  const found = await serviceDeployments(await (await paged()).ecs(), place);
  expect(found).toHaveLength(50);
  expect(found[0]?.serviceDeploymentArn).toBe("deployment-49");
});

test.each([
  ["task-0", "gone"],
  ["task-49", "gone"],
  ["task-50", null],
])("whether %s was asked for by somebody who could not say so is seen in all of the record", async (mine, found) => {
  const service = ecsService(place, await paged(), ecsMemory());
  const look = { deployments: [], marks: { taskDefinition: mine } } as unknown as Parameters<typeof findBegun>[2];
  expect(await findBegun(service, place, look)).toBe(found);
});

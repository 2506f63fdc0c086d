import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test, vi } from "vitest";
import { awsSession } from "../session/aws-session.ts";
import { deploymentDescribed } from "./code-deploy-status.ts";
import { groupProblems } from "./group-problems.ts";

const access = { region: "eu-central-1", account: null, profile: null, role: null };
const group = { application: "shop", group: "api", configuration: null, hooks: {} };

/** A CodeDeploy whose lists come in pages, of which the first is empty; each deployment is described by its id. */
async function paged(ids: readonly string[]): Promise<readonly string[]> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    let text = "";
    request.setEncoding("utf8").on("data", (part: string) => (text += part));
    request.on("end", () => {
      const operation = String(request.headers["x-amz-target"]).replace(/^.*\./u, "");
      asked.push(operation);
      const given = JSON.parse(text) as { readonly nextToken?: string; readonly deploymentIds?: readonly string[] };
      const from = given.nextToken === undefined ? 0 : Number(given.nextToken);
      const page = given.nextToken === undefined ? [] : ids.slice(from, from + 100);
      const next = given.nextToken === undefined ? "0" : from + 100 < ids.length ? String(from + 100) : undefined;
      const answers: Readonly<Record<string, object>> = {
        ListDeployments: { deployments: page, nextToken: next },
        BatchGetDeployments: {
          deploymentsInfo: given.deploymentIds?.map((deploymentId) => ({
            deploymentId,
            description: `fairway ${deploymentId}`,
          })),
        },
        GetDeploymentGroup: {
          deploymentGroupInfo: { ecsServices: [{ clusterName: "shop", serviceName: "api" }] },
        },
      };
      response
        .writeHead(200, { "content-type": "application/x-amz-json-1.1" })
        .end(JSON.stringify(answers[operation] ?? {}));
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
  return asked;
}

test("a deployment that somebody began and could not tell of is found on whatever page it is", async () => {
  const asked = await paged(Array.from({ length: 130 }, (_, index) => `d-${index}`));
  const session = awsSession(access, { attempts: 1 });
  expect(await deploymentDescribed(session, group, "fairway d-129")).toEqual({ id: "d-129", taskDefinition: null });
  expect(asked.filter((operation) => operation === "ListDeployments")).toHaveLength(3);
  expect(await deploymentDescribed(session, group, "fairway d-130")).toBeNull();
});

test("one that is under way is in the way also where the first page is empty", async () => {
  await paged(["d-7"]);
  const session = awsSession(access, { attempts: 1 });
  const strategy = { name: "blue-green", bake: 0 } as const;
  const place = { codeDeploy: group, cluster: "shop", service: "api" };
  expect(await groupProblems(session, place, { strategy })).toEqual({
    lasting: [],
    forNow: ["deployment d-7 of shop/api is under way, and Fairway did not begin it; wait for it, or stop it"],
  });
});

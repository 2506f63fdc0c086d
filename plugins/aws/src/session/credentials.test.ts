import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import type { IncomingHttpHeaders } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { codeOf } from "@fairway/core";
import { beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { awsSession } from "./aws-session.ts";

const account = "123456789012";
const inAnHour = (): number => Date.now() + 3_600_000;

/** What is signed in at AWS, and with what the next call was signed. */
const config = `
[profile production]
sso_session = corp
sso_account_id = ${account}
sso_role_name = deploy
region = us-east-1
[profile staging]
aws_access_key_id = AKIASTAGING
aws_secret_access_key = secret
[sso-session corp]
sso_region = eu-central-1
sso_start_url = https://corp.awsapps.com/start
sso_registration_scopes = sso:account:access
`;

describe("whose credentials a call is made with", () => {
  const asked: { readonly path: string; readonly headers: IncomingHttpHeaders }[] = [];
  let home: string;

  beforeEach(async () => {
    asked.length = 0;
    home = await mkdtemp(join(tmpdir(), "fairway-aws-"));
    await mkdir(join(home, ".aws/sso/cache"), { recursive: true });
    await writeFile(join(home, ".aws/config"), config);
    const server = createServer((request, response) => {
      asked.push({ path: request.url ?? "", headers: request.headers });
      const isFederation = request.url?.startsWith("/federation/credentials") === true;
      const lent = { accessKeyId: "ASIALENT", secretAccessKey: "lent", sessionToken: "token", expiration: inAnHour() };
      request
        .resume()
        .on("end", () =>
          response
            .writeHead(200, { "content-type": isFederation ? "application/json" : "application/x-amz-json-1.1" })
            .end(JSON.stringify(isFederation ? { roleCredentials: lent } : { services: [] })),
        );
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const env = {
      HOME: home,
      AWS_CONFIG_FILE: join(home, ".aws/config"),
      AWS_SHARED_CREDENTIALS_FILE: join(home, ".aws/credentials"),
      AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      AWS_EC2_METADATA_DISABLED: "true",
      AWS_ACCESS_KEY_ID: "AKIADAEMON",
      AWS_SECRET_ACCESS_KEY: "secret",
    };
    for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
    onTestFinished(async () => {
      vi.unstubAllEnvs();
      server.closeAllConnections();
      server.close();
      await rm(home, { recursive: true });
    });
  });

  /** As `aws sso login` leaves it. */
  const signedIn = (expiresAt: number): Promise<void> =>
    writeFile(
      join(home, ".aws/sso/cache", `${createHash("sha1").update("corp").digest("hex")}.json`),
      JSON.stringify({
        startUrl: "https://corp.awsapps.com/start",
        region: "eu-central-1",
        accessToken: "signed-in",
        expiresAt: new Date(expiresAt).toISOString(),
      }),
    );
  const asking = async (profile: string | null, region = "eu-central-1"): Promise<unknown> => {
    const ecs = await awsSession({ region, account: null, profile, role: null }, { attempts: 1 }).ecs();
    return ecs.describeServices({ services: ["api"] }).catch((caught: unknown) => caught);
  };

  test("a profile of SSO is lent keys for its account and role, and the region is the environment's", async () => {
    await signedIn(inAnHour());
    expect(await asking("production", "eu-west-1")).toMatchObject({ services: [] });
    const [federation, call] = asked;
    expect(federation?.path).toContain(`account_id=${account}`);
    expect(federation?.path).toContain("role_name=deploy");
    expect(federation?.headers["x-amz-sso_bearer_token"]).toBe("signed-in");
    expect(call?.headers.authorization).toMatch(/Credential=ASIALENT\/\d{8}\/eu-west-1\/ecs\//u);
    expect(call?.headers["x-amz-security-token"]).toBe("token");
  });

  test.each([
    ["has ended", () => signedIn(Date.now() - 1000)],
    ["never began", () => Promise.resolve()],
  ])("whose sign-in %s is told how to sign in, and nobody else's keys are taken", async (_, before) => {
    await before();
    const caught = await asking("production");
    expect(codeOf(caught)).toBe("denied");
    expect(caught).toMatchObject({ hint: "sign in: aws sso login --profile production", retryable: false });
    expect(asked).toEqual([]);
  });

  test.each([
    ["a profile's own", "staging", "AKIASTAGING"],
    ["without a profile the daemon's", null, "AKIADAEMON"],
  ])("%s keys are taken", async (_, profile, key) => {
    expect(await asking(profile)).toMatchObject({ services: [] });
    expect(asked[0]?.headers.authorization).toContain(`Credential=${key}/`);
  });
});

import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  removeTrials,
  runTrial,
  type Trial,
  type TrialOptions,
  trialSurroundings,
} from "../running/testing/trial-job.ts";

afterAll(removeTrials);

const log = (trial: Trial): string => trial.host.text();

describe("aws-actions/configure-aws-credentials", () => {
  let server: Server;
  let endpoint: string;
  let asked: { readonly body: URLSearchParams; readonly authorization: string | undefined }[] = [];
  const refusals = new Map<string, readonly [number, string]>();

  beforeAll(async () => {
    server = createServer((request, response) => {
      let text = "";
      request.on("data", (piece) => (text += String(piece)));
      request.on("end", () => {
        const body = new URLSearchParams(text);
        asked.push({ body, authorization: request.headers.authorization });
        const refusal = refusals.get(body.get("RoleArn") ?? "");
        if (refusal !== undefined) {
          response
            .writeHead(refusal[0])
            .end(
              `<ErrorResponse><Error><Code>${refusal[1]}</Code><Message>no &amp; no</Message></Error></ErrorResponse>`,
            );
        } else if (body.get("Action") === "GetCallerIdentity") {
          response.end("<R><Account>123456789012</Account></R>");
        } else {
          response.end(
            "<R><Credentials><AccessKeyId>AKID</AccessKeyId><SecretAccessKey>hush-secret</SecretAccessKey><SessionToken>hush-token</SessionToken></Credentials></R>",
          );
        }
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  });

  afterAll(async () => new Promise((resolve) => server.close(resolve)));

  const role = "arn:aws:iam::123456789012:role/deploy";
  const run = async (inputs: Readonly<Record<string, string>>, options: TrialOptions = {}): Promise<Trial> => {
    asked = [];
    const given = { "aws-region": "us-east-1", ...inputs };
    const baseEnv = { ...trialSurroundings.baseEnv, AWS_ENDPOINT_URL_STS: endpoint };
    const job = `steps:\n  - {uses: aws-actions/configure-aws-credentials@v4, with: ${JSON.stringify(given)}}\n  - run: env | grep ^AWS | sort`;
    return runTrial(job, {
      identityToken: async (audience) => `token for ${audience}`,
      around: { baseEnv },
      ...options,
    });
  };

  it("assumes a role with a token that Fairway signs, and masks what it gets", async () => {
    const trial = await run({ "role-to-assume": role });
    expect(trial.end.result).toBe("success");
    expect(Object.fromEntries(asked[0]?.body ?? [])).toMatchObject({
      Action: "AssumeRoleWithWebIdentity",
      RoleArn: role,
      RoleSessionName: "GitHubActions",
      WebIdentityToken: "token for sts.amazonaws.com",
    });
    expect(asked[0]?.authorization).toBeUndefined();
    expect(trial.host.text("2")).toContain("AWS_ACCESS_KEY_ID=***\nAWS_DEFAULT_REGION=us-east-1");
    expect(log(trial)).not.toContain("hush-");
  });

  it("assumes a role with keys, which signs the request", async () => {
    const trial = await run({
      "role-to-assume": role,
      "aws-access-key-id": "AKIDOWN",
      "aws-secret-access-key": "own-secret",
    });
    expect(trial.end.result).toBe("success");
    expect(asked[0]?.body.get("Action")).toBe("AssumeRole");
    expect(asked[0]?.authorization).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIDOWN\/\d{8}\/us-east-1\/sts\/aws4_request/,
    );
  });

  it("passes keys on when there is no role", async () => {
    const trial = await run({ "aws-access-key-id": "AKIDOWN", "aws-secret-access-key": "own-secret" });
    expect(asked.map(({ body }) => body.get("Action"))).toEqual(["GetCallerIdentity"]);
    expect(trial.host.text("2")).toContain("AWS_SECRET_ACCESS_KEY=***");
  });

  it("says that the job lacks the permission for a token", async () => {
    const trial = await runTrial(
      `steps:\n  - {uses: aws-actions/configure-aws-credentials@v4, with: {aws-region: us-east-1, role-to-assume: "${role}"}}`,
    );
    expect(trial.end.result).toBe("failure");
    expect(log(trial)).toContain("permissions:\n##[error]  id-token: write");
  });

  it("says that a secret is not set", async () => {
    const trial = await run({ "role-to-assume": "" });
    expect(log(trial)).toContain("A secret that Fairway does not have is an empty text");
    expect(asked).toEqual([]);
  });

  it("says that a role is no role, without showing it", async () => {
    expect(log(await run({ "role-to-assume": "my-role" }))).toContain(
      "role-to-assume is no ARN of a role (7 characters",
    );
  });

  it.each([
    ["AccessDenied", 403, "The trust policy of"],
    ["InvalidIdentityToken", 400, "AWS does not know Fairway as an identity provider"],
    ["IDPCommunicationError", 400, "It must be reachable from the internet"],
    ["Throttled", 500, "Throttled: no & no"],
  ])("says what to do about %s", async (code, status, hint) => {
    const refused = `arn:aws:iam::123456789012:role/${code}`;
    refusals.set(refused, [status, code]);
    const trial = await run({ "role-to-assume": refused });
    expect(trial.end.result).toBe("failure");
    expect(log(trial)).toContain(`Could not assume role ${refused}: ${code}: no & no`);
    expect(log(trial)).toContain(hint);
    expect(asked).toHaveLength(status === 500 ? 3 : 1);
  });

  it("says that STS cannot be reached, and where it was looked for", async () => {
    const baseEnv = { ...trialSurroundings.baseEnv, AWS_ENDPOINT_URL_STS: "http://127.0.0.1:1/" };
    const trial = await run({ "role-to-assume": role, "disable-retry": "true" }, { around: { baseEnv } });
    expect(log(trial)).toContain("AWS STS could not be reached at http://127.0.0.1:1/");
  });

  it("refuses another account than those allowed", async () => {
    const trial = await run({ "role-to-assume": role, "allowed-account-ids": "999999999999" });
    expect(log(trial)).toContain("does not match any of the expected account IDs: 999999999999");
    expect(trial.conclusions).toEqual(["failure", "skipped"]);
  });
});

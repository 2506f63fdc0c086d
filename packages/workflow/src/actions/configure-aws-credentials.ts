import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { codeOf, messageOf } from "@fairway/core";
import { textOfJson } from "../expressions/evaluate.ts";
import type { Credentials } from "./ask-sts.ts";
import { askSts, credentialsIn, element } from "./ask-sts.ts";
import type { BuiltInAction, BuiltInRun } from "./built-in.ts";

/**
 * `aws-actions/configure-aws-credentials`: credentials of a role for the steps after it, for a token that Fairway signs, or
 * for keys. AWS_ENDPOINT_URL_STS or AWS_ENDPOINT_URL say where STS is, as for the AWS SDKs.
 */
export const configureAwsCredentials: BuiltInAction = {
  name: "aws-actions/configure-aws-credentials",
  inputs: {
    "aws-region": "",
    "role-to-assume": "",
    "aws-access-key-id": "",
    "aws-secret-access-key": "",
    "aws-session-token": "",
    "web-identity-token-file": "",
    "role-chaining": "false",
    audience: "sts.amazonaws.com",
    "http-proxy": "",
    "mask-aws-account-id": "false",
    "role-duration-seconds": "3600",
    "role-external-id": "",
    "role-session-name": "GitHubActions",
    "role-skip-session-tagging": "false",
    "transitive-tag-keys": "",
    "inline-session-policy": "",
    "managed-session-policies": "",
    "output-credentials": "false",
    "output-env-credentials": "true",
    "unset-current-credentials": "false",
    "disable-retry": "false",
    "retry-max-attempts": "12",
    "special-characters-workaround": "false",
    "use-existing-credentials": "false",
    "allowed-account-ids": "",
    "force-skip-oidc": "false",
    "action-timeout-s": "0",
    "sts-endpoint": "",
  },
  async main(run) {
    const region = run.input("aws-region");
    if (region === "") throw new TypeError("Input required and not supplied: aws-region");
    if (!/^[a-z0-9-]+$/.test(region)) throw new TypeError(`Region is not valid: ${region}`);
    const given = await givenCredentials(run, region);
    if (given !== undefined) {
      const account = await accountOf(run, region, given);
      checkAccount(run, account);
      leave(run, region, given, account);
    } else {
      run.exportVariable("AWS_REGION", region);
      run.exportVariable("AWS_DEFAULT_REGION", region);
    }
  },
};

async function givenCredentials(run: BuiltInRun, region: string): Promise<Credentials | undefined> {
  const role = roleOf(run);
  const keys = ownKeys(run);
  if (role === undefined) {
    if (keys === undefined) {
      throw new TypeError(
        "Could not load credentials from any providers: neither `role-to-assume` nor `aws-access-key-id` and `aws-secret-access-key` has a value. A secret that Fairway does not have is an empty text: put it into secrets/workflows.env of its data directory. Where these credentials are for a deployment to ECS, Fairway makes that itself, watches it and leads it back, with this line in environments.production of fairway.yaml: `ecs: { region: <region>, cluster: <cluster>, services: { <service>: { service: <its name on ECS> } } }`, and `codeDeploy: { application, group }` beside it where CodeDeploy moves it.",
      );
    }
    return keys;
  }
  const session = {
    RoleArn: role,
    RoleSessionName: run.input("role-session-name"),
    DurationSeconds: run.input("role-duration-seconds"),
    ...optional("Policy", run.input("inline-session-policy")),
    ...optional("ExternalId", run.input("role-external-id")),
  };
  if (keys !== undefined) {
    return credentialsIn(await askSts(run, region, { Action: "AssumeRole", ...session, ...tags(run) }, keys), role);
  }
  const { ExternalId: _, ...web } = session as typeof session & { readonly ExternalId?: string };
  const token = await webToken(run);
  const answer = await askSts(run, region, { Action: "AssumeRoleWithWebIdentity", ...web, WebIdentityToken: token });
  return credentialsIn(answer, role);
}

function roleOf(run: BuiltInRun): string | undefined {
  const role = run.input("role-to-assume");
  if (role === "") return undefined;
  if (!/^arn:aws[\w-]*:iam::\d{12}:role\/.+$/.test(role)) {
    throw new TypeError(
      `role-to-assume is no ARN of a role (${role.length} characters, ${role.startsWith("arn:") ? "it begins with arn:" : "it does not begin with arn:"}). It looks like arn:aws:iam::123456789012:role/name.`,
    );
  }
  return role;
}

function ownKeys(run: BuiltInRun): Credentials | undefined {
  const accessKeyId = run.input("aws-access-key-id");
  const secretAccessKey = run.input("aws-secret-access-key");
  if (accessKeyId !== "" && secretAccessKey === "") {
    throw new TypeError("'aws-secret-access-key' must be provided if 'aws-access-key-id' is provided");
  }
  if (accessKeyId !== "") {
    run.addMask(secretAccessKey);
    return { accessKeyId, secretAccessKey, sessionToken: run.input("aws-session-token") };
  }
  const chained = run.flag("role-chaining") || run.flag("use-existing-credentials");
  const { AWS_ACCESS_KEY_ID = "", AWS_SECRET_ACCESS_KEY = "", AWS_SESSION_TOKEN = "" } = run.env;
  if (!chained || AWS_ACCESS_KEY_ID === "") return undefined;
  return { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY, sessionToken: AWS_SESSION_TOKEN };
}

async function webToken(run: BuiltInRun): Promise<string> {
  const file = run.input("web-identity-token-file");
  if (file !== "") {
    try {
      return (await readFile(resolve(run.host.folders.workspace, file), "utf8")).trim();
    } catch (cause) {
      throw new TypeError(`Web identity token file could not be read: ${messageOf(cause)}`, { cause });
    }
  }
  try {
    return await run.host.identityToken(run.input("audience"));
  } catch (thrown) {
    if (codeOf(thrown) !== "not_allowed_now") throw thrown;
    throw new TypeError(
      `Could not load credentials from any providers: the job may not ask for an identity token. Add this to the job "${run.job.id}" or to the workflow:\npermissions:\n  id-token: write\n  contents: read`,
      { cause: thrown },
    );
  }
}

async function accountOf(run: BuiltInRun, region: string, keys: Credentials): Promise<string> {
  const answer = await askSts(run, region, { Action: "GetCallerIdentity" }, keys);
  return element(answer, "Account") ?? "";
}

function checkAccount(run: BuiltInRun, account: string): void {
  const allowed = run
    .input("allowed-account-ids")
    .split(",")
    .map((id) => id.trim())
    .filter((id) => id !== "");
  if (allowed.length === 0 || allowed.includes(account)) return;
  throw new TypeError(
    `The account ID of the provided credentials (${account}) does not match any of the expected account IDs: ${allowed.join(", ")}`,
  );
}

function leave(
  run: BuiltInRun,
  region: string,
  { accessKeyId, secretAccessKey, sessionToken }: Credentials,
  account: string,
): void {
  for (const secret of [accessKeyId, secretAccessKey, sessionToken]) run.addMask(secret);
  if (run.flag("mask-aws-account-id")) run.addMask(account);
  if (run.flag("output-env-credentials")) {
    run.exportVariable("AWS_REGION", region);
    run.exportVariable("AWS_DEFAULT_REGION", region);
    run.exportVariable("AWS_ACCESS_KEY_ID", accessKeyId);
    run.exportVariable("AWS_SECRET_ACCESS_KEY", secretAccessKey);
    // An earlier session's token with new keys would be refused.
    run.exportVariable("AWS_SESSION_TOKEN", sessionToken);
  }
  run.setOutput("aws-account-id", account);
  if (run.flag("output-credentials")) {
    run.setOutput("aws-access-key-id", accessKeyId);
    run.setOutput("aws-secret-access-key", secretAccessKey);
    run.setOutput("aws-session-token", sessionToken);
  }
  run.info(`Authenticated in account ${account}`);
}

/** Who and what a session is for, for AWS' own records; only keys may add tags, an identity token brings its own. */
function tags(run: BuiltInRun): Readonly<Record<string, string>> {
  if (run.flag("role-skip-session-tagging")) return {};
  const from = (name: string): string =>
    textOfJson(run.github[name] ?? "")
      .replaceAll(/[^\p{L}\p{Z}\p{N}_.:/=+\-@]/gu, "_")
      .slice(0, 256);
  const all = {
    GitHub: "Actions",
    Repository: from("repository"),
    Workflow: from("workflow"),
    Actor: from("actor"),
    Commit: from("sha"),
    Branch: from("ref"),
  };
  const present = Object.entries(all).filter(([, value]) => value !== "");
  return Object.fromEntries(
    present.flatMap(([key, value], index) => [
      [`Tags.member.${index + 1}.Key`, key],
      [`Tags.member.${index + 1}.Value`, value],
    ]),
  );
}

function optional(name: string, value: string): Readonly<Record<string, string>> {
  return value === "" ? {} : { [name]: value };
}

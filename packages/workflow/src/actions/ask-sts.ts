import { setTimeout } from "node:timers/promises";
import { messageOf } from "@fairway/core";
import { AwsClient } from "aws4fetch";
import { textOfJson } from "../expressions/evaluate.ts";
import type { BuiltInRun } from "./built-in.ts";

/** What signs requests to AWS. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

/** Asks STS, a few times if it cannot be reached or has too much to do; what it refuses is said with what to do. */
export async function askSts(
  run: BuiltInRun,
  region: string,
  parameters: Readonly<Record<string, string>>,
  keys?: Credentials,
): Promise<string> {
  const endpoint =
    run.input("sts-endpoint") ||
    run.env["AWS_ENDPOINT_URL_STS"] ||
    run.env["AWS_ENDPOINT_URL"] ||
    `https://sts.${region}.amazonaws.com${region.startsWith("cn-") ? ".cn" : ""}/`;
  const body = new URLSearchParams({ Version: "2011-06-15", ...parameters }).toString();
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const signer = keys === undefined ? undefined : new AwsClient({ ...keys, service: "sts", region, retries: 0 });
  const attempts = run.flag("disable-retry")
    ? 1
    : Math.min(3, Math.max(1, Number(run.input("retry-max-attempts")) || 1));
  for (let attempt = 1; ; attempt++) {
    const signal = AbortSignal.any([run.signal, AbortSignal.timeout(30_000)]);
    const request = { method: "POST", headers, body, signal };
    const answer = await answerOf(async () =>
      signer === undefined ? fetch(endpoint, request) : signer.fetch(endpoint, request),
    );
    if ("text" in answer && answer.ok) return answer.text;
    run.signal.throwIfAborted();
    if ("text" in answer && (answer.status < 500 || attempt === attempts)) {
      throw new TypeError(refusalOf(answer.status, answer.text, parameters, run));
    }
    if ("cause" in answer && attempt === attempts) {
      throw new TypeError(`AWS STS could not be reached at ${endpoint}: ${messageOf(answer.cause)}`, answer);
    }
    await setTimeout(attempt * 250, undefined, { signal: run.signal });
  }
}

interface Answer {
  readonly ok: boolean;
  readonly status: number;
  readonly text: string;
}

async function answerOf(ask: () => Promise<Response>): Promise<Answer | { readonly cause: unknown }> {
  try {
    const response = await ask();
    return { ok: response.ok, status: response.status, text: await response.text() };
  } catch (thrown) {
    // fetch says only that it failed; what happened is its cause.
    return { cause: (thrown as { readonly cause?: unknown }).cause ?? thrown };
  }
}

function refusalOf(
  status: number,
  text: string,
  parameters: Readonly<Record<string, string>>,
  run: BuiltInRun,
): string {
  const code = element(text, "Code") ?? `HTTP ${status}`;
  const said = element(text, "Message") ?? "no reason was given";
  const role = parameters["RoleArn"] ?? "";
  const repository = textOfJson(run.github["repository"] ?? "");
  const hints: Readonly<Record<string, string>> = {
    AccessDenied: `The trust policy of ${role || "the role"} does not let this job in. It must allow sts:${parameters["Action"]} for Fairway's identity provider, with the audience "${run.input("audience")}" and the subject of repository ${repository}.`,
    InvalidIdentityToken: `AWS does not know Fairway as an identity provider, or cannot read its keys. Create an OpenID Connect provider in IAM with Fairway's public address, which AWS must be able to reach, and the audience "${run.input("audience")}".`,
    IDPCommunicationError:
      "AWS could not fetch Fairway's keys from its public address. It must be reachable from the internet over HTTPS.",
    ExpiredTokenException: "The identity token was too old: the clocks of this machine and of AWS differ.",
    ExpiredToken: "The keys are temporary ones that have expired.",
    MalformedPolicyDocument: "inline-session-policy is no policy that AWS accepts.",
    ValidationError:
      "One of the inputs is not of the form that AWS accepts; role-duration-seconds must not exceed the role's maximum.",
    RegionDisabledException: "STS is switched off in this region for the account; choose another aws-region.",
    InvalidClientTokenId: "There is no such access key; it may have been deleted.",
    SignatureDoesNotMatch: "The secret access key does not belong to the access key.",
  };
  const hint = hints[code];
  return `Could not assume role ${role || "with the given keys"}: ${code}: ${said}${hint === undefined ? "" : `\n${hint}`}`;
}

/** The credentials of a role in the answer of STS. */
export function credentialsIn(answer: string, role: string): Credentials {
  const accessKeyId = element(answer, "AccessKeyId");
  const secretAccessKey = element(answer, "SecretAccessKey");
  const sessionToken = element(answer, "SessionToken");
  if (accessKeyId === undefined || secretAccessKey === undefined || sessionToken === undefined) {
    throw new TypeError(`Could not assume role ${role}: what answered as STS gave no credentials`);
  }
  return { accessKeyId, secretAccessKey, sessionToken };
}

/** The text of an element of STS' plain answers, which have no attributes and no nesting of the same name. */
export function element(xml: string, name: string): string | undefined {
  const found = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1]?.trim();
  return found
    ?.replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&apos;", "'")
    .replaceAll("&amp;", "&");
}

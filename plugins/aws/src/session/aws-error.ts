import type { ErrorCode, ErrorDetails } from "@fairway/core";
import { FairwayError, codeOf, messageOf } from "@fairway/core";

/** What was asked of AWS when it went wrong. */
export interface AwsCall {
  /** As policies name it: `ecs:UpdateService`. */
  readonly action: string;
  readonly region: string;
  readonly profile: string | null;
}

/** What of an error the SDK tells; every part may be missing, for it also throws what Node and parsers throw. */
interface SdkError {
  readonly name: string;
  readonly message: string;
  readonly status: number | undefined;
  readonly requestId: string | undefined;
  readonly contentType: string | undefined;
}

/** The name of an error of AWS, `ServiceNotFoundException`, of whatever was thrown; undefined for anything else. */
export function awsErrorName(thrown: unknown): string | undefined {
  const cause = typeof thrown === "object" && thrown !== null && "cause" in thrown ? thrown.cause : thrown;
  const name = typeof cause === "object" && cause !== null && "name" in cause ? cause.name : undefined;
  return typeof name === "string" && name !== "Error" ? name : undefined;
}

const expired = new Set(["ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired", "RequestExpired"]);
const nobody = new Set([
  "AuthFailure",
  "IncompleteSignature",
  "InvalidAccessKeyId",
  "InvalidClientTokenId",
  "MissingAuthenticationToken",
  "MissingAuthenticationTokenException",
  "UnrecognizedClientException",
]);
const unsignable = new Set(["CredentialsProviderError", "TokenProviderError"]);
const skewed = new Set([
  "InvalidSignatureException",
  "RequestInTheFuture",
  "RequestTimeTooSkewed",
  "SignatureDoesNotMatch",
]);
/** Whether AWS has said no to who signed: not to what was asked, and not because of a clock. */
export const isUnknownKey = (thrown: unknown): boolean => {
  const name = awsErrorName(thrown) ?? "";
  return nobody.has(name) || (skewed.has(name) && !clockWords.test(messageOf(thrown)));
};
const clockWords = /expired|time|date|future|skew/iu;
const forbidden = new Set(["AccessDenied", "AccessDeniedException", "UnauthorizedOperation"]);
const throttled = new Set([
  "LimitExceededError",
  "RequestLimitExceeded",
  "SlowDown",
  "Throttling",
  "ThrottlingException",
  "ThrottledException",
  "TooManyRequestsException",
]);
const quotas = new Set([
  "LimitExceededException",
  "PlatformTaskDefinitionIncompatibilityException",
  "ResourceLimitExceeded",
  "ServiceQuotaExceededException",
]);
const untrusted = new Set(["IDPCommunicationError", "IDPRejectedClaim", "InvalidIdentityToken"]);
const gone = new Set([
  "ClusterNotFoundException",
  "RepositoryNotFoundException",
  "ResourceNotFoundException",
  "ServiceNotFoundException",
  "ServiceNotActiveException",
]);

/** Whatever the SDK threw, as one of ours: what was tried, why it was refused, and what to do about it. */
export function awsError(thrown: unknown, call: AwsCall): FairwayError {
  if (codeOf(thrown) !== undefined) return thrown as FairwayError;
  const error = understood(thrown);
  const { code, what, ...details } = meaningOf(error, call);
  const request = error.requestId === undefined ? "" : ` (request ${error.requestId})`;
  return new FairwayError(code, `${call.action} in ${call.region}: ${what}${request}`, { ...details, cause: thrown });
}

type Meaning = ErrorDetails & { readonly code: ErrorCode; readonly what: string };

function meaningOf(error: SdkError, call: AwsCall): Meaning {
  const { name, message, status } = error;
  const as = call.profile === null ? "the credentials of the daemon" : `profile ${call.profile}`;
  if (isNoAnswerOfAws(error)) return notAws(error);
  if (expired.has(name))
    return {
      code: "denied",
      what: `${as} have expired: ${message}`,
      hint:
        call.profile === null
          ? "give the daemon new credentials"
          : `sign in again: aws sso login --profile ${call.profile}`,
    };
  if (unsignable.has(name))
    return {
      code: "denied",
      what: `there are no credentials: ${message}`,
      hint:
        call.profile === null
          ? "set AWS_PROFILE, AWS_WEB_IDENTITY_TOKEN_FILE or AWS_ACCESS_KEY_ID for the daemon, or name a `profile`"
          : `sign in: aws sso login --profile ${call.profile}`,
    };
  if (skewed.has(name) && clockWords.test(message))
    return {
      code: "denied",
      what: `the clock of this machine is not AWS's: ${message}`,
      hint: "set the clock of the machine that the daemon runs on (timedatectl set-ntp true)",
    };
  if (nobody.has(name) || skewed.has(name))
    return {
      code: "denied",
      what: `AWS does not know ${as}: ${message}`,
      hint: "check the access key and its secret, and whether the key is still active",
    };
  if (forbidden.has(name)) return { code: "denied", what: message, hint: policyHint(message, call.action) };
  if (throttled.has(name) || status === 429)
    return { code: "target_unreachable", what: `AWS asked to be left alone for a while: ${message}`, retryable: true };
  if (quotas.has(name))
    return {
      code: "not_allowed_now",
      what: `a quota is reached: ${message}`,
      hint: "ask for more in the console of Service Quotas, or take away what is not needed",
    };
  if (untrusted.has(name))
    return {
      code: "denied",
      what: `AWS does not take the token of this daemon: ${message}`,
      hint: "check the identity provider in IAM: its address, its audience sts.amazonaws.com, and that AWS reaches it",
    };
  if (/task ?definition/iu.test(message) && /inactive|unable to describe|not found|missing/iu.test(message))
    return {
      code: "not_found",
      what: `the task definition was deregistered or deleted: ${message}`,
      hint: "deploy again, which registers it anew from the one that the service has",
    };
  if (name === "ImageNotFoundException")
    return {
      code: "not_found",
      what: `the image is gone: ${message}`,
      hint: "build the release again, and look at the lifecycle policy of its repository",
    };
  if (gone.has(name))
    return {
      code: "not_found",
      what: `${message} (${name})`,
      hint: `check its name, the region (${call.region}) and the account`,
    };
  if (status !== undefined && status >= 500)
    return { code: "target_unreachable", what: `AWS answered ${status}: ${message}`, retryable: true };
  if (status === undefined && /ENOTFOUND/u.test(message))
    return {
      code: "target_unreachable",
      what: `there is no such address: ${message}`,
      hint: `is ${call.region} a region of AWS, and does this machine resolve names?`,
      retryable: true,
    };
  if (status === undefined)
    return { code: "target_unreachable", what: `AWS did not answer: ${message}`, retryable: true };
  return { code: "not_allowed_now", what: `refused: ${message} (${name})` };
}

/** AWS answers in JSON or XML, and says so; a page of HTML is a proxy's, or an emulator's that does not know the call. */
const isNoAnswerOfAws = ({ name, contentType }: SdkError): boolean =>
  contentType?.includes("html") === true || name === "SyntaxError";

function notAws({ status, message }: SdkError): Meaning {
  const passes = status === 502 || status === 503 || status === 504;
  return {
    code: "target_unreachable",
    what: `what answered${status === undefined ? "" : ` ${status}`} is not AWS: ${message.split("\n")[0]}`,
    hint: "look at AWS_ENDPOINT_URL and at the proxy between here and there; an emulator answers so what it does not know",
    retryable: passes,
  };
}

/** The line of a policy that is missing. AWS names the action and the resource in most of its refusals. */
export function policyHint(message: string, action: string): string {
  const [, named = action] = /not authorized to perform: ([\w-]+:\w+)/u.exec(message) ?? [];
  const [, resource = "*"] = /on resource: (\S+?)[\s.]*(?:because|with|$)/u.exec(message) ?? [];
  return `allow ${named}: add ${policyLine(named, resource)} to the policy; \`fairway aws policy\` prints all of it`;
}

/** A statement that allows one action on one resource. */
export const policyLine = (action: string, resource: string): string =>
  JSON.stringify({ Effect: "Allow", Action: action, Resource: resource });

function understood(thrown: unknown): SdkError {
  const bag = (typeof thrown === "object" && thrown !== null ? thrown : {}) as {
    readonly name?: unknown;
    readonly $metadata?: { readonly httpStatusCode?: number; readonly requestId?: string };
    readonly $response?: { readonly statusCode?: number; readonly headers?: Readonly<Record<string, string>> };
  };
  const headers = bag.$response?.headers ?? {};
  return {
    name: typeof bag.name === "string" ? bag.name : "",
    message: messageOf(thrown),
    status: bag.$metadata?.httpStatusCode ?? bag.$response?.statusCode,
    requestId: bag.$metadata?.requestId,
    contentType: headers["content-type"] ?? headers["Content-Type"],
  };
}

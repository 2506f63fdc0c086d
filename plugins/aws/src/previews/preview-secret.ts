import { createHash } from "node:crypto";
import { FairwayError } from "@fairway/core";
import { awsErrorName } from "../session/aws-error.ts";
import type { AwsSession } from "../session/aws-session.ts";
import type { PreviewMarks } from "./preview-marks.ts";
import { awsTags, previewSecretName } from "./preview-marks.ts";

/**
 * Gives the secret values of a preview's service to Secrets Manager, under one name, and answers with what a task definition
 * names each of them by: the very version. Once for a rollout, whose id is its token.
 */
export async function keepPreviewSecret(
  session: AwsSession,
  marks: PreviewMarks,
  rollout: string,
  values: Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, string>>> {
  if (Object.keys(values).length === 0) return {};
  const secrets = await session.secrets();
  const given = {
    SecretString: JSON.stringify(values),
    ClientRequestToken: createHash("sha256").update(rollout).digest("hex"),
  };
  const name = previewSecretName(marks);
  const kept = await unless(
    () => secrets.createSecret({ Name: name, Tags: awsTags(marks), ...given }),
    "ResourceExistsException",
    // A second try of the same rollout may have read other values than the first: what it has is kept then.
    () =>
      unless(
        () => secrets.putSecretValue({ SecretId: name, ...given }),
        "ResourceExistsException",
        () => secrets.describeSecret({ SecretId: name }),
      ),
  );
  const arn = kept.ARN;
  if (arn === undefined)
    throw new FairwayError("target_unreachable", "secretsmanager:PutSecretValue answered without an ARN", {
      retryable: true,
    });
  return Object.fromEntries(
    Object.keys(values).map((key) => [key, `${arn}:${key}::${given.ClientRequestToken}`] as const),
  );
}

/** Takes the secret of a preview's service away at once: nobody goes back to it. */
export async function removePreviewSecret(session: AwsSession, marks: PreviewMarks): Promise<void> {
  const secrets = await session.secrets();
  await unless(
    () => secrets.deleteSecret({ SecretId: previewSecretName(marks), ForceDeleteWithoutRecovery: true }),
    "ResourceNotFoundException",
    () => Promise.resolve({}),
  );
}

async function unless<T, U>(call: () => Promise<T>, named: string, instead: () => Promise<U>): Promise<T | U> {
  try {
    return await call();
  } catch (thrown) {
    if (awsErrorName(thrown) === named) return instead();
    throw thrown;
  }
}

import type { AwsKeyProbe, Verdict } from "@fairway/core";
import { isUnknownKey } from "../session/aws-error.ts";
import type { AwsSessionOptions } from "../session/aws-session.ts";
import { awsSession } from "../session/aws-session.ts";

/**
 * Whether AWS takes an access key: whose it is, asked with the key itself, which needs no permission. Throws
 * `target_unreachable` without an answer, and `denied` while this machine's clock is wrong: neither says anything of the key.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
 */
export async function tryAwsKey(
  { region, account, id: named }: AwsKeyProbe,
  keys: { readonly id: string; readonly secret: string },
  options: AwsSessionOptions = {},
): Promise<Verdict> {
  const session = awsSession(
    { region, account: null, profile: null, role: null },
    { attempts: 3, timeout: 10_000, ...options, keys: { accessKeyId: keys.id, secretAccessKey: keys.secret } },
  );
  const sts = await session.sts();
  try {
    const { Account: of, Arn: arn = "somebody" } = await sts.getCallerIdentity({});
    return account === null || of === account
      ? { verdict: "passed", summary: `AWS knows it as ${arn}` }
      : { verdict: "failed", summary: `AWS knows it as ${arn}, which is not of account ${account}` };
  } catch (thrown) {
    // What AWS says of a signature may hold parts of what was signed: it is not repeated.
    if (isUnknownKey(thrown)) return { verdict: "failed", summary: `AWS refuses the key whose id ${named} has` };
    throw thrown;
  } finally {
    sts.destroy();
  }
}

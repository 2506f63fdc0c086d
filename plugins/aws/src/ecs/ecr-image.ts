import { awsErrorName } from "../session/aws-error.ts";
import type { AwsSession } from "../session/aws-session.ts";

/** An image in ECR by its digest, `<account>.dkr.ecr.<region>.amazonaws.com/shop/api@sha256:…`; null for any other. */
function ecrImage(
  reference: string,
): { readonly account: string; readonly region: string; readonly repository: string; readonly digest: string } | null {
  const [, account, region, repository, digest] =
    /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?\/([^@:]+)@(sha256:[0-9a-f]{64})$/u.exec(reference) ??
    [];
  return account === undefined || region === undefined || repository === undefined || digest === undefined
    ? null
    : { account, region, repository, digest };
}

/** Whether an image is in ECR; null where it is kept elsewhere, or is named by a tag, which says nothing. */
export async function isInEcr(session: AwsSession, reference: string): Promise<boolean | null> {
  const image = ecrImage(reference);
  if (image === null || image.region !== session.access.region) return null;
  const ecr = await session.ecr();
  try {
    const { imageDetails = [] } = await ecr.describeImages({
      registryId: image.account,
      repositoryName: image.repository,
      imageIds: [{ imageDigest: image.digest }],
    });
    // An answer that tells of nothing is none that it is there.
    return imageDetails.length > 0;
  } catch (thrown) {
    if (["ImageNotFoundException", "RepositoryNotFoundException"].includes(awsErrorName(thrown) ?? "")) return false;
    throw thrown;
  }
}

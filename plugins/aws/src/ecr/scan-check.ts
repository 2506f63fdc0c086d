import type { ScanSeverity, Verdict } from "@fairway/core";
import { scanSeverities as severities } from "@fairway/core";
import { awsErrorName } from "../session/aws-error.ts";
import type { AwsSession } from "../session/aws-session.ts";

/**
 * What ECR's scan of an image says; null while it is not done, and it is asked for where nobody did. Findings from
 * `failsAt` on fail; an image that ECR cannot scan is inconclusive.
 */
export async function scanCheck(
  session: AwsSession,
  image: { readonly repository: string; readonly digest: string },
  failsAt: ScanSeverity = "HIGH",
): Promise<Verdict | null> {
  const ecr = await session.ecr();
  const of = { repositoryName: image.repository, imageId: { imageDigest: image.digest } };
  let found;
  try {
    found = await ecr.describeImageScanFindings({ ...of, maxResults: 100 });
  } catch (thrown) {
    if (awsErrorName(thrown) !== "ScanNotFoundException") throw thrown;
    try {
      await ecr.startImageScan(of);
    } catch (refused) {
      if (awsErrorName(refused) !== "UnsupportedImageTypeException") throw refused;
      return { verdict: "inconclusive", summary: "ECR does not know how to scan an image of this kind" };
    }
    return null;
  }
  const { status, description } = found.imageScanStatus ?? {};
  if (status === "IN_PROGRESS" || status === "PENDING") return null;
  // Of enhanced scanning ACTIVE means that it is scanned again and again.
  if (status !== "COMPLETE" && status !== "ACTIVE")
    return { verdict: "inconclusive", summary: `ECR did not scan it: ${description ?? status ?? "no reason"}` };
  const counts = found.imageScanFindings?.findingSeverityCounts ?? {};
  const grave = severities.slice(0, severities.indexOf(failsAt) + 1);
  const summary =
    severities
      .flatMap((severity) => ((counts[severity] ?? 0) > 0 ? [`${counts[severity]} ${severity.toLowerCase()}`] : []))
      .join(", ") || "no findings";
  const names = [
    ...(found.imageScanFindings?.findings ?? []).flatMap(({ name, severity }) =>
      name !== undefined && grave.some((each) => each === severity) ? [name] : [],
    ),
    ...(found.imageScanFindings?.enhancedFindings ?? []).flatMap(({ title, severity }) =>
      title !== undefined && grave.some((each) => each === severity) ? [title] : [],
    ),
  ].slice(0, 5);
  return grave.some((severity) => (counts[severity] ?? 0) > 0)
    ? { verdict: "failed", summary: names.length === 0 ? summary : `${summary}: ${names.join(", ")}` }
    : { verdict: "passed", summary };
}

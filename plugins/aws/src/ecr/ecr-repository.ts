import { createHash } from "node:crypto";
import type { ECR } from "@aws-sdk/client-ecr";
import type { Millis, RegistryLogin } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import { awsErrorName } from "../session/aws-error.ts";
import type { AwsSession } from "../session/aws-session.ts";
import { lifecyclePolicy, lifecycleThreats } from "./lifecycle-policy.ts";

/** A registry of ECR, by its host; null for every other. */
export function ecrHost(host: string): { readonly account: string; readonly region: string } | null {
  const [, account, region] = /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?$/u.exec(host) ?? [];
  return account === undefined || region === undefined ? null : { account, region };
}

/** A login to ECR, and until when it is good: AWS gives twelve hours. */
export interface EcrLogin {
  readonly login: RegistryLogin;
  readonly until: Millis;
}

/** A login for engines and clients of registries. Safe to repeat; each is another one. */
export async function ecrLogin(session: AwsSession): Promise<EcrLogin> {
  const ecr = await session.ecr();
  const { authorizationData: [given] = [] } = await ecr.getAuthorizationToken({});
  const [username, password] = Buffer.from(given?.authorizationToken ?? "", "base64")
    .toString()
    .split(/:(.*)/su);
  if (username === undefined || password === undefined || password === "")
    throw new FairwayError("target_unreachable", "ecr:GetAuthorizationToken answered without a token", {
      retryable: true,
    });
  return { login: { username, password }, until: given?.expiresAt?.getTime() ?? 0 };
}

/** Whether a repository was made, or was there. */
export type EnsuredRepository = "made" | "there";

/**
 * A repository whose tags nobody can move and whose images are scanned when they come, with a policy that takes away what
 * no release needs. One that is there stays as its owner has it. Safe to repeat.
 */
export async function ensureRepository(session: AwsSession, repository: string): Promise<EnsuredRepository> {
  const ecr = await session.ecr();
  try {
    const { repositories: [there] = [] } = await ecr.describeRepositories({ repositoryNames: [repository] });
    await finishRepository(ecr, repository, there?.repositoryArn);
    return "there";
  } catch (thrown) {
    if (awsErrorName(thrown) !== "RepositoryNotFoundException") throw thrown;
  }
  try {
    await ecr.createRepository({
      repositoryName: repository,
      imageTagMutability: "IMMUTABLE",
      imageScanningConfiguration: { scanOnPush: true },
      tags: [{ ...ownTag }],
    });
  } catch (thrown) {
    // Somebody was faster, or we were, and died before the policy.
    if (awsErrorName(thrown) !== "RepositoryAlreadyExistsException") throw thrown;
  }
  await putPolicy(ecr, repository);
  return "made";
}

const ownTag = { Key: "fairway", Value: "images" } as const;

/** A daemon may have died between a repository of ours and its policy; one that is there is its owner's to change. */
async function finishRepository(ecr: ECR, repositoryName: string, resourceArn: string | undefined): Promise<void> {
  const { tags = [] } = await ecr.listTagsForResource({ resourceArn });
  if (!tags.some(({ Key, Value }) => Key === ownTag.Key && Value === ownTag.Value)) return;
  try {
    await ecr.getLifecyclePolicy({ repositoryName });
  } catch (thrown) {
    if (awsErrorName(thrown) !== "LifecyclePolicyNotFoundException") throw thrown;
    await putPolicy(ecr, repositoryName);
  }
}

const putPolicy = (ecr: ECR, repositoryName: string): Promise<unknown> =>
  ecr.putLifecyclePolicy({
    repositoryName,
    lifecyclePolicyText: JSON.stringify(lifecyclePolicy({ untaggedDays: 14 })),
  });

/** What of a repository's own policy may take away images that releases need; none where it has no policy. */
export async function policyThreats(session: AwsSession, repositoryName: string): Promise<readonly string[]> {
  const ecr = await session.ecr();
  try {
    const { lifecyclePolicyText: text = "{}" } = await ecr.getLifecyclePolicy({ repositoryName });
    return lifecycleThreats(text);
  } catch (thrown) {
    if (awsErrorName(thrown) !== "LifecyclePolicyNotFoundException") throw thrown;
    return [];
  }
}

/**
 * What keeps an image is a tag of its own, by who needs it and by its digest, which the policy never touches. Several who share
 * a repository let go of their own only.
 */
const keptPrefix = (holder: string): string =>
  `fairway-kept-${createHash("sha256").update(holder).digest("hex").slice(0, 12)}-`;

/**
 * Makes the images that releases need stay, whatever else their tags say, and lets go of those that this holder held and needs
 * no more. Safe to repeat. Answers with digests that are needed and not there.
 */
export async function keepImages(
  session: AwsSession,
  repository: string,
  needed: readonly string[],
  holder: string,
): Promise<readonly string[]> {
  const ecr = await session.ecr();
  const prefix = keptPrefix(holder);
  const keptTag = (digest: string): string => `${prefix}${digest.replace(/^sha256:/u, "").slice(0, 40)}`;
  const held = await heldTags(ecr, repository, prefix);
  const missing: string[] = [];
  for (const digest of needed) {
    const tag = keptTag(digest);
    if (held.has(tag)) continue;
    const { images: [image] = [] } = await ecr.batchGetImage({
      repositoryName: repository,
      imageIds: [{ imageDigest: digest }],
    });
    if (image?.imageManifest === undefined) {
      missing.push(digest);
      continue;
    }
    try {
      await ecr.putImage({
        repositoryName: repository,
        imageManifest: image.imageManifest,
        ...(image.imageManifestMediaType === undefined ? {} : { imageManifestMediaType: image.imageManifestMediaType }),
        imageTag: tag,
      });
    } catch (thrown) {
      if (awsErrorName(thrown) !== "ImageAlreadyExistsException") throw thrown;
    }
  }
  const wanted = new Set(needed.map(keptTag));
  const free = [...held].filter((tag) => !wanted.has(tag));
  for (let from = 0; from < free.length; from += 100)
    await ecr.batchDeleteImage({
      repositoryName: repository,
      imageIds: free.slice(from, from + 100).map((imageTag) => ({ imageTag })),
    });
  return missing;
}

async function heldTags(ecr: ECR, repository: string, prefix: string): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  let nextToken: string | undefined;
  do {
    const page = await ecr.listImages({
      repositoryName: repository,
      filter: { tagStatus: "TAGGED" },
      ...(nextToken === undefined ? {} : { nextToken }),
    });
    for (const { imageTag } of page.imageIds ?? []) if (imageTag?.startsWith(prefix) === true) found.add(imageTag);
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return found;
}

import { createHash } from "node:crypto";
import { ECR } from "@aws-sdk/client-ecr";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { needs } from "../../../../tools/skips.ts";
import type { AwsDouble } from "../../fixtures/double.ts";
import { awsDouble, region } from "../../fixtures/double.ts";
import { awsSession } from "../session/aws-session.ts";
import { ecrHost, ecrLogin, ensureRepository, keepImages } from "./ecr-repository.ts";
import { lifecyclePolicy, lifecycleThreats } from "./lifecycle-policy.ts";
import { readyForPush } from "./ready-for-push.ts";
import { scanCheck } from "./scan-check.ts";

test("only hosts of ECR are ECR", () => {
  expect(ecrHost("123456789012.dkr.ecr.eu-central-1.amazonaws.com")).toEqual({ account: "123456789012", region });
  expect(ecrHost("registry.example.com")).toBeNull();
});

test("a policy that could take away what a release needs is told, and ours is none", () => {
  expect(lifecycleThreats(JSON.stringify(lifecyclePolicy({ untaggedDays: 14 })))).toEqual([]);
  const theirs = [
    { rulePriority: 1, selection: { tagStatus: "any", countType: "imageCountMoreThan", countNumber: 5 } },
  ];
  expect(lifecycleThreats(JSON.stringify({ rules: theirs }))).toEqual([
    "rule 1 may expire any image, also those that releases need",
  ]);
});

describe.skipIf(!needs("moto"))("ECR", () => {
  let aws: AwsDouble;
  let ecr: ECR;
  const session = awsSession({ region, account: null, profile: null, role: null });
  beforeAll(async () => {
    aws = await awsDouble();
    ecr = new ECR({ region });
  });
  afterAll(async () => {
    ecr.destroy();
    await aws.close();
  });

  /** A manifest that is an image's own; moto keeps what it is given. */
  async function push(repositoryName: string, imageTag: string): Promise<string> {
    const config = `sha256:${createHash("sha256").update(imageTag).digest("hex")}`;
    const imageManifest = JSON.stringify({
      schemaVersion: 2,
      mediaType: "application/vnd.docker.distribution.manifest.v2+json",
      config: { mediaType: "application/vnd.docker.container.image.v1+json", size: 2, digest: config },
      layers: [],
    });
    const { image } = await ecr.putImage({ repositoryName, imageManifest, imageTag });
    return image?.imageId?.imageDigest ?? "";
  }
  const tagsOf = async (repositoryName: string): Promise<readonly string[]> =>
    ((await ecr.listImages({ repositoryName })).imageIds ?? []).flatMap(({ imageTag }) => imageTag ?? []).toSorted();

  test("a login is a name and a password", async () => {
    const { login } = await ecrLogin(session);
    expect(login).toEqual({ username: "AWS", password: "123456789012-auth-token" });
  });

  test("a push to ECR finds its repository and a login, and asks for the login once", async () => {
    let asked = 0;
    const ready = readyForPush(
      () => {
        asked += 1;
        return session;
      },
      // moto's logins have ended long ago.
      () => 0,
    );
    const host = "123456789012.dkr.ecr.eu-central-1.amazonaws.com";
    expect(await ready(host, "shop/pushed")).toEqual({ username: "AWS", password: "123456789012-auth-token" });
    expect(await ready(host, "shop/pushed")).toMatchObject({ username: "AWS" });
    expect(await ensureRepository(session, "shop/pushed")).toBe("there");
    expect(await ready("registry.example.com", "shop/pushed")).toBeNull();
    expect(asked).toBe(2);
  });

  test("a repository is made once, with tags that stay, a scan and a policy; one that is there stays as it is", async () => {
    expect(await ensureRepository(session, "shop/api")).toBe("made");
    expect(await ensureRepository(session, "shop/api")).toBe("there");
    const { repositories: [made] = [] } = await ecr.describeRepositories({ repositoryNames: ["shop/api"] });
    expect(made).toMatchObject({ imageTagMutability: "IMMUTABLE", imageScanningConfiguration: { scanOnPush: true } });
    const { lifecyclePolicyText = "{}" } = await ecr.getLifecyclePolicy({ repositoryName: "shop/api" });
    expect(lifecycleThreats(lifecyclePolicyText)).toEqual([]);
    await ecr.createRepository({ repositoryName: "shop/own", imageTagMutability: "MUTABLE" });
    expect(await ensureRepository(session, "shop/own")).toBe("there");
    const { repositories: [own] = [] } = await ecr.describeRepositories({ repositoryNames: ["shop/own"] });
    expect(own?.imageTagMutability).toBe("MUTABLE");
  });

  test("a repository of ours whose policy was never written gets it, and an owner's own stays", async () => {
    await ensureRepository(session, "shop/half");
    await ecr.deleteLifecyclePolicy({ repositoryName: "shop/half" });
    expect(await ensureRepository(session, "shop/half")).toBe("there");
    expect((await ecr.getLifecyclePolicy({ repositoryName: "shop/half" })).lifecyclePolicyText).toMatch(
      /fairway-kept-/u,
    );
    const own = JSON.stringify({
      rules: [
        {
          rulePriority: 1,
          selection: { tagStatus: "untagged", countType: "imageCountMoreThan", countNumber: 3 },
          action: { type: "expire" },
        },
      ],
    });
    await ecr.putLifecyclePolicy({ repositoryName: "shop/half", lifecyclePolicyText: own });
    await ensureRepository(session, "shop/half");
    expect((await ecr.getLifecyclePolicy({ repositoryName: "shop/half" })).lifecyclePolicyText).toBe(own);
  });

  test("what releases need is held, and let go when none does", async () => {
    await ensureRepository(session, "shop/kept");
    const one = await push("shop/kept", "one");
    const gone = `sha256:${"0".repeat(64)}`;
    expect(await keepImages(session, "shop/kept", [one, gone], "mine")).toEqual([gone]);
    expect(await keepImages(session, "shop/kept", [one], "mine")).toEqual([]);
    const kept = expect.stringMatching(new RegExp(`^fairway-kept-[0-9a-f]{12}-${one.slice(7, 47)}$`, "u")) as string;
    expect(await tagsOf("shop/kept")).toEqual([kept, "one"]);
    // Another installation that shares the repository lets go of its own only.
    await keepImages(session, "shop/kept", [one], "theirs");
    await keepImages(session, "shop/kept", [], "theirs");
    expect(await tagsOf("shop/kept")).toEqual([kept, "one"]);
    await keepImages(session, "shop/kept", [], "mine");
    expect(await tagsOf("shop/kept")).toEqual(["one"]);
  });

  test("findings of a scan fail from their severity on; without a scan one is asked for", async () => {
    await ensureRepository(session, "shop/scanned");
    await ecr.createRepository({ repositoryName: "shop/never", imageScanningConfiguration: { scanOnPush: false } });
    const digest = await push("shop/never", "one");
    expect(await scanCheck(session, { repository: "shop/never", digest })).toBeNull();
    const image = { repository: "shop/never", digest };
    const said = await scanCheck(session, image);
    expect(said?.verdict).toBe("failed");
    expect(said?.summary).toMatch(/high/u);
    expect((await scanCheck(session, image, "CRITICAL"))?.verdict).toBe("passed");
  });
});

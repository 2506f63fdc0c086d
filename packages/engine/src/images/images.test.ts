import type { MemoryRegistry } from "@fairway/conformance";
import { memoryRegistry } from "@fairway/conformance";
import type { Digest, ImageBuilder, Project, ProjectRegistry, Service } from "@fairway/core";
import { FairwayError, releaseId } from "@fairway/core";
import { beforeEach, describe, expect, test } from "vitest";
import { dataDirectory } from "../data-directory.ts";
import { attachProofs, bundleType, provenanceType, sbomType } from "./attach-proofs.ts";
import { verifyImage } from "./image-verification.ts";
import { pushServiceImage } from "./push-service-image.ts";
import type { RegistryParts } from "./registry-access.ts";
import { reusableBuilds } from "./reusable-builds.ts";

const registry: ProjectRegistry = { server: "registry.example/shop" };
const image = "registry.example/shop/api";
const project = (over: Partial<Project> = {}): Project => ({
  name: "shop",
  registry,
  services: [
    {
      name: "api",
      container: { image: null, dockerfile: "Dockerfile", context: ".", args: {}, port: null },
    } as Partial<Service> as Service,
  ],
  environments: [],
  ...over,
});
const nothing: Digest = `sha256:${"0".repeat(64)}`;

let memory: MemoryRegistry;
let parts: RegistryParts;
beforeEach(() => {
  memory = memoryRegistry();
  parts = { secrets: { lookUp: async () => ({}) }, openRegistry: memory.open };
});

/** A builder whose push brings something under the tag, or nothing, and says so or something else. */
const builder = (push: ImageBuilder["push"]): ImageBuilder => ({
  build: () => Promise.reject(new Error("not asked")),
  push,
  has: async (digest) => digest !== nothing,
  prune: async () => 0,
});

describe("what is read back after a push", () => {
  const pushed = (push: ImageBuilder["push"], built?: Digest): Promise<unknown> =>
    pushServiceImage(
      parts,
      { images: builder(push), registry, tell: () => undefined, signal: new AbortController().signal },
      { image, digest: built ?? memory.put("elsewhere", "same", "one") },
      "abc",
    );

  test("is what counts from then on", async () => {
    const found = await pushed(async () => memory.put("shop/api", "abc", "one"));
    expect(found).toMatchObject({ digest: memory.put("shop/api", "abc", "one") });
  });

  test.each([
    ["nothing", async (): Promise<null> => null, /nothing is there/],
    [
      "something else than the engine says",
      async (): Promise<Digest> => (memory.put("shop/api", "abc", "one"), nothing),
      /sha256:.* is there, and sha256:0+ was pushed/,
    ],
    [
      "another image",
      async (): Promise<null> => (memory.put("shop/api", "abc", "two"), null),
      /and sha256:.* was built/,
    ],
  ])("and is %s makes no release", async (_what, push, message) => {
    await expect(pushed(push)).rejects.toMatchObject({
      code: "artifact_damaged",
      retryable: true,
      message: expect.stringMatching(message) as string,
    });
  });
});

test("an engine that does not say why it could not push is not the last to be asked", async () => {
  const full: RegistryParts = {
    ...parts,
    openRegistry: (access) => ({
      ...memory.open(access),
      tryWriting: () => Promise.reject(new FairwayError("disk_full", "the registry has no room")),
    }),
  };
  const push = (): Promise<never> => Promise.reject(new FairwayError("registry_unavailable", "received a 500"));
  const pushing = { images: builder(push), registry, tell: () => undefined, signal: new AbortController().signal };
  await expect(pushServiceImage(full, pushing, { image, digest: nothing }, "abc")).rejects.toMatchObject({
    code: "disk_full",
  });
  await expect(pushServiceImage(parts, pushing, { image, digest: nothing }, "abc")).rejects.toMatchObject({
    code: "registry_unavailable",
  });
});

describe("what was built before", () => {
  const known = (artifact: Digest, where = image) =>
    new Map([["api", { artifact, image: where, builtIn: releaseId(1) }]]);
  const looked = (artifact: Digest, where?: string, over?: Partial<Project>): ReturnType<typeof reusableBuilds> =>
    reusableBuilds(
      { ...parts, data: dataDirectory("/nowhere"), images: builder(async () => null) },
      project(over),
      known(artifact, where),
    );

  test("is taken over while the registry has it whole", async () => {
    const { reusable, lost } = await looked(memory.put("shop/api", "one"));
    expect([[...reusable.keys()], lost.size]).toEqual([["api"], 0]);
  });

  test.each([
    ["the registry has lost it", nothing, image, undefined, /does not have .* any more/],
    [
      "the project has another registry now",
      nothing,
      "old.example/shop/api",
      undefined,
      /belongs into registry\.example\/shop\/api/,
    ],
    ["the project has no registry any more", nothing, image, { registry: undefined }, /no registry any more/],
    [
      "the engine has lost it",
      nothing,
      "localhost/fairway/shop/api",
      { registry: undefined },
      /engine does not have .* any more/,
    ],
  ])("is built again when %s, and why is said", async (_why, artifact, where, over, reason) => {
    const { reusable, lost } = await looked(artifact, where, over);
    expect(reusable.size).toBe(0);
    expect(lost.get("api")).toMatch(reason);
  });
});

describe("verifying an image", () => {
  const away: RegistryParts = {
    secrets: { lookUp: async () => ({}) },
    openRegistry: (access) => ({
      ...memory.open(access),
      inspect: () =>
        Promise.reject(new FairwayError("registry_unavailable", "it does not answer", { retryable: true })),
    }),
  };

  test("tells of a tag that names something else, and that the digest runs", async () => {
    const artifact = memory.put("shop/api", "abc", "one");
    expect(await verifyImage(parts, registry, { image, artifact, tag: "abc" }, { deep: false })).toEqual({
      ok: true,
      detail: `${image}@${artifact}`,
    });
    const other = memory.put("shop/api", "abc", "two");
    expect(await verifyImage(parts, registry, { image, artifact, tag: "abc" }, { deep: false })).toEqual({
      ok: true,
      note: true,
      detail: `the tag ${image}:abc names ${other} now; what runs is ${artifact}`,
    });
  });

  test("whose registry is away is noted by hand, and waited for before a deployment", async () => {
    const part = { image, artifact: nothing };
    expect(await verifyImage(away, registry, part, { deep: true })).toMatchObject({ ok: true, note: true });
    await expect(verifyImage(away, registry, part, { deep: false })).rejects.toMatchObject({
      code: "registry_unavailable",
    });
  });

  test("that is of no registry of ours is noted, and one that is gone is refused", async () => {
    expect(await verifyImage(parts, undefined, { image, artifact: nothing }, { deep: true })).toMatchObject({
      note: true,
    });
    expect(await verifyImage(parts, registry, { image, artifact: nothing }, { deep: true })).toMatchObject({
      ok: false,
    });
  });
});

test("proofs are kept beside images that were built now, once, and not beside those taken over", async () => {
  const built = memory.put("shop/api", "one");
  const taken = memory.put("shop/web", "one");
  const made = {
    project: project(),
    parts: [
      { service: "api", artifact: built, inputs: "", takenFrom: null, image, sbom: nothing },
      { service: "web", artifact: taken, inputs: "", takenFrom: releaseId(1), image: "registry.example/shop/web" },
    ],
  };
  const envelope = { payloadType: "t", payload: "p", signatures: [] };
  const keyless = { bundle: "{}", trustedRoot: "{}" };
  for (let time = 0; time < 2; time++)
    await attachProofs({ ...parts, documentOf: async () => "{}" }, made, { envelope, keyless });
  const opened = memory.open({ host: "", insecure: false, ca: null, login: null });
  expect((await opened.attachments("shop/api", built)).map(({ artifactType }) => artifactType)).toEqual([
    sbomType,
    provenanceType,
    bundleType,
  ]);
  expect(await opened.attachments("shop/web", taken)).toEqual([]);
});

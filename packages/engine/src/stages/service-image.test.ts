import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { memoryRegistry } from "@fairway/conformance";
import type { ImageBuilder, Service, ServiceContainer, WantedImage } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import { expect, onTestFinished, test } from "vitest";
import { dataDirectory } from "../data-directory.ts";
import type { Attempt } from "../runs/stage.ts";
import type { ServiceJobInput } from "./release-run.ts";
import type { ServiceImage } from "./service-image.ts";
import { serviceImage } from "./service-image.ts";

const about: ServiceJobInput = {
  service: { name: "Api", path: "api" } as Service,
  revision: {
    sha: "c".repeat(40),
    short: "ccccccc",
    subject: "s",
    author: "a",
    committedAt: "2026-11-22T00:00:00Z",
    ref: null,
  },
  check: null,
  registry: { server: "registry.example/shop" },
};
const container: ServiceContainer = {
  image: null,
  dockerfile: "Dockerfile",
  context: ".",
  args: { BASE: "b" },
  port: null,
};

/** Builds nothing: what it pushes is as many bytes as its tag is long. */
function imagesOf(about_: ServiceJobInput, over: Partial<ServiceContainer> = {}, fails?: FairwayError) {
  const memory = memoryRegistry();
  const root = mkdtempSync(join(tmpdir(), "fairway-image-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const wanted: WantedImage[] = [];
  const images: ImageBuilder = {
    build: async (what, tell) => {
      wanted.push(what);
      tell("STEP 1/1: FROM scratch");
      if (fails) throw fails;
      const digest = memory.put("built", what.tag, what.tag);
      return { image: what.image ?? "localhost/fairway/shop/api", digest };
    },
    push: async ({ image, tag }) => memory.put(image.slice("registry.example/".length), tag, tag),
    has: async () => true,
    prune: async () => 0,
  };
  const parts = {
    data: dataDirectory(root),
    images,
    secrets: { lookUp: async () => ({}) },
    openRegistry: memory.open,
    source: async () => "https://git.example/acme/shop",
  };
  const attempt = {
    id: "run-1/build:api/1",
    run: "run-1",
    job: "build:api",
    signal: new AbortController().signal,
    progress: () => undefined,
  } as unknown as Attempt;
  const log = (): string => readFileSync(join(parts.data.step(attempt.id, "image"), "log"), "utf8");
  const made = (): ReturnType<typeof serviceImage> => serviceImage(parts, attempt, about_, { ...container, ...over });
  return { made, memory, wanted, log };
}

test("an image says of which commit it is, and is named by the registry's digest", async () => {
  const { made, memory, wanted, log } = imagesOf(about);
  const digest = memory.put("any", "any", "ccccccc");
  expect(await made()).toEqual({ image: "registry.example/shop/api", digest, tag: "ccccccc" } satisfies ServiceImage);
  expect(wanted[0]).toMatchObject({
    args: { GIT_SHA: about.revision.sha, BASE: "b" },
    labels: {
      "org.opencontainers.image.revision": about.revision.sha,
      "org.opencontainers.image.created": "2026-11-22T00:00:00Z",
      "org.opencontainers.image.version": "ccccccc",
      "org.opencontainers.image.source": "https://git.example/acme/shop",
    },
  });
  expect(log()).toBe("STEP 1/1: FROM scratch\n");
});

test("without a registry it stays on the machine", async () => {
  const { made, memory } = imagesOf({ ...about, registry: undefined });
  const digest = memory.put("any", "any", "ccccccc");
  expect(await made()).toEqual({ image: "localhost/fairway/shop/api", digest });
});

test("several platforms are built one by one and become one image under the commit", async () => {
  const { made, memory, wanted } = imagesOf(about, { platforms: ["linux/amd64", "linux/arm64/v8"] });
  const image = await made();
  expect(wanted.map(({ platform, tag }) => `${platform} ${tag}`)).toEqual([
    "linux/amd64 ccccccc-linux-amd64",
    "linux/arm64/v8 ccccccc-linux-arm64-v8",
  ]);
  const opened = memory.open({ host: "", insecure: false, ca: null, login: null });
  expect(image).toEqual({
    image: "registry.example/shop/api",
    digest: await opened.digestOf("shop/api", "ccccccc"),
    tag: "ccccccc",
  });
});

test("a Dockerfile that is wrong is an answer, and a full disk is none", async () => {
  const wrong = imagesOf(about, {}, new FairwayError("command_failed", "Dockerfile:3: the image cannot be built"));
  expect(await wrong.made()).toEqual({ refused: "Dockerfile:3: the image cannot be built" });
  expect(wrong.log()).toContain("STEP 1/1");
  await expect(imagesOf(about, {}, new FairwayError("disk_full", "no room")).made()).rejects.toMatchObject({
    code: "disk_full",
  });
});

import { appendFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Descriptor, Digest, ImageBuilder, ServiceContainer, WantedImage } from "@fairway/core";
import { codeOf, imageInRegistry, messageOf } from "@fairway/core";
import type { DataDirectory } from "../data-directory.ts";
import { pushServiceImage } from "../images/push-service-image.ts";
import type { RegistryParts } from "../images/registry-access.ts";
import { openedImage } from "../images/registry-access.ts";
import type { Attempt } from "../runs/stage.ts";
import type { ServiceJobInput } from "./release-run.ts";
import { tryAgain } from "./try-again.ts";

/** Why a service that runs in a container cannot be built. */
export const noEngine = (service: string): string =>
  `${service} runs in a container, and no container engine is configured: fairway up --container-engine auto`;

/** What the image of a service is built with. */
export interface ServiceImageParts extends RegistryParts {
  readonly data: DataDirectory;
  readonly images?: ImageBuilder | undefined;
  /** Where the commits come from, for the image to say so. */
  readonly source: () => Promise<string>;
}

/** An image as a release names it. */
export interface ServiceImage {
  readonly image: string;
  readonly digest: Digest;
  /** Under which it was pushed; absent for one that stays on this machine. */
  readonly tag?: string;
}

/**
 * Builds the image of a service from its checkout and sends it to the project's registry, where there is one. What is
 * wrong with the Dockerfile is an answer; what build and push said is in the step's log.
 */
export async function serviceImage(
  parts: ServiceImageParts,
  attempt: Attempt,
  about: ServiceJobInput,
  container: ServiceContainer,
): Promise<ServiceImage | { readonly refused: string }> {
  const { data, images } = parts;
  const { service, revision, registry } = about;
  if (images === undefined) return { refused: noEngine(service.name) };
  const said: string[] = [];
  const tell = (line: string): void => void said.push(line);
  const wanted = wantedImage(parts, attempt, about, container, await parts.source());
  const build = (platform: string | null, tag: string): ReturnType<ImageBuilder["build"]> => {
    attempt.progress(platform === null ? "building the image" : `building the image for ${platform}`);
    return images.build({ ...wanted, platform, tag }, tell, attempt.signal);
  };
  const push = async (platform: string | null, tag: string): Promise<Descriptor & { readonly image: string }> => {
    const built = await build(platform, tag);
    if (registry === undefined) return { ...built, mediaType: "", size: 0 };
    attempt.progress(`pushing ${built.image}:${tag}`);
    const pushing = { images, registry, tell, signal: attempt.signal };
    const pushed = await tryAgain(attempt, () => pushServiceImage(parts, pushing, built, tag));
    return { ...pushed, image: built.image };
  };
  try {
    const [platform = null, ...more] = container.platforms ?? [];
    if (registry === undefined || more.length === 0) {
      const { image, digest } = await push(platform, revision.short);
      return { image, digest, ...(registry === undefined ? {} : { tag: revision.short }) };
    }
    const each: Descriptor[] = [];
    // One after another: the engine uses all processors for one already.
    for (const one of [platform ?? "", ...more]) {
      const [os = "", architecture = "", variant] = one.split("/");
      const { mediaType, digest, size } = await push(one, `${revision.short}-${one.replaceAll("/", "-")}`);
      each.push({ mediaType, digest, size, platform: { os, architecture, ...(variant && { variant }) } });
    }
    const image = imageInRegistry(registry, service.name);
    const opened = await openedImage(parts, registry, image);
    return {
      image,
      digest: await tryAgain(attempt, () => opened.registry.gather(opened.repository, revision.short, each)),
      tag: revision.short,
    };
  } catch (thrown) {
    if (codeOf(thrown) === "command_failed") return { refused: withHint(thrown) };
    throw thrown;
  } finally {
    const folder = data.step(attempt.id, "image");
    await mkdir(folder, { recursive: true });
    await appendFile(join(folder, "log"), said.map((line) => `${line}\n`).join(""));
  }
}

/** What was said, and what can be done about it. */
function withHint(thrown: unknown): string {
  const { hint } = thrown as { readonly hint?: string };
  return hint === undefined ? messageOf(thrown) : `${messageOf(thrown)}. ${hint}`;
}

/** What is built, but for the platform. Anybody can read in the image of which commit it is. */
function wantedImage(
  { data }: ServiceImageParts,
  attempt: Attempt,
  { service, revision, registry }: ServiceJobInput,
  { context, dockerfile, args }: ServiceContainer,
  source: string,
): Omit<WantedImage, "platform" | "tag"> {
  return {
    service: service.name,
    image: registry === undefined ? null : imageInRegistry(registry, service.name),
    context: join(data.workspace(attempt.run, service.name), service.path, context),
    dockerfile,
    args: { GIT_SHA: revision.sha, ...args },
    labels: {
      "org.opencontainers.image.revision": revision.sha,
      "org.opencontainers.image.created": revision.committedAt,
      "org.opencontainers.image.version": revision.short,
      "org.opencontainers.image.title": service.name,
      "org.opencontainers.image.source": source,
    },
  };
}

import type { Digest, ImageBuilder, ProjectRegistry, ReleasePart } from "@fairway/core";
import { codeOf, isInRegistry, messageOf } from "@fairway/core";
import type { OpenedImage, RegistryParts } from "./registry-access.ts";
import { openedImage } from "./registry-access.ts";

/** What was found of an image. With `note` nothing is wrong, and somebody should know. */
export interface ImageFinding {
  readonly ok: boolean;
  readonly detail: string;
  readonly note?: true;
}

/** How an image is looked at: `deep` reads every byte; `offline` makes a registry that is away a note. */
export interface ImageLook {
  readonly deep: boolean;
}

/** Where images are looked at. */
export interface ImageVerificationParts extends RegistryParts {
  readonly images?: ImageBuilder | undefined;
}

/** Whether the image of a part has the bytes of its digest where it is kept, and whether its tag still names it. */
export async function verifyImage(
  parts: ImageVerificationParts,
  registry: ProjectRegistry | undefined,
  { image = "", artifact, tag }: Pick<ReleasePart, "image" | "artifact" | "tag">,
  { deep }: ImageLook,
): Promise<ImageFinding> {
  const name = `${image}@${artifact}`;
  if (image.startsWith("localhost/")) return verifyLocal(parts, name, artifact);
  if (!isInRegistry(registry, image))
    return note(`${name} was not looked at: it is in no registry that the project names`);
  try {
    const opened = await openedImage(parts, registry, image);
    const state = await opened.registry.inspect(opened.repository, artifact, { deep });
    switch (state.kind) {
      case "gone":
        return { ok: false, detail: `the registry does not have ${name} any more` };
      case "damaged":
        return { ok: false, detail: `${name}: ${state.problems.join("; ")}` };
      case "whole":
        return (await movedTag(opened, image, artifact, tag)) ?? { ok: true, detail: name };
    }
  } catch (thrown) {
    if (!deep || !isAway(thrown)) throw thrown;
    // Whoever asks by hand wants to know what can be known; a deployment waits for the registry instead.
    return note(`${name} was not looked at: ${messageOf(thrown)}`);
  }
}

async function verifyLocal({ images }: ImageVerificationParts, name: string, digest: Digest): Promise<ImageFinding> {
  if (images === undefined) return note(`${name} was not looked at: no container engine is configured`);
  return (await images.has(digest))
    ? { ok: true, detail: name }
    : { ok: false, detail: `the container engine does not have ${name} any more` };
}

async function movedTag(
  { registry, repository }: OpenedImage,
  image: string,
  digest: Digest,
  tag?: string,
): Promise<ImageFinding | null> {
  if (tag === undefined) return null;
  const now = await registry.digestOf(repository, tag);
  if (now === digest) return null;
  const where = now === null ? `is gone from the registry` : `names ${now} now`;
  return note(`the tag ${image}:${tag} ${where}; what runs is ${digest}`);
}

const isAway = (thrown: unknown): boolean =>
  codeOf(thrown) === "registry_unavailable" ||
  codeOf(thrown) === "deadline_passed" ||
  codeOf(thrown) === "secret_missing";

const note = (detail: string): ImageFinding => ({ ok: true, detail, note: true });

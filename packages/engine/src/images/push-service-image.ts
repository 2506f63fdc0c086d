import type { BuiltImage, Descriptor, Digest, ImageBuilder, ProjectRegistry, StopSignal } from "@fairway/core";
import { FairwayError, codeOf } from "@fairway/core";
import type { OpenedImage, RegistryParts } from "./registry-access.ts";
import { openedImage } from "./registry-access.ts";

/** What was built, and the registry that it goes to. */
export interface Pushing {
  readonly images: ImageBuilder;
  readonly registry: ProjectRegistry;
  readonly tell: (line: string) => void;
  readonly signal: StopSignal;
}

/**
 * Sends a built image to the project's registry and reads back, from the registry itself, by which digest it is pulled from
 * now on. May be repeated. Throws as an `ImageRegistry` does; `artifact_damaged` when the registry has something else.
 */
export async function pushServiceImage(
  parts: RegistryParts,
  { images, registry, tell, signal }: Pushing,
  built: BuiltImage,
  tag: string,
): Promise<Descriptor> {
  const opened = await openedImage(parts, registry, built.image);
  const said = await images
    .push({ image: built.image, tag }, opened.access, tell, signal)
    .catch(async (thrown: unknown) => {
      // The engine knows that it was a 500; the registry says why.
      if (codeOf(thrown) === "registry_unavailable") await opened.registry.tryWriting(opened.repository);
      throw thrown;
    });
  return readBack(opened, built, tag, said);
}

async function readBack(
  { registry, repository }: OpenedImage,
  built: BuiltImage,
  tag: string,
  said: Digest | null,
): Promise<Descriptor> {
  const name = `${built.image}:${tag}`;
  const digest = await registry.digestOf(repository, tag);
  if (digest === null) throw otherImage(name, "nothing is there", `${built.digest} was pushed`);
  if (said !== null && said !== digest) throw otherImage(name, `${digest} is there`, `${said} was pushed`);
  const state = await registry.inspect(repository, digest);
  switch (state.kind) {
    case "gone":
      throw otherImage(name, `${digest} went away`, "was just pushed");
    case "damaged":
      throw otherImage(name, state.problems.join("; "), "was just pushed");
    case "whole":
      // Podman knows an image by its configuration, as Docker did; newer Dockers know it by its manifest.
      if (state.configuration !== built.digest && digest !== built.digest)
        throw otherImage(
          name,
          `an image with the configuration ${state.configuration ?? "of several"} is there`,
          `${built.digest} was built`,
        );
      return state.manifest;
  }
}

const otherImage = (name: string, found: string, expected: string): FairwayError =>
  new FairwayError("artifact_damaged", `${name} is not in the registry as it was pushed: ${found}, and ${expected}`, {
    hint: "Does somebody else push under this name? Nothing was released; make the release again.",
    retryable: true,
  });

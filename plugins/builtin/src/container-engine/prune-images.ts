import type { Digest } from "@fairway/core";
import type { ContainerEngine } from "./container-engine.ts";
import { digestOfId } from "./engine-digest.ts";

/** What marks an image as built by one daemon, so that another's are never taken away. */
export const builderLabel = "dev.fairway.builder";

/**
 * Takes away the images that a builder made, but for those of these digests (the engine's own or a registry's) and those
 * that containers are of. Answers with how many went.
 */
export async function pruneImages(
  engine: ContainerEngine,
  builder: string,
  keep: ReadonlySet<Digest>,
): Promise<number> {
  const made = await engine.call("list the images", async (docker) =>
    docker.listImages({ filters: { label: [`${builderLabel}=${builder}`] } }),
  );
  const known = ({ Id, RepoDigests }: (typeof made)[number]): readonly (Digest | null)[] => [
    digestOfId(Id),
    // Some engines write null for none.
    ...((RepoDigests as readonly string[] | null) ?? []).map((name) => digestOfId(name.slice(name.indexOf("@") + 1))),
  ];
  let gone = 0;
  for (const image of made) {
    if (known(image).some((digest) => digest !== null && keep.has(digest))) continue;
    if (await removeImage(engine, image.Id, image.RepoTags ?? [])) gone += 1;
  }
  return gone;
}

/**
 * False when a container is of it. By its names, of which each is taken away: an image with two is not taken away by its id.
 */
async function removeImage(engine: ContainerEngine, id: string, tags: readonly string[]): Promise<boolean> {
  const names = tags.filter((tag) => !tag.startsWith("<none>"));
  for (const name of names.length > 0 ? names : [id]) {
    const went = await engine.call<boolean>(
      `take the image ${name} away`,
      async (docker) => {
        await docker.getImage(name).remove();
        return true;
      },
      { 404: () => true, 409: () => false },
    );
    if (!went) return false;
  }
  return true;
}

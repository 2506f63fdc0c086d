import type { BuiltImage, Digest, ImageBuilder } from "@fairway/core";
import { FairwayError, messageOf } from "@fairway/core";
import { buildImage } from "./container-engine/build-image.ts";
import type { ContainerEngine } from "./container-engine/container-engine.ts";
import { digestOfId } from "./container-engine/engine-digest.ts";
import { hasImage } from "./container-engine/images.ts";
import { builderLabel, pruneImages } from "./container-engine/prune-images.ts";
import { pushImage } from "./container-engine/push-image.ts";

/** Where images of this machine's engine are kept. */
export interface EngineImagesOptions {
  readonly engine: ContainerEngine;
  /** Tells the images of one daemon's services from another's, in their names. */
  readonly project: string;
  /** The same, where only its own images may be taken away: no other daemon has it. */
  readonly id: string;
}

/** Builds images and keeps them in the engine of this machine, where its own containers are started from. */
export function imageBuilder({ engine, project, id }: EngineImagesOptions): ImageBuilder {
  /** Of runs that have not ended, perhaps: no release names them yet. */
  const builtHere = new Set<Digest>();
  return {
    async build({ service, image: wanted, tag, labels, ...build }, tell, signal): Promise<BuiltImage> {
      const image = wanted ?? `localhost/fairway/${project}/${service}`;
      const name = `${image}:${tag}`;
      const what = { ...build, tag: name, labels: { ...labels, [builderLabel]: id } };
      const built = async (afresh: boolean): Promise<{ readonly Id: string; readonly platform: string }> => {
        await buildImage(engine, { ...what, afresh }, tell, signal);
        const found = await engine.call(`look at the image of ${service}`, async (docker) =>
          docker.getImage(name).inspect(),
        );
        return { Id: found.Id, platform: `${found.Os}/${found.Architecture}` };
      };
      let { Id, platform } = await built(false).catch((thrown: unknown) => {
        // Somebody has taken an image away while Podman looked whether it could be of use.
        if (/checking if cached image exists.*not known/s.test(messageOf(thrown))) return built(true);
        throw thrown;
      });
      // Podman takes a step from its cache that was built for another platform.
      if (!isPlatform(platform, build.platform)) ({ Id, platform } = await built(true));
      if (!isPlatform(platform, build.platform))
        throw new FairwayError("command_failed", `the engine builds for ${platform}, and not for ${build.platform}`);
      const digest = digestOfId(Id);
      if (digest === null)
        throw new FairwayError("internal", `the engine gave the image of ${service} no digest: ${Id}`);
      builtHere.add(digest);
      return { image, digest };
    },
    push: (name, access, tell, signal) => pushImage(engine, name, access, tell, signal),
    has: (digest) => hasImage(engine, digest),
    prune: (keep) => pruneImages(engine, id, new Set([...keep, ...builtHere])),
  };
}

/** Whether something was built for what was wanted; the variant of a processor is the engine's affair. */
export const isPlatform = (built: string, wanted: string | null): boolean =>
  wanted === null || wanted.split("/").slice(0, 2).join("/") === built;

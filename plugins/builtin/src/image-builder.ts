import type { BuiltImage, Digest, ImageBuilder } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import { buildImage } from "./container-engine/build-image.ts";
import type { ContainerEngine } from "./container-engine/container-engine.ts";

/** Where images of this machine's engine are kept. */
export interface EngineImagesOptions {
  readonly engine: ContainerEngine;
  /** Tells the images of one daemon's services from another's. */
  readonly project: string;
}

/** Builds images and keeps them in the engine of this machine, where its own containers are started from. */
export function imageBuilder({ engine, project }: EngineImagesOptions): ImageBuilder {
  return {
    async build({ service, tag, context, dockerfile, args, labels }, tell): Promise<BuiltImage> {
      const image = `localhost/fairway/${project}/${service}`;
      await buildImage(engine, { tag: `${image}:${tag}`, context, dockerfile, args, labels }, tell);
      const id = await engine.call(`look at the image of ${service}`, async (docker) =>
        docker.getImage(`${image}:${tag}`).inspect(),
      );
      const hex = /^(?:sha256:)?([0-9a-f]{64})$/.exec(id.Id)?.[1];
      if (hex === undefined)
        throw new FairwayError("internal", `the engine gave the image of ${service} no digest: ${id.Id}`);
      return { image, digest: `sha256:${hex}` satisfies Digest };
    },
  };
}

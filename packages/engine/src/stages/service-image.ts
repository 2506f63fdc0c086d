import { appendFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { BuiltImage, ImageBuilder, ServiceContainer } from "@fairway/core";
import { codeOf, messageOf } from "@fairway/core";
import type { DataDirectory } from "../data-directory.ts";
import type { Attempt } from "../runs/stage.ts";
import type { ServiceJobInput } from "./release-run.ts";

/** Why a service that runs in a container cannot be built. */
export const noEngine = (service: string): string =>
  `${service} runs in a container, and no container engine is configured: fairway up --container-engine auto`;

/** What the image of a service is built with. */
export interface ServiceImageParts {
  readonly data: DataDirectory;
  readonly images?: ImageBuilder | undefined;
}

/** Builds the image of a service from its checkout. What is wrong with the Dockerfile is an answer; what the build said is in the step's log. */
export async function serviceImage(
  { data, images }: ServiceImageParts,
  attempt: Attempt,
  { service, revision }: ServiceJobInput,
  { context, dockerfile, args }: ServiceContainer,
): Promise<BuiltImage | { readonly refused: string }> {
  if (images === undefined) return { refused: noEngine(service.name) };
  attempt.progress("building the image");
  const said: string[] = [];
  try {
    return await images.build(
      {
        service: service.name,
        tag: revision.short,
        context: join(data.workspace(attempt.run, service.name), service.path, context),
        dockerfile,
        args,
        labels: {
          "org.opencontainers.image.revision": revision.sha,
          "org.opencontainers.image.created": revision.committedAt,
          "org.opencontainers.image.version": revision.short,
          "org.opencontainers.image.title": service.name,
        },
      },
      (line) => void said.push(line),
    );
  } catch (thrown) {
    if (codeOf(thrown) === "command_failed") return { refused: messageOf(thrown) };
    throw thrown;
  } finally {
    const folder = data.step(attempt.id, "image");
    await mkdir(folder, { recursive: true });
    await appendFile(join(folder, "log"), said.map((line) => `${line}\n`).join(""));
  }
}

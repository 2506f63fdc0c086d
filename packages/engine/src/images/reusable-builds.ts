import { stat } from "node:fs/promises";
import type { ImageBuilder, Project, ProjectRegistry } from "@fairway/core";
import { imageInRegistry, pinnedImage, serviceOf } from "@fairway/core";
import { artifactDirectory } from "../artifacts/place-of.ts";
import type { DataDirectory } from "../data-directory.ts";
import type { ReleaseFacts, Reusable } from "../stages/release-run.ts";
import type { RegistryParts } from "./registry-access.ts";
import { openedImage } from "./registry-access.ts";

/** Where what was built before is looked for. */
export interface BuildsParts extends RegistryParts {
  readonly data: DataDirectory;
  readonly images?: ImageBuilder | undefined;
}

/**
 * What of earlier builds is still there: files in the data directory, images in the registry or the engine that they were
 * kept by. Throws when a registry cannot be asked: to build everything again for that would push to a place that is away.
 */
export async function reusableBuilds(
  parts: BuildsParts,
  project: Project,
  known: ReadonlyMap<string, Reusable>,
): Promise<Pick<ReleaseFacts, "reusable" | "lost">> {
  const looked = await Promise.all(
    [...known].map(async ([service, build]) => ({
      service,
      build,
      no: await obstacleTo(parts, project, service, build),
    })),
  );
  return {
    reusable: new Map(looked.flatMap(({ service, build, no }) => (no === null ? [[service, build] as const] : []))),
    lost: new Map(looked.flatMap(({ service, no }) => (no === null ? [] : [[service, no] as const]))),
  };
}

/** Why a build cannot be taken over, as a sentence; null when it can. */
async function obstacleTo(parts: BuildsParts, project: Project, name: string, build: Reusable): Promise<string | null> {
  const { image, artifact } = build;
  const container = serviceOf(project, name)?.container;
  if (image === undefined)
    return stat(artifactDirectory(artifact, parts.data.artifacts)).then(
      () => null,
      () => "its files are gone",
    );
  const pinned = container?.image === undefined || container.image === null ? null : pinnedImage(container.image);
  if (pinned !== null) return null;
  const { registry } = project;
  if (registry !== undefined) return obstacleInRegistry(parts, registry, imageInRegistry(registry, name), build, image);
  if (!image.startsWith("localhost/")) return `it is in ${image}, and the project has no registry any more`;
  return (await parts.images?.has(artifact)) === true
    ? null
    : `the container engine does not have ${artifact} any more`;
}

async function obstacleInRegistry(
  parts: RegistryParts,
  registry: ProjectRegistry,
  wanted: string,
  { artifact }: Reusable,
  image: string,
): Promise<string | null> {
  if (image !== wanted) return `it is in ${image}, and belongs into ${wanted}`;
  const opened = await openedImage(parts, registry, image);
  const state = await opened.registry.inspect(opened.repository, artifact);
  switch (state.kind) {
    case "whole":
      return null;
    case "gone":
      return `the registry does not have ${image}@${artifact} any more`;
    case "damaged":
      return `it is damaged in the registry: ${state.problems.join("; ")}`;
  }
}

import { join } from "node:path";
import type { Digest, PartMigrations, ServiceContainer } from "@fairway/core";
import { FairwayError, pinnedImage } from "@fairway/core";
import { storeArtifact } from "../artifacts/store-artifact.ts";
import type { Attempt, Outcome, Stage } from "../runs/stage.ts";
import type { ServiceJobInput } from "./release-run.ts";
import { asJson, triedJob } from "./release-run.ts";
import type { CommandParts } from "./step-command.ts";
import { runServiceCommand } from "./service-command.ts";
import type { ServiceImage, ServiceImageParts } from "./service-image.ts";
import { noEngine, serviceImage } from "./service-image.ts";
import type { TriedMigrations, TryMigrationsParts } from "../migrations/try-migrations.ts";

/** What a build job leaves for the release. */
export interface Built {
  readonly artifact: Digest;
  /** Where the image is kept, for a service that runs in a container: the artifact is its digest then. */
  readonly image?: string;
  /** Under which the image was pushed. */
  readonly tag?: string;
  /** Of the list of what the artifact is made of; null where nothing says so. */
  readonly sbom: Digest | null;
  /** Absent where the service has none. */
  readonly migrations?: PartMigrations;
}

/** Builds a service and keeps what it left under its digest. */
export function buildStage(parts: CommandParts & ServiceImageParts & Pick<TryMigrationsParts, "keepDocument">): Stage {
  return {
    name: "build",
    async run(attempt: Attempt): Promise<Outcome> {
      const about = attempt.input as unknown as ServiceJobInput;
      const { migrations } = about.service;
      if (migrations === undefined) return build(attempt, about);
      const tried = attempt.results.get(triedJob(about.service)) as unknown as TriedMigrations | undefined;
      if (tried === undefined)
        throw new FairwayError("internal", `nobody has read the migrations of ${about.service.name}`);
      const built = await build(attempt, about);
      if (built.outcome !== "succeeded") return built;
      const result = { ...(built.result as unknown as Built), migrations: tried.migrations };
      return { ...built, result: asJson(result), summary: `${built.summary ?? ""}; ${tried.note}` };
    },
  };

  async function build(attempt: Attempt, about: ServiceJobInput): Promise<Outcome> {
    const { service } = about;
    for (const [index, command] of service.build.commands.entries()) {
      const answer = await runServiceCommand(parts, attempt, `build-${index + 1}`, command, about);
      if (!answer.well) return { outcome: "failed", reason: answer.reason };
    }
    const { container } = service;
    if (container !== undefined) return buildOfContainer(attempt, about, container);
    attempt.progress("storing the artifact");
    const workspace = parts.data.workspace(attempt.run, service.name);
    const built = await attempt.step("store", async () => {
      const stored = await storeArtifact(join(workspace, service.path, service.build.output), parts.data.artifacts, {
        within: workspace,
      });
      return { artifact: stored.digest, sbom: await keepSbom(workspace, about) } satisfies Built;
    });
    return { outcome: "succeeded", result: built, summary: built.artifact };
  }

  async function buildOfContainer(
    attempt: Attempt,
    about: ServiceJobInput,
    container: ServiceContainer,
  ): Promise<Outcome> {
    const { service } = about;
    const workspace = parts.data.workspace(attempt.run, service.name);
    const pinned = container.image === null ? null : pinnedImage(container.image);
    if (pinned === null && parts.images === undefined) return { outcome: "failed", reason: noEngine(service.name) };
    const imageOf = async (): Promise<ServiceImage | { readonly refused: string }> =>
      pinned === null ? serviceImage(parts, attempt, about, container) : { image: pinned.name, digest: pinned.digest };
    const answer = await attempt.step("image", async () => {
      const [image, sbom] = await Promise.all([imageOf(), keepSbom(workspace, about)]);
      if ("refused" in image) return image;
      const { digest, ...where } = image;
      return { artifact: digest, ...where, sbom } satisfies Built;
    });
    if ("refused" in answer) return { outcome: "failed", reason: answer.refused };
    const summary = about.again === undefined ? answer.artifact : `${answer.artifact}; built again: ${about.again}`;
    return { outcome: "succeeded", result: answer, summary };
  }

  async function keepSbom(checkout: string, { service, revision }: ServiceJobInput): Promise<Digest | null> {
    // The library takes 60 ms to load, and most daemons that start build nothing.
    const { sbomOf } = await import("../sbom/sbom-of.ts");
    const folder = join(checkout, service.path);
    const list = await sbomOf({ service: service.name, version: revision.short, folder, checkout });
    return list === null ? null : parts.keepDocument(list);
  }
}

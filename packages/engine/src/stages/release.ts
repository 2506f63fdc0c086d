import { rm } from "node:fs/promises";
import type { Project, Quarantine, Release, ReleasePart, RunId } from "@fairway/core";
import { FairwayError, quarantineHint, quarantineSentence } from "@fairway/core";
import type { DataDirectory } from "../data-directory.ts";
import type { MakingFacts } from "../provenance/sign-release.ts";
import type { Attempt, Outcome, Stage } from "../runs/stage.ts";
import type { Built } from "./build.ts";
import type { ReleaseJobInput } from "./release-run.ts";
import { asJson, buildJob } from "./release-run.ts";
import type { NewRelease, Releases, SignedRelease } from "./releases.ts";
import { tryAgain } from "./try-again.ts";

export interface ReleaseParts {
  readonly data: DataDirectory;
  readonly releases: Releases;
  /** What keeps a release from being made; null when nothing does. */
  readonly quarantine: (made: Pick<NewRelease, "digest" | "manifest">) => Promise<Quarantine | null>;
  /** Puts a release under one digest and signs how it came to be. */
  readonly sign: (made: Omit<NewRelease, "digest" | "manifest">, making: MakingFacts) => Promise<SignedRelease>;
  /** Has it signed by who somebody is, where its project asks for that. May be repeated. */
  readonly signKeyless: (signed: SignedRelease) => Promise<SignedRelease>;
  /** Keeps what proves it beside its images in their registry. May be repeated. */
  readonly attach: (signed: SignedRelease) => Promise<void>;
  /**
   * Starts the deployment of a release to an environment; one for each release run and environment, however often it is asked.
   */
  readonly deployAutomatically: (
    release: Release,
    environment: string,
    run: RunId,
    requestedBy: string,
  ) => Promise<void>;
}

/** Puts the artifacts together under one digest, and sends the release on its way. */
export function releaseStage(parts: ReleaseParts): Stage {
  return {
    name: "release",
    async run(attempt: Attempt): Promise<Outcome> {
      const input = attempt.input as unknown as ReleaseJobInput;
      const { project, revision, leftOut } = input;
      const made = { project, revision, leftOut, parts: partsOf(attempt, input) };
      const release = (await attempt.step("release", async () => {
        const signed = await parts.sign(made, { run: attempt.run, requestedBy: input.requestedBy });
        const quarantine = await parts.quarantine(signed.release);
        if (quarantine) return { refused: refusal(quarantine) };
        // Before there is a release: where Sigstore or the registry stays away there is none, and a person tries again.
        const proven = await tryAgain(attempt, () => parts.signKeyless(signed));
        await tryAgain(attempt, () => parts.attach(proven));
        return asJson(await parts.releases.keep(attempt.run, proven));
      })) as unknown as Release | { readonly refused: string };
      if ("refused" in release) return { outcome: "failed", reason: release.refused };
      for (const environment of input.deploy ? automatic(project) : [])
        await attempt.step(`deploy to ${environment}`, async () => {
          await parts.deployAutomatically(release, environment, attempt.run, input.requestedBy);
          return null;
        });
      await rm(parts.data.workspaces(attempt.run), { recursive: true, force: true });
      return { outcome: "succeeded", result: { release: release.id }, summary: `${release.id} ${release.digest}` };
    },
  };
}

/** The same release once more, by the same commit, configuration, files and secrets, is no other. */
const refusal = (quarantine: Quarantine): string =>
  `${quarantineSentence(null, quarantine)}; ${quarantineHint(quarantine.release)}`;

const automatic = (project: Project): readonly string[] =>
  project.environments.filter(({ deploys }) => deploys === "automatically").map(({ name }) => name);

/** The parts in the project's order, each built now or taken over. */
function partsOf(attempt: Attempt, input: ReleaseJobInput): readonly ReleasePart[] {
  const leftOut = new Set(input.leftOut.map(({ service }) => service));
  const takenOver = new Map(input.takenOver.map((part) => [part.service, part]));
  return input.project.services
    .filter(({ name }) => !leftOut.has(name))
    .map(({ name }) => {
      const over = takenOver.get(name);
      if (over) return over;
      const built = attempt.results.get(buildJob(name)) as unknown as Built | undefined;
      const inputs = input.inputs[name];
      if (!built || !inputs) throw new FairwayError("internal", `${name} was neither built nor taken over`);
      return {
        service: name,
        artifact: built.artifact,
        inputs,
        takenFrom: null,
        ...(built.image === undefined ? {} : { image: built.image }),
        ...(built.tag === undefined ? {} : { tag: built.tag }),
        ...(built.sbom && { sbom: built.sbom }),
        ...(built.migrations && { migrations: built.migrations }),
      };
    });
}
